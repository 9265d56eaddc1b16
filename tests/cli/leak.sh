# Truth must not leak: what is not in the pixels is not tracked, and truth.csv decides nothing but the score.
. tests/cli/lib.sh "$1"

held() {
    sed -n 's/^ *"held_fraction": \([0-9.e-]*\),*$/\1/p' "$1/report.json"
}

at_most() {
    awk -v value="$1" -v limit="$2" 'BEGIN { exit !(value != "" && value + 0 <= limit) }'
}

expect 0 skyvox run "$small" -o "$work/seen" --quiet --no-timing
at_most "$(held "$work/seen")" 0.5 && fail "the drones of small.json are not held: $(held "$work/seen")"

# The same drones, kept in truth but not drawn.
expect 0 skyvox run "$small" -o "$work/hidden" --quiet --no-timing --set targets.0.render=false
at_most "$(held "$work/hidden")" 0.01 || fail "not rendered, yet held $(held "$work/hidden")"
cmp -s "$work/hidden/truth.csv" "$work/seen/truth.csv" || fail "render=false changed the truth"

# Bright and cold instead of dark and warm: not what the detector was told to look for. A warm-up of two frames learns the drones
# themselves, and where they were then looks dark when they are gone: scored once they have left these holes by more than the gate.
expect 0 skyvox run "$small" -o "$work/negative" --quiet --no-timing --set duration_s=1.5 --set warmup_s=0.7 --set targets.0.contrast.mono_dn=60 \
    --set targets.0.contrast.thermal_k=-4
at_most "$(held "$work/negative")" 0.01 || fail "negated, yet held $(held "$work/negative")"

# A data set with and without its truth: every byte of what the tracker makes is the same.
mkdir -p "$work/with" "$work/without"
echo '{"name": "line", "kind": "points", "scan_rate_hz": 10, "sigma_m": 0.5, "pd": 0.9, "clutter_per_scan": 1}' >"$work/with/dataset.json"
awk 'BEGIN {
    print "t_s,x_m,y_m,z_m" > "'"$work"'/with/points.csv"
    print "t_s,target_id,class,x_m,y_m,z_m" > "'"$work"'/with/truth.csv"
    for (k = 0; k < 60; k++) {
        t = sprintf("%d.%d00000000", int(k / 10), k % 10)
        printf "%s,%.3f,%.3f,%.3f\n", t, 10 * k / 10 + 0.3 * sin(7 * k), 0.3 * sin(3 * k), 50 + 0.3 * cos(5 * k) > "'"$work"'/with/points.csv"
        printf "%s,%.3f,%.3f,%.3f\n", t, 400 * sin(k), 400 * cos(k), 20 + k > "'"$work"'/with/points.csv"
        printf "%s,4,drone,%.3f,0,50\n", t, 10 * k / 10 > "'"$work"'/with/truth.csv"
    }
}'
cp "$work/with/dataset.json" "$work/with/points.csv" "$work/without/"
expect 0 skyvox run "$work/with" -o "$work/scored" --quiet --no-timing
expect 0 skyvox run "$work/without" -o "$work/blind" --quiet --no-timing
at_most "$(held "$work/scored")" 0.8 && fail "the line is not held: $(held "$work/scored")"
for file in tracks.csv run.ledger detections.csv; do
    cmp -s "$work/scored/$file" "$work/blind/$file" || fail "$file depends on truth.csv"
done
finish
