# What `skyvox bench` refuses; the benchmarks themselves take too long for a test.
. tests/cli/lib.sh "$1"
expect 2 skyvox bench scores --json
expect_line "unknown benchmark 'scores', nearest is 'score'"
expect 0 skyvox bench --help
grep -q "ms_per_scan_200_1t" "$work/stdout" || fail "--help does not name the figure"
finish
