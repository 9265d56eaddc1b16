# A run from scenario to score: files, repeatability, ledger check, expectations.
. tests/cli/lib.sh "$1"

files="detections.csv errors.csv report.html report.json run.ledger tracks.csv truth.csv"
expect 0 skyvox run "$small" -o "$work/a/b/c" --no-timing
[ "$(cd "$work/a/b/c" && LC_ALL=C ls -A | tr '\n' ' ')" = "$files " ] || fail "files: $(ls -A "$work/a/b/c")"
grep -q 'report.html' "$work/stdout" || fail "the table does not say where the report is"
cp "$work/a/b/c/run.ledger" "$work/good.ledger"
[ "$(wc -l <"$work/good.ledger")" -ge 20 ] || fail "fewer than 20 frame sets"

# Every byte is the same for any number of threads.
for threads in 1 3; do
    expect 0 skyvox run "$small" -o "$work/again" --no-timing --quiet --threads $threads
    [ -s "$work/stdout" ] && fail "--quiet prints"
    for file in $files; do
        cmp -s "$work/again/$file" "$work/a/b/c/$file" || fail "$file differs with $threads threads"
    done
done

# --json prints report.json and nothing else.
expect 0 skyvox run "$small" -o "$work/again" --no-timing --json
cmp -s "$work/stdout" "$work/again/report.json" || fail "--json differs from report.json"
[ -s "$work/stderr" ] && fail "--json writes to standard error"

# The default folder is named after the scenario.
(cd "$work" && skyvox run "$small" --quiet) || fail "default output folder"
[ -f "$work/out/small/report.json" ] || fail "no out/small/report.json"

# Another seed, another visibility: the ledger names frame set and stage.
expect 0 skyvox run "$small" -o "$work/again" --quiet --check-ledger "$work/good.ledger"
expect 1 skyvox run "$small" -o "$work/again" --quiet --check-ledger "$work/good.ledger" --set environment.visibility_km=29.7
expect_line "ledger: frame set [0-9]+, stage (sync|detect|fuse|voxel|track) differs from $work/good.ledger"
expect 1 skyvox run "$small" -o "$work/again" --quiet --check-ledger "$work/good.ledger" --set targets.0.flight.speed_mps.1=15.15
expect_line "ledger: frame set [0-9]+, stage [a-z]+ differs from"
expect 1 skyvox run "$small" -o "$work/again" --quiet --check-ledger "$work/good.ledger" --seed 2
expect_line "ledger: frame set [0-9]+, stage [a-z]+ differs from"
head -n 7 "$work/good.ledger" >"$work/short.ledger"
expect 1 skyvox run "$small" -o "$work/again" --quiet --check-ledger "$work/short.ledger"
expect_line "ledger: frame set 7 is not in $work/short.ledger"
cp "$work/good.ledger" "$work/long.ledger"
tail -n 1 "$work/good.ledger" | sed 's/^[0-9]*/99/' >>"$work/long.ledger"
expect 1 skyvox run "$small" -o "$work/again" --quiet --check-ledger "$work/long.ledger"
expect_line "ledger: frame set 99 was not reached, it is in $work/long.ledger"
sed '4s/.$/x/' "$work/good.ledger" >"$work/bad.ledger"
expect 2 skyvox run "$small" -o "$work/again" --quiet --check-ledger "$work/bad.ledger"
expect_line "bad.ledger:4: expected a frame set number and five hashes"

# An expectation that cannot hold: exit 1 with a line, and the report is there all the same.
expect 1 skyvox run "$small" -o "$work/expect" --quiet --set expect.0.limit=1.5
expect_line "expect: held_fraction is .*, expected at least 1.5"
[ -f "$work/expect/report.html" ] || fail "no report after a failed expectation"

# A number without samples fails its expectation, too.
expect 1 skyvox run "$small" -o "$work/expect" --quiet --set targets.0.render=false --set distractors.0.render=false \
    --set expect.0.name=position_rmse_m --set expect.0.op=max
expect_line "expect: position_rmse_m has no samples, expected at most 0"
finish
