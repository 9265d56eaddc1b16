# What of the pixels is recorded: tiles and videos, what replays from them, what is said and what is refused.
. tests/cli/lib.sh "$1"

run() {
    skyvox run "$small" --set duration_s=0.34 "$@"
}

expect 0 run -o "$work/out" --no-timing --quiet

# Tiles: everything but pixels replays, and the tiles come back as images.
expect 0 run -o "$work/t" --record "$work/t.h5" --level tiles --check-ledger "$work/out/run.ledger"
grep -Eq 'recording .*t.h5 at about .* MB/s; .* GB free last .* h' "$work/stderr" || fail "no rate: $(cat "$work/stderr")"
for from in auto points; do
    expect 0 skyvox run "$work/t.h5" -o "$work/again" --quiet --from $from --check-ledger "$work/out/run.ledger"
    cmp -s "$work/out/tracks.csv" "$work/again/tracks.csv" || fail "tiles: tracks.csv differs from $from"
done
expect 2 skyvox run "$work/t.h5" -o "$work/again" --quiet --from pixels
expect_line "t.h5: level tiles keeps what stands out, not the pixels: replay from detections, bearings or points"
expect 0 skyvox verify "$work/t.h5"
grep -Eq ' [1-9][0-9]* chunks of tiles .* 0, 0 and 0 damaged' "$work/stdout" || fail "verify: $(cat "$work/stdout")"
expect 0 skyvox info "$work/t.h5"
grep -q "level tiles, version 2" "$work/stdout" || fail "info does not say the level"
grep -Eq "pixels: [0-9]+ tiles .* and 12 backgrounds .* of 60 frames .* x smaller; tables" "$work/stdout" || fail "info: $(grep pixels "$work/stdout")"
[ "$(wc -l <"$work/stdout")" -le 40 ] || fail "info is longer than a screen"
expect 0 skyvox export "$work/t.h5" -o "$work/png" --images --quiet
[ -f "$work/png/cam0_000007.png" ] || fail "export: no composed image"
expect 0 skyvox repair "$work/t.h5" "$work/t2.h5" --quiet
expect 0 skyvox export "$work/t2.h5" -o "$work/png2" --images --quiet
[ "$(fingerprint "$work/png")" = "$(fingerprint "$work/png2")" ] || fail "repair changed a tile"
expect 0 run -o "$work/t" --quiet --record "$work/t3.h5" --level tiles --key-seconds 0.2
skyvox info "$work/t3.h5" | grep -Eq "and (1[89]|2[0-9]) backgrounds" || fail "--key-seconds: $(skyvox info "$work/t3.h5" | grep pixels)"
if /usr/bin/python3 -c 'import h5py' 2>"$work/null"; then
    expect 0 /usr/bin/python3 examples/read_session.py "$work/t.h5"
    grep -q "camera 0: tiles of 8 frames, frame 9 composed" "$work/stdout" || fail "h5py reads: $(head -n 3 "$work/stdout")"
fi

# What does not go together.
expect 2 run -o "$work/x" --quiet --record "$work/x.h5" --level pixels
expect_line "--level pixels: expected frames, tiles, hevc or detections"
expect 2 run -o "$work/x" --quiet --record "$work/x.h5" --crf 10
expect_line "--crf 10: is for --level hevc"
expect 2 run -o "$work/x" --quiet --record "$work/x.h5" --level hevc --crf 52
expect_line "--crf 52: expected a whole number from 0 to 51"
expect 2 run -o "$work/x" --quiet --record "$work/x.h5" --key-seconds 3
expect_line "key-seconds: is for --level tiles"
expect 2 run -o "$work/x" --quiet --record "$work/x.h5" --level tiles --set emit=detections
expect_line "--level tiles: there are no pixels to keep in this run"
expect 2 run -o "$work/x" --quiet --level tiles
expect_line "--level, --crf, --key-seconds and --segment-bytes are for --record"
[ ! -e "$work/x.h5" ] || fail "a refused recording was begun"

# Videos.
run -o "$work/v" --record "$work/v.h5" --level hevc >"$work/stdout" 2>"$work/stderr"
if grep -q "this build has no video support" "$work/stderr"; then
    expect_line "level hevc: this build has no video support: install"
    expect 2 skyvox run tests/data/sessions/v2-hevc.h5 -o "$work/x" --quiet
    expect_line "its pixels are videos, and this build has no video support: replay from detections"
    finish
fi
[ "$(wc -l <"$work/stderr")" -eq 1 ] || fail "the encoder is not silent: $(cat "$work/stderr")"
for from in pixels bearings; do
    expect 0 skyvox run "$work/v.h5" -o "$work/again" --quiet --from $from --check-ledger "$work/out/run.ledger"
    cmp -s "$work/out/tracks.csv" "$work/again/tracks.csv" || fail "hevc: tracks.csv differs from $from"
done
expect 0 skyvox info "$work/v.h5"
grep -q "60 frames .* in lossless videos beside the session" "$work/stdout" || fail "info: $(grep pixels "$work/stdout")"
expect 0 skyvox verify "$work/v.h5"
expect 0 skyvox export "$work/v.h5" -o "$work/pngv" --images --quiet
skyvox render "$small" --set duration_s=0.34 -o "$work/png3" --cameras 1 --frames 7:8 >"$work/null" 2>&1
cmp -s "$work/png3/cam1_000007.png" "$work/pngv/cam1_000007.png" || fail "hevc: an image differs from render's"
expect 0 skyvox run "$work/v.cam0.hevc" --times "$work/v.cam0.csv" -o "$work/video" --quiet
expect 2 run -o "$work/x" --quiet --record "$work/x.h5" --level hevc --set rig.defaults.thermal.bit_depth=14
expect_line "camera 1 has 14 bit, HEVC takes at most 12"
[ ! -e "$work/x.h5" ] || fail "a refused recording was begun"

# Lossy: what survives is said before, kept, and said again.
expect 0 run -o "$work/l" --record "$work/l.h5" --level hevc --crf 10
[ "$(grep -Ec 'camera [0-5] at crf 10 keeps -?[0-9]+ % \(worst decile -?[0-9]+ %\) of the contrast' "$work/stderr")" -eq 6 ] ||
    fail "contrast: $(cat "$work/stderr")"
expect 0 skyvox info "$work/l.h5"
[ "$(grep -c 'lossy, crf 10' "$work/stdout")" -eq 6 ] || fail "info does not say what was lost"
expect 0 skyvox run "$work/l.h5" -o "$work/again"
grep -q "l.h5: lossy video: these are not the pixels that were seen" "$work/stderr" || fail "a lossy replay does not say so"
expect 0 skyvox run "$work/l.h5" -o "$work/again" --quiet --from detections --check-ledger "$work/out/run.ledger"
rm "$work/l.cam3.hevc"
expect 1 skyvox verify "$work/l.h5" --quiet
grep -q "l.cam3.hevc: No such file or directory: the pixels of camera 3 are missing" "$work/stderr" || fail "verify: $(head -n 2 "$work/stderr")"
finish
