# Bad input: one line with the place, exit status 2, and the good report that stood in the output folder is untouched.
. tests/cli/lib.sh "$1"

out=$work/out
mkdir "$out" "$work/in"
for name in report.json report.html tracks.csv truth.csv detections.csv errors.csv run.ledger; do
    echo "good $name" >"$out/$name"
done
before=$(fingerprint "$out")

# bad PATTERN COMMAND...
bad() {
    local pattern=$1
    shift
    expect 2 "$@" -o "$out"
    expect_line "$pattern"
    [ "$(fingerprint "$out")" = "$before" ] || fail "the output folder changed: $*"
}
# with OLD NEW: the small scenario with one text replaced
s=$work/in/s.json
with() {
    local text
    text=$(<"$small")
    echo "${text/"$1"/"$2"}" >"$s"
    cmp -s "$small" "$s" && fail "the scenario has no text '$1'"
}

# files
bad "missing.json: No such file" skyvox run "$work/in/missing.json"
bad "$work/in: a folder without cameras.json or dataset.json" skyvox run "$work/in"
: >"$work/in/empty.json"
bad "empty.json" skyvox run "$work/in/empty.json"
: >"$work/in/empty.h5"
bad "empty.h5: neither a scenario" skyvox run "$work/in/empty.h5"
noise 1000 | tr '{' 'x' >"$work/in/noise.bin"
bad "noise.bin: neither a scenario" skyvox run "$work/in/noise.bin"
cp "$work/in/noise.bin" "$work/in/noise.json"
bad "noise.json" skyvox run "$work/in/noise.json"
cp "$small" "$work/in/locked.json"
chmod 000 "$work/in/locked.json"
if [ "$(id -u)" -ne 0 ]; then
    bad "locked.json: Permission denied" skyvox run "$work/in/locked.json"
elif command -v setpriv >/dev/null; then
    chmod 755 "$work" "$work/in"
    if setpriv --reuid=65534 --clear-groups test -x "$program" 2>/dev/null; then
        bad "locked.json: Permission denied" setpriv --reuid=65534 --clear-groups "$program" run "$work/in/locked.json"
    fi
fi

# scenarios
head -c 700 "$small" >"$work/in/torn.json"
bad "torn.json.*line [0-9]+" skyvox run "$work/in/torn.json"
with '"duration_s": 0.67,' '"duration_s": 0.67;'
bad "s.json.*line 5" skyvox run "$s"
with '[-400, -300, 5]' '[-400, NaN, 5]'
bad "s.json.*line [0-9]+" skyvox run "$s"
with '[-400, -300, 5]' '[-400, null, 5]'
bad "rig.cameras.0.position_m" skyvox run "$s"
with '[-400, -300, 5]' '[-400, 1e999, 5]'
bad "s.json" skyvox run "$s"
bad "nan|NaN" skyvox run "$small" --set rig.cameras.0.position_m.1=NaN
sed '/{ "id": /d' "$small" >"$s"
bad "rig.cameras" skyvox run "$s"
with '{ "id": 1,' '{ "id": 0,'
bad "rig.cameras.*id" skyvox run "$s"
with '"read_noise_dn": 1.2' '"read_noise_dn": -1.2'
bad "read_noise_dn.*-1.2" skyvox run "$s"
bad "rig.cameras.2.read_noise_dn" skyvox run "$small" --set rig.cameras.2.read_noise_dn=-1
with '"visibility_km"' '"visiblity_km"'
bad "visiblity_km.*visibility_km" skyvox run "$s"
with '"name": "held_fraction"' '"name": "hled_fraction"'
bad "s.json.*hled_fraction.*held_fraction" skyvox run "$s"
bad "frame_rate_hz" skyvox run "$small" --set frame_rate_hz=0
bad "frame_rate_hzz" skyvox run "$small" --set frame_rate_hzz=30

# tables
t=$work/in/truth.csv
k=$work/in/tracks.csv
printf 't_s,target_id,x_m,y_m,z_m\n0,1,0,0,100\n1,1,1,0,100\n' >"$t"
printf 't_s,track_id,x_m,y_m,z_m\n0,1,0,0,100\n1,1,1,0,100\n' >"$k"
expect 0 skyvox score "$t" "$k"
bad "no.csv" skyvox score "$work/in/no.csv" "$k"
printf 't_s,track_id,x_m,y_m,z_m\n0,1,0,0,100\n1,1,1' >"$work/in/torn.csv"
bad "torn.csv.*3" skyvox score "$t" "$work/in/torn.csv"
printf 't_s,track_id,x_m,y_m,z_m\n0,1,0,nan,100\n' >"$work/in/nan.csv"
bad "nan.csv.*2.*y_m" skyvox score "$t" "$work/in/nan.csv"
printf '10000000000\n' >"$work/in/claim.csv"
bad "claim.csv" skyvox score "$t" "$work/in/claim.csv"
printf '# rows 10000000000\nt_s,track_id\n' >"$work/in/claim2.csv"
bad "claim2.csv" skyvox score "$work/in/claim2.csv" "$k"
noise 4000 >"$work/in/noise.csv"
bad "noise.csv" skyvox score "$work/in/noise.csv" "$k"
bad "$work/in" skyvox score "$work/in" "$k"

# data sets
d=$work/in/points
mkdir "$d"
cat >"$d/dataset.json" <<'JSON'
{ "name": "three", "kind": "points", "scan_rate_hz": 10, "sigma_m": 0.5, "pd": 0.95, "clutter_per_scan": 1,
  "volume_m": [[-100, 100], [-100, 100], [0, 100]], "process_noise_q_m2_s3": 0.5 }
JSON
printf 't_s,x_m,y_m,z_m,sigma_m\n0.0,1,2,3,0.5\n0.1,1,2,3,0.5\n0.2,1,2' >"$d/points.csv"
bad "points.csv.*4" skyvox run "$d"
printf 't_s,x_m,y_m,z_m,sigma_m\n0.0,1,2,3,0.5\n0.1,1,2,3,-0.5\n' >"$d/points.csv"
bad "points.csv.*3" skyvox run "$d"
rm "$d/points.csv"
bad "points.csv" skyvox run "$d"
printf 't_s,x_m,y_m,z_m,sigma_m\n0.0,1,2,3,0.5\n0.1,1,2,3,0.5\n' >"$d/points.csv"
bad "seed is for scenarios" skyvox run "$d" --seed 1
bad "a data set has no images" skyvox render "$d"
echo '{' >"$d/dataset.json"
bad "dataset.json" skyvox run "$d"

# ledgers and output folders
bad "none.ledger: No such file" skyvox run "$small" --check-ledger "$work/in/none.ledger"
echo "0 what" >"$work/in/bad.ledger"
bad "bad.ledger:1" skyvox run "$small" --check-ledger "$work/in/bad.ledger"
expect 2 skyvox run "$small" -o "$out/report.json"
expect_line "report.json: is a file"
expect 2 skyvox run "$work/in/missing.json" -o "$work/fresh"
[ -e "$work/fresh" ] && fail "bad input made an output folder"
expect 2 skyvox run "$small" --check-ledger "$work/in/bad.ledger" -o "$work/fresh/a/b"
[ -e "$work/fresh" ] && fail "a failed run left an output folder"
finish
