# What a sweep refuses: bad seeds, grids and shards, and a folder that holds runs of something else.
. tests/cli/lib.sh "$1"
gate=$root/tests/cli/gate.json
out=$work/out

# refuse PATTERN ARGUMENT...: exit status 2 and one line, and nothing is made.
refuse() {
    local pattern=$1
    shift
    expect 2 skyvox sweep "$@" -o "$work/none"
    expect_line "$pattern"
    [ ! -e "$work/none" ] || fail "made a folder: sweep $*"
}
refuse "seeds A:B is missing" "$gate"
for seeds in 3 3: :3 3:3 4:3 -1:3 a:b 1:2:3 0:9007199254740993 0:2000000 1.5:3; do
    refuse "--seeds $seeds: " "$gate" --seeds "$seeds"
done
for shard in 0/2 3/2 1 1/ /2 1/0 a/b -1/2; do
    refuse "--shard $shard: expected i/n" "$gate" --seeds 0:2 --shard "$shard"
done
for grid in duration_s duration_s= =1 duration_s=1,,2 duration_s=1,2,1 duration_s=1, seed=1,2; do
    refuse "--grid $grid: " "$gate" --seeds 0:2 --grid "$grid"
done
refuse "--grid duration_s=3: found duration_s twice" "$gate" --seeds 0:2 --grid duration_s=1,2 --grid duration_s=3
refuse "durations: unknown key, .*'duration_s'.*durations=1" "$gate" --seeds 0:2 --grid durations=1
refuse "duration_s: found -1.*seed 0, duration_s=-1" "$gate" --seeds 0:2 --grid duration_s=1,-1
refuse "none.json: No such file" "$work/none.json" --seeds 0:2
refuse "found 1100000 runs" "$gate" --seeds 0:550000 --grid duration_s=1,2
mkdir "$work/points"
echo '{ "rate_hz": 10 }' >"$work/points/dataset.json"
printf 't_s,x_m,y_m,z_m\n0,1,2,3\n' >"$work/points/points.csv"
expect 2 skyvox sweep "$work/points" --seeds 0:2 -o "$work/none"
[ "$(wc -l <"$work/stderr")" -eq 1 ] || fail "a data set: $(cat "$work/stderr")"

# A grid with a value that has commas, and what the tables say.
expect 0 skyvox sweep "$gate" --seeds 0:2 --grid 'targets.0.size_m=[0.3,0.4],[0.4,0.5]' --grid duration_s=1,2 -o "$out" --quiet
[ "$(wc -l <"$out/sweep.csv")" -eq 9 ] || fail "2 x 2 points of 2 seeds are not 8 rows"
head -n 2 "$out/sweep.csv" | tail -n 1 | grep -q '^0,"\[0.3,0.4\]",1,' || fail "first row: $(head -n 2 "$out/sweep.csv")"
grep -q '<svg' "$out/sweep.html" || fail "no chart in sweep.html"
grep -q 'Operating curve' "$out/sweep.html" || fail "no operating curve in sweep.html"
! grep -Eq '<script|https?://' "$out/sweep.html" || fail "sweep.html has a script or a link to the network"

# Runs of something else in the folder.
out=$work/one
expect 0 skyvox sweep "$gate" --seeds 0:3 -o "$out" --quiet
cp "$out/sweep.csv" "$work/one.csv"
before=$(fingerprint "$out")
# other PATTERN SCENARIO [ARGUMENT ...]
other() {
    local pattern=$1
    shift
    expect 2 skyvox sweep "$@" -o "$out"
    expect_line "$pattern"
    [ "$(fingerprint "$out")" = "$before" ] || fail "a refused sweep changed the folder: $*"
}
other "seed-0.json: a run with other --set assignments: use another folder" "$gate" --seeds 0:3 --set duration_s=3
other "seed-0.json: a run with other --set" "$gate" --seeds 5:8 --set duration_s=3
sed 's/"count": 4/"count": 5/' "$gate" >"$work/gate.json"
other "seed-0.json: 'gate' has changed since this run" "$work/gate.json" --seeds 0:3
sed 's/"name": "gate"/"name": "wicket"/' "$gate" >"$work/gate.json"
other "seed-0.json: a run of 'gate', expected 'wicket'" "$work/gate.json" --seeds 0:3
# Another layout of the same file is the same scenario.
tr -d '\n' <"$gate" >"$work/gate.json"
expect 0 skyvox sweep "$work/gate.json" --seeds 0:3 -o "$out" --quiet
[ "$(fingerprint "$out")" = "$before" ] || fail "another layout of the scenario changes the sweep"

# A program that gives another result: here its row is changed instead.
rm "$out"/sweep.*
row=$out/runs/seed-0.json
sed -i 's/"ledger_hash": "[^"]*"/"ledger_hash": "0123456789abcdef"/' "$row"
before=$(fingerprint "$out")
other "seed-0.json: this program .* gives another result than the one that ran it .*: use another folder" "$gate" --seeds 0:3

# The Slurm script: tasks 5 and 6 of an array are shards 1 and 2.
for task in 6 5; do
    expect 0 env SKYVOX="$program" SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_COUNT=2 \
        bash examples/slurm_sweep.sh "$gate" 0:3 "$work/slurm" --quiet
done
cmp -s "$work/slurm/sweep.csv" "$work/one.csv" || fail "the Slurm script gives another table"

# A damaged row is named, not run again in silence.
head -c 100 "$row" >"$work/torn" && cp "$work/torn" "$row"
before=$(fingerprint "$out")
other "seed-0.json: line" "$gate" --seeds 0:3
echo '{"schema": 1}' >"$row"
before=$(fingerprint "$out")
other "seed-0.json: no sweep" "$gate" --seeds 0:3
rm "$row"
expect 0 skyvox sweep "$gate" --seeds 0:3 -o "$out" --quiet

# A file in the way, and a full disk.
echo x >"$work/file"
expect 2 skyvox sweep "$gate" --seeds 0:2 -o "$work/file"
expect_line "file"
mkdir "$work/full"
(
    trap '' XFSZ
    ulimit -f 1
    "$program" sweep "$gate" --seeds 0:2 -o "$work/full" --quiet
) >"$work/stdout" 2>"$work/stderr"
[ $? -eq 3 ] || fail "full disk: the exit status is not 3"
expect_line "cannot write"
[ -z "$(find "$work/full" -type f)" ] || fail "full disk: files remain"
expect 0 skyvox sweep "$gate" --seeds 0:2 -o "$work/full" --quiet

# compare: what does not fit together.
expect 2 skyvox compare "$out" "$work/full"
expect_line "found 3 and 2 seeds, expected at least"
expect 2 skyvox compare "$out" "$out"
expect_line "found 3 and 3 paired seeds, expected at least 7"
expect 2 skyvox compare "$work/out" "$out"
expect_line "different grids"
expect 0 skyvox run "$gate" --quiet --no-timing -o "$work/run"
expect 2 skyvox compare "$out" "$work/run"
expect_line "a sweep and a report"
sed 's/"scenario": "gate"/"scenario": "wicket"/' "$out/sweep.json" >"$work/wicket.json"
expect 2 skyvox compare "$out" "$work/wicket.json"
expect_line "sweeps of 'gate' and of 'wicket'"
expect 2 skyvox compare "$out" "$work/none.json"
expect_line "none.json"
mkdir "$work/empty"
expect 2 skyvox compare "$out" "$work/empty"
expect_line "empty/report.json"
expect 2 skyvox compare "$out" "$out" --tolerance n_tracks=1
expect_line "neither more nor less"
finish
