# Videos: bad input, and real clips where the recordings are: every clip runs, labels never reach the tracker.
. tests/cli/lib.sh "$1"

printf 'no video\n' >"$work/a.mp4"
expect 2 skyvox run "$work/a.mp4" -o "$work/o"
if grep -q 'this build has no video support' "$work/stderr"; then
    expect_line 'install libavformat-dev'
    finish
fi
expect_line 'a.mp4: cannot be opened as a video'
[ -e "$work/o" ] && fail "bad input left an output folder"
expect 2 skyvox run "$work/absent.mp4" -o "$work/o"
expect_line 'absent.mp4: cannot be opened'
expect 2 skyvox run "$work/a.mp4" --seed 1
expect_line '--seed is for scenarios'
expect 2 skyvox run "$small" --labels x.csv
expect_line '--labels and --times are for a single video'
mkdir -p "$work/empty/clips"
expect 2 skyvox run "$work/empty" -o "$work/o"
expect_line 'no video in this folder'

# Sizes: the least that works, odd ones, one frame, 10 bit; a smaller one is named. Frames of grey 60 with two bright pixels that move.
# file, width, height, frames, colour space, bytes per sample
clip() {
    awk -v w="$2" -v h="$3" -v n="$4" -v bytes="$6" -v format="$5" 'BEGIN {
        printf "YUV4MPEG2 W%d H%d F30:1 Ip A1:1 C%s\n", w, h, format
        n_px = w * h + (format ~ /^mono/ ? 0 : 2 * int((w + 1) / 2) * int((h + 1) / 2))
        for (f = 0; f < n; f++) {
            printf "FRAME\n"
            bright = int(h / 2) * w + 3 + f % (w - 4)
            for (i = 0; i < n_px; i++)
                printf bytes == 2 ? "%c\1" : "%c", i == bright || i == bright + 1 ? 120 : 60 + i % 3
        }
    }' >"$work/$1.y4m"
}
clip least 16 16 40 420jpeg 1
clip odd 33 17 40 420jpeg 1
clip single 33 17 1 420jpeg 1
clip grey 33 17 40 mono 1
clip deep 33 17 40 420p10 2
for name in least odd single grey deep; do
    expect 0 skyvox run "$work/$name.y4m" -o "$work/$name" --quiet --no-timing
    awk -F, 'NR > 1 { for (i = 1; i <= NF; i++) if ($i ~ /nan|inf/) bad = 1 } END { exit bad || NR == 0 }' \
        "$work/$name/tracks2d.csv" || fail "$name: tracks2d.csv is empty or has no numbers"
done
clip small 17 9 40 420jpeg 1
expect 2 skyvox run "$work/small.y4m" -o "$work/o"
expect_line 'small.y4m: image2d: 17 x 9 px, expected 16 to 32000 each'
[ -e "$work/o" ] && fail "bad input left an output folder"

data=${SKYVOX_DATA:-$root/../shared/data}/drones-video
[ -d "$data" ] || { [ "$n_failed" -eq 0 ] && skip "no clips in $data (set SKYVOX_DATA)"; finish; }

# Two clips as a folder, with labels and without: the same tracks, on one thread and on two.
mkdir -p "$work/set/clips" "$work/set/labels" "$work/bare"
for clip in IR_DRONE_064 IR_DRONE_037; do
    ln -s "$(realpath "$data/clips/$clip.mp4")" "$work/set/clips/"
    cp "$data/labels/$clip.csv" "$work/set/labels/"
done
grep -E '^(clip|IR_DRONE_064|IR_DRONE_037),' "$data/index.csv" >"$work/set/index.csv"
expect 0 skyvox run "$work/set" -o "$work/two" --quiet --no-timing --threads 2
cp -r "$work/set/clips" "$work/bare/"
expect 0 skyvox run "$work/bare" -o "$work/stripped" --quiet --no-timing --threads 1 --check-ledger "$work/two/run.ledger"
cmp "$work/two/tracks2d.csv" "$work/stripped/tracks2d.csv" || fail "labels or threads change the tracks"
grep -q '"group": "static", "name": "all", "clips": 2' "$work/two/report.json" || fail "no sum over the static clips"
grep -o '"f1": [0-9.]*' "$work/two/report.json" | awk '$2 < 0.9 { bad = 1 } END { exit bad || NR == 0 }' ||
    fail "an F1 of an easy clip is below 0.9"
expect 0 skyvox run "$work/set/clips/IR_DRONE_064.mp4" --labels "$data/labels/IR_DRONE_064.csv" -o "$work/one" --no-timing
grep -q 'IR_DRONE_064' "$work/stdout" || fail "no table on the terminal"

# Bad side tables.
printf 'frame,x,y,w,h\n1,2,3,4\n' >"$work/set/labels/IR_DRONE_037.csv"
expect 2 skyvox run "$work/set" -o "$work/o"
expect_line 'IR_DRONE_037.csv: line 2: '
printf 'frame,x,y,w,h\n9000,2,3,4,4\n' >"$work/late.csv"
expect 2 skyvox run "$work/set/clips/IR_DRONE_064.mp4" --labels "$work/late.csv" -o "$work/o"
expect_line 'a label of frame 9000, but the video has 306 frames'
printf 'clip,class\nNOBODY,DRONE\n' >"$work/set/index.csv"
expect 2 skyvox run "$work/set" -o "$work/o"
expect_line 'index.csv: line 2: no clip is called NOBODY'
finish
