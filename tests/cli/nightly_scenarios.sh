# The committed scenarios in full: thresholds met, golden ledgers equal, on one thread and on two; other seeds meet them, too.
. tests/cli/lib.sh "$1"

expect 0 skyvox run "$root/scenarios/quick.json" -o "$work/q1" --quiet --threads 1 --check-ledger "$root/scenarios/golden/quick.ledger"
expect 0 skyvox run "$root/scenarios/quick.json" -o "$work/q2" --quiet --threads 2 --check-ledger "$root/scenarios/golden/quick.ledger"
for seed in 1 2 3; do
    expect 0 skyvox run "$root/scenarios/quick.json" -o "$work/seed" --quiet --threads 2 --seed $seed
done
expect 0 skyvox run "$root/scenarios/swarm200-det.json" -o "$work/s" --quiet --threads 2 \
    --check-ledger "$root/scenarios/golden/swarm200-det.ledger"
# Thirty sets of twenty 8K frames: everything fits into 1.8e9 bytes.
expect 0 skyvox run "$root/scenarios/swarm200.json" -o "$work/p" --quiet --threads 2
peak=$(sed -n 's/.*"peak_rss_bytes": \([0-9]*\).*/\1/p' "$work/p/report.json")
[ "${peak:-9999999999}" -lt 1800000000 ] || fail "swarm200 took $peak bytes, expected less than 1800000000"
finish
