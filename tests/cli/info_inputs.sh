# What a scenario and a data set hold.
. tests/cli/lib.sh "$1"

expect 0 skyvox info "$small"
for text in "small (scenario)" "duration 0.670 s, 30.000 frame sets/s, seed 1" "6 cameras, 8.8 Mpixel/s" \
    "targets: 2 x drone" "expects held_fraction at least 0"; do
    grep -qF "$text" "$work/stdout" || fail "no '$text' in info"
done
# Pixels a second: 3 * (320 * 240 + 160 * 128) * 30
expect 0 skyvox info "$small" --json
grep -qF '"pixels_per_s": 8755200' "$work/stdout" || fail "pixels_per_s"
# The middle camera looks north and up.
expect 0 skyvox info "$small"
awk '$1 == 2 && $2 == "mono" { found = 1; if ($(NF - 1) != "0.0" || $NF < 5 || $NF > 15) exit 1 } END { exit !found }' \
    "$work/stdout" || fail "axis of camera 2: $(grep '^ *2 mono' "$work/stdout")"
expect 0 skyvox info "$small" --set rig.cameras.2.width=640
grep -q ' 640 x ' "$work/stdout" || fail "--set has no effect"

# A data set of points with a gap of 2 s.
d=$work/points
mkdir "$d"
cat >"$d/dataset.json" <<'JSON'
{ "name": "three", "kind": "points", "scan_rate_hz": 10, "sigma_m": 0.5, "pd": 0.95, "clutter_per_scan": 1,
  "volume_m": [[-100, 100], [-100, 100], [0, 100]], "process_noise_q_m2_s3": 0.5 }
JSON
printf 't_s,x_m,y_m,z_m,sigma_m\n5.0,1,2,3,0.5\n5.1,1,2,3,0.5\n7.1,1,2,3,0.5\n' >"$d/points.csv"
expect 0 skyvox info "$d"
grep -q "three (data set of points)" "$work/stdout" || fail "name and kind of the data set"
grep -Eq "all cameras +5.100 to +7.100 s \(2.000 s\)" "$work/stdout" || fail "the gap is missing: $(cat "$work/stdout")"
grep -q "truth: none" "$work/stdout" || fail "truth of a data set without"

data=${SKYVOX_DATA:-$root/../shared/data}
[ -d "$data/drones-multiview/ds3" ] || { echo "no recordings: the real data set is skipped"; finish; }
ds3=$data/drones-multiview/ds3
expect 0 skyvox info "$ds3"
n_labels=$(($(wc -l <"$ds3/detections.csv") - 1))
grep -q "^  $n_labels labels in" "$work/stdout" || fail "labels of ds3: $(sed -n 2p "$work/stdout")"
expect 0 skyvox info "$ds3" --json
if command -v jq >/dev/null; then
    [ "$(jq '[.cameras[].labels] | add' "$work/stdout")" -eq "$n_labels" ] || fail "labels per camera do not add up"
fi
finish
