# Two reports: what got worse.
. tests/cli/lib.sh "$1"

report() {
    printf '{"schema": 1, "scenario": "x", "interrupted": false, "summary": {%s}}\n' "$1"
}
a=$work/a.json
b=$work/b.json
base='"held_fraction": 0.97, "ghost_fraction": 0.01, "position_rmse_m": 0.5, "gospa_m": {"mean": 2.0}, "n_tracks": 12'
report "$base, \"peak_rss_bytes\": 1000" >"$a"

expect 0 skyvox compare "$a" "$a"
grep -q '^0 worse' "$work/stdout" || fail "a report is worse than itself"

# verdict STATUS KEY VERDICT NEW-SUMMARY [OPTION ...]
verdict() {
    local status=$1 key=$2 wanted=$3 text=$4
    shift 4
    report "$text" >"$b"
    expect "$status" skyvox compare "$a" "$b" "$@"
    [ "$(awk -v key="$key" '$1 == key { print $NF }' "$work/stdout")" = "$wanted" ] ||
        fail "$key is not $wanted: $(grep "^$key" "$work/stdout")"
}
verdict 1 held_fraction worse "${base/0.97/0.96}"
verdict 0 held_fraction same "${base/0.97/0.966}"
verdict 0 held_fraction better "${base/0.97/0.98}"
verdict 0 held_fraction same "${base/0.97/0.96}" --tolerance held_fraction=0.01
verdict 1 held_fraction worse "${base/0.97/0.969}" --tolerance held_fraction=0
verdict 1 ghost_fraction worse "${base/0.01/0.02}"
verdict 0 ghost_fraction better "${base/0.01/0.001}"
verdict 1 position_rmse_m worse "${base/0.5/0.52}"
verdict 0 position_rmse_m same "${base/0.5/0.52}" --tolerance position_rmse_m=5%
verdict 1 gospa_m.mean worse "${base/2.0/2.1}"
verdict 1 held_fraction worse "${base/0.97/null}"
verdict 1 ghost_fraction worse '"held_fraction": 0.97, "position_rmse_m": 0.5, "gospa_m": {"mean": 2.0}, "n_tracks": 12'
verdict 0 n_tracks +100 "${base/12/112}"
verdict 1 peak_rss_bytes worse "$base, \"peak_rss_bytes\": 1100"

expect 1 skyvox compare "$a" "$b" --json
grep -q '"n_worse": 1' "$work/stdout" || fail "--json: $(cat "$work/stdout")"
command -v jq >/dev/null && { jq -e '.rows[] | select(.key == "peak_rss_bytes") | .verdict == "worse"' "$work/stdout" >"$work/jq" ||
    fail "--json has no verdict for peak_rss_bytes"; }

expect 2 skyvox compare "$a" "$work/none.json"
expect_line "none.json"
echo '{' >"$work/broken.json"
expect 2 skyvox compare "$work/broken.json" "$a"
expect_line "broken.json.*line"
echo '{"schema": 2, "summary": {}}' >"$work/other.json"
expect 2 skyvox compare "$a" "$work/other.json"
expect_line "other.json: no report"
sed 's/"x"/"y"/' "$a" >"$work/other.json"
expect 2 skyvox compare "$a" "$work/other.json"
expect_line "report of 'y', but .* is of 'x'"
sed 's/false/true/' "$a" >"$work/other.json"
expect 2 skyvox compare "$a" "$work/other.json"
expect_line "interrupted"
report '"held_fraction": "much"' >"$work/other.json"
expect 2 skyvox compare "$a" "$work/other.json"
expect_line "summary.held_fraction: expected a number"
expect 2 skyvox compare "$a" "$b" --tolerance held_fractoin=1
expect_line "unknown key, nearest is held_fraction"
expect 2 skyvox compare "$a" "$b" --tolerance held_fraction
expect_line "expected KEY=X"
expect 2 skyvox compare "$a" "$b" --tolerance held_fraction=-1
expect_line "expected a number from 0 on"

# Every judged key of a real report is known here.
expect 0 skyvox run "$small" -o "$work/run" --quiet
expect 0 skyvox compare "$work/run/report.json" "$work/run/report.json"
finish
