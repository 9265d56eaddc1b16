# Record, replay from every stage, verify, repair, export, read with h5py; what a damaged session says.
. tests/cli/lib.sh "$1"

expect 0 skyvox run "$small" -o "$work/out" --no-timing --record "$work/s.h5"
grep -Eq 'recording .*s.h5 at about .* MB/s; .* GB free last .* h' "$work/stderr" || fail "no rate: $(cat "$work/stderr")"
expect 2 skyvox run "$small" -o "$work/out2" --quiet --record "$work/s.h5"
expect_line "s.h5: cannot create: it exists, and a recording is never overwritten"

# Every stage, one and two threads, and against the ledger of the run.
for from in pixels detections bearings points auto; do
    for threads in 1 2; do
        expect 0 skyvox run "$work/s.h5" -o "$work/again" --quiet --from $from --threads $threads --check-ledger "$work/out/run.ledger"
        cmp -s "$work/out/tracks.csv" "$work/again/tracks.csv" || fail "tracks.csv differs from $from"
        cmp -s "$work/out/truth.csv" "$work/again/truth.csv" || fail "truth.csv differs from $from"
    done
done

# Other settings are compared with nothing; a ledger of other settings is.
expect 0 skyvox run "$work/s.h5" -o "$work/again" --quiet --set pipeline.detect.snr_low=4.5
expect 2 skyvox run "$work/s.h5" -o "$work/again" --quiet --set seed=3
expect_line "only fields of pipeline can be set in a session"
expect 2 skyvox run "$work/s.h5" -o "$work/again" --quiet --from tracks
expect_line "--from tracks: expected auto, pixels, detections, bearings or points"
expect 2 skyvox run "$small" -o "$work/again" --quiet --from pixels
expect_line "are for sessions"
expect 0 skyvox run "$work/s.h5" -o "$work/again" --quiet --seek 0.3 --from bearings
begin=$(date +%s%N)
expect 0 skyvox run "$work/s.h5" -o "$work/again" --quiet --from points --speed 2
[ $((($(date +%s%N) - begin) / 1000000)) -ge 250 ] || fail "--speed 2 did not take its time"

# Segments, levels.
expect 0 skyvox run "$small" -o "$work/out3" --quiet --record "$work/seg.h5" --segment-bytes 2000000
[ -f "$work/seg.1.h5" ] || fail "no second segment"
expect 0 skyvox run "$work/seg.h5" -o "$work/again" --quiet --check-ledger "$work/out/run.ledger"
expect 0 skyvox run "$small" -o "$work/out4" --quiet --record "$work/det.h5" --level detections
[ "$(stat -c %s "$work/det.h5")" -lt 1500000 ] || fail "pixels in a session of detections"
expect 0 skyvox run "$work/det.h5" -o "$work/again" --quiet --check-ledger "$work/out/run.ledger"

# Info, export, verify, repair.
expect 0 skyvox info "$work/s.h5"
[ "$(wc -l <"$work/stdout")" -le 40 ] || fail "info is longer than a screen"
expect 0 skyvox info "$work/s.h5" --json
expect 0 skyvox export "$work/s.h5" -o "$work/csv" --images --quiet
for file in tracks.csv detections.csv truth.csv run.ledger; do
    cmp -s "$work/csv/$file" "$work/out/$file" || fail "export: $file differs from the run's"
done
skyvox render "$small" -o "$work/png" --cameras 0 --frames 3:4 >"$work/null" 2>&1
cmp -s "$work/png/cam0_000003.png" "$work/csv/cam0_000003.png" || fail "export: an image differs from render's"
expect 0 skyvox verify "$work/s.h5"

head -c $(($(stat -c %s "$work/s.h5") * 2 / 3)) "$work/s.h5" >"$work/torn.h5"
cp "$work/torn.h5" "$work/torn.copy"
expect 1 skyvox verify "$work/torn.h5" --quiet
# What the cut hits depends on how often the recorder flushed, every half second: the directory, the end, or rows of tables and frames.
grep -Eq "torn.h5: (its directory is damaged|the recording did not end well|.* (is cut off|are damaged|pixels damaged))" "$work/stderr" ||
    fail "the damage is not said: $(head -n 3 "$work/stderr")"
expect 0 skyvox repair "$work/torn.h5" "$work/clean.h5"
cmp -s "$work/torn.h5" "$work/torn.copy" || fail "repair changed the original"
expect 0 skyvox verify "$work/clean.h5"

if /usr/bin/python3 -c 'import h5py' 2>"$work/null"; then
    expect 0 /usr/bin/python3 examples/read_session.py "$work/s.h5"
    grep -q "camera 0: 20 frames of 320 x 240" "$work/stdout" || fail "h5py reads: $(head -n 2 "$work/stdout")"
else
    echo "skipped: h5py is not installed"
fi
finish
