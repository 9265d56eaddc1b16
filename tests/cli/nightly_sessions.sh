# quick recorded whole (some 3 GB) and replayed from every stage on one thread and on two: the golden ledger every time.
. tests/cli/lib.sh "$1"

golden=$root/scenarios/golden/quick.ledger
expect 0 skyvox run "$root/scenarios/quick.json" -o "$work/out" --quiet --threads 2 --record "$work/quick.h5" --check-ledger "$golden"
for from in pixels detections bearings points; do
    for threads in 1 2; do
        status=0
        skyvox run "$work/quick.h5" -o "$work/again" --quiet --from $from --threads $threads --check-ledger "$golden" 2>"$work/stderr" || status=$?
        # 1: figures of centroids have no samples from bearings on
        [ $status -le 1 ] || fail "from $from on $threads threads: exit status $status: $(cat "$work/stderr")"
        ! grep -Eq "ledger|replay" "$work/stderr" || fail "from $from on $threads threads: $(cat "$work/stderr")"
        cmp -s "$work/out/tracks.csv" "$work/again/tracks.csv" || fail "tracks.csv differs from $from on $threads threads"
    done
done
expect 0 skyvox verify "$work/quick.h5"
finish
