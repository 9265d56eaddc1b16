# Every table with known values: each family of metrics as its source computes it, to 1e-9.
. tests/cli/lib.sh "$1"
json_near=$2
golden=tests/data/metrics/golden
n=0
for truth in "$golden"/*.truth.csv; do
    table=${truth%.truth.csv}
    expect 0 skyvox score "$truth" "$table.tracks.csv" --stamps union --json
    cp "$work/stdout" "$work/report.json"
    "$json_near" "$table.want.json" "$work/report.json" metrics >"$work/compared" ||
        fail "${table##*/}: $(cat "$work/compared")"
    expect 0 skyvox score "$truth" "$table.tracks.csv" --stamps union --hota-zero 2 --json
    cp "$work/stdout" "$work/report.json"
    "$json_near" "$table.want2.json" "$work/report.json" metrics >"$work/compared" ||
        fail "${table##*/}, zero distance 2 m: $(cat "$work/compared")"
    n=$((n + 1))
done
[ "$n" -ge 10 ] || fail "$n tables, expected 10"
finish
