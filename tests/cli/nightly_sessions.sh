# quick recorded whole (some 3 GB) and replayed from every stage on one thread and on two; programs killed while they record in real time.
. tests/cli/lib.sh "$1"

golden=$root/scenarios/golden/quick.ledger
expect 0 skyvox run "$root/scenarios/quick.json" -o "$work/out" --quiet --threads 2 --record "$work/quick.h5" --check-ledger "$golden"
for from in pixels detections bearings points; do
    for threads in 1 2; do
        expect 0 skyvox run "$work/quick.h5" -o "$work/again" --quiet --from $from --threads $threads --check-ledger "$golden"
        cmp -s "$work/out/tracks.csv" "$work/again/tracks.csv" || fail "tracks.csv differs from $from on $threads threads"
    done
done
expect 0 skyvox verify "$work/quick.h5"
rm "$work/quick.h5"

# A crash costs at most the last second: what a recording lost is less than what passed between its last event and the kill.
expect 0 skyvox run "$small" -o "$work/out" --quiet --set duration_s=6 --record "$work/long.h5"
worst=0
for i in 1 2 3 4 5 6 7 8 9 10; do
    rm -f "$work/killed.h5"
    begin=$(date +%s%N)
    "$program" run "$work/long.h5" -o "$work/again" --quiet --speed 1 --record "$work/killed.h5" 2>"$work/null" &
    child=$!
    sleep 1.$((i * 7919 % 10))$((i * 104729 % 10))$((i * 31 % 10))
    kill -9 $child
    passed=$((($(date +%s%N) - begin) / 1000000))
    wait $child 2>"$work/null"
    expect 0 skyvox info "$work/killed.h5" --json
    kept=$(sed -n 's/.*"t_last_s": \([0-9.]*\).*/\1/p' "$work/stdout")
    lost=$(awk -v p="$passed" -v k="${kept:-0}" 'BEGIN { printf "%d", p - 1000 * k }')
    [ "$lost" -le 1000 ] || fail "kill $i: $lost ms before the kill are lost, start of the program counted"
    [ "$lost" -gt "$worst" ] && worst=$lost
done
echo "killed in real time: at most $worst ms lost, start of the program counted"
finish
