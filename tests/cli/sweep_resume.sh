# A sweep that is killed at any moment and given again, or split in shards, leaves the same bytes as one run through.
. tests/cli/lib.sh "$1"
tiny=$root/scenarios/tiny.json
n_seeds=20

expect 0 skyvox sweep "$tiny" --seeds 1:$((n_seeds + 1)) -o "$work/whole" --threads 1 --json
cmp -s "$work/stdout" "$work/whole/sweep.json" || fail "--json does not print sweep.json"
whole=$(fingerprint "$work/whole")
[ "$(wc -l <"$work/whole/sweep.csv")" -eq $((n_seeds + 1)) ] || fail "sweep.csv has not one row per run"
[ "$(cut -d, -f1 "$work/whole/sweep.csv" | tail -n +2 | tr '\n' ' ')" = "$(seq -s ' ' 1 $n_seeds) " ] || fail "seeds of sweep.csv"

# One row is what a run says.
expect 0 skyvox run "$tiny" --seed 2 -o "$work/run" --quiet
for key in held_fraction position_rmse_m; do
    value=$(sed -n "s/.*\"$key\": \([^,]*\),*$/\1/p" "$work/run/report.json" | head -n 1)
    row=$(awk -F, -v key=$key 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == key) k = i } $1 == 2 { print $k }' "$work/whole/sweep.csv")
    [ -n "$value" ] && [ "$value" = "$row" ] || fail "$key of seed 2 is $value in report.json and $row in sweep.csv"
done
hash=$(sed -n 's/.*"ledger_hash": "\([0-9a-f]*\)".*/\1/p' "$work/run/report.json")
grep -q "^2,$hash," "$work/whole/sweep.csv" || fail "the ledger hash of seed 2 differs from report.json"

n_rows() {
    find "$1/runs" -name 'seed-*.json' 2>/dev/null | wc -l
}

# keep_rows FOLDER FIRST LAST: rows of other seeds were never made.
keep_rows() {
    local row seed
    for row in "$1"/runs/seed-*.json; do
        seed=${row##*-} seed=${seed%.json}
        [ "$seed" -ge "$2" ] && [ "$seed" -le "$3" ] || rm "$row"
    done
}

# Killed three times, when some rows are there and wherever the program is then. So many seeds that no machine is through with them
# before the signal comes; those beyond the sweep go, and enough of its own that something is left to do.
out=$work/killed
for n_wanted in 2 7 13; do
    "$program" sweep "$tiny" --seeds 1:100000 -o "$out" --threads 2 --quiet 2>"$work/stderr" &
    pid=$!
    while [ "$(n_rows "$out")" -lt $n_wanted ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done
    kill -9 $pid || fail "the sweep ended before it could be killed"
    wait $pid 2>/dev/null
    [ ! -e "$out/sweep.csv" ] || fail "a killed sweep left tables"
done
keep_rows "$out" 1 $((n_seeds * 3 / 4))
# What a program leaves that is killed while it writes a row.
echo '{"schema": 1, "ki' >"$out/runs/.part-seed-20.json-1-0"
n_before=$(n_rows "$out")
[ "$n_before" -gt 0 ] && [ "$n_before" -lt $n_seeds ] || fail "$n_before of $n_seeds runs are there after three kills"
find "$out/runs" -name 'seed-*.json' -exec touch -d '2001-01-01' {} +
expect 0 skyvox sweep "$tiny" --seeds 1:$((n_seeds + 1)) -o "$out" --threads 2 --quiet
[ "$(fingerprint "$out")" = "$whole" ] || fail "killed three times: other bytes than one run through"
[ "$(find "$out/runs" -name 'seed-*.json' ! -newermt '2002-01-01' | wc -l)" -eq "$n_before" ] || fail "finished runs were repeated"
echo "killed with $n_before of $n_seeds runs done"

# Four shards, two at a time; the last one writes the tables.
out=$work/shards
shard() {
    "$program" sweep "$tiny" --seeds 1:$((n_seeds + 1)) --shard "$1/4" -o "$out" --threads 1 "${@:2}"
}
expect 0 shard 3
grep -q '^5 of 20 runs done' "$work/stdout" || fail "shard 3 says: $(cat "$work/stdout")"
expect 0 shard 3 --json
grep -q '"complete": false, "n_runs": 20, "n_done": 5' "$work/stdout" || fail "shard 3 says: $(cat "$work/stdout")"
[ ! -e "$out/sweep.json" ] || fail "one shard wrote tables"
shard 1 --quiet & first=$!
shard 4 --quiet & second=$!
wait $first || fail "shard 1: exit status $?"
wait $second || fail "shard 4: exit status $?"
expect 0 shard 2 --quiet
[ "$(fingerprint "$out")" = "$whole" ] || fail "4 shards: other bytes than one run through"

# Shards of different folders, brought together.
gate=$root/tests/cli/gate.json
expect 0 skyvox sweep "$gate" --seeds 0:16 --threads 1 -o "$work/gate" --quiet
mkdir -p "$work/together/runs"
for i in 1 2; do
    expect 0 skyvox sweep "$gate" --seeds 0:16 --shard $i/2 -o "$work/part$i" --quiet
    cp "$work/part$i"/runs/*.json "$work/together/runs"
done
expect 0 skyvox sweep "$gate" --seeds 0:16 -o "$work/together" --quiet
[ "$(fingerprint "$work/together")" = "$(fingerprint "$work/gate")" ] || fail "folders brought together: other bytes"

# The first signal ends the runs under way; the next command goes on.
out=$work/interrupted
"$program" sweep "$gate" --seeds 0:100000 --threads 1 -o "$out" --quiet 2>"$work/stderr" &
pid=$!
while [ "$(n_rows "$out")" -lt 2 ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done
kill -s INT $pid
wait $pid
[ $? -eq 130 ] || fail "SIGINT: the exit status is not 130"
[ -s "$work/stderr" ] && fail "SIGINT: $(cat "$work/stderr")"
[ ! -e "$out/sweep.json" ] || fail "SIGINT: tables were written"
keep_rows "$out" 0 11
expect 0 skyvox sweep "$gate" --seeds 0:16 -o "$out" --quiet
[ "$(fingerprint "$out")" = "$(fingerprint "$work/gate")" ] || fail "SIGINT: other bytes than one run through"

# Seeds may grow in the same folder, and the table is that of one run through.
expect 0 skyvox sweep "$gate" --seeds 5:9 -o "$work/grown" --quiet
expect 0 skyvox sweep "$gate" --seeds 0:16 -o "$work/grown" --quiet
[ "$(fingerprint "$work/grown")" = "$(fingerprint "$work/gate")" ] || fail "grown seeds: other bytes than one run through"
finish
