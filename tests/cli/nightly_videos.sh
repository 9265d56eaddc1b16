# All real clips: they run, and on those of a resting camera F1 is above the published peer's in both bands.
. tests/cli/lib.sh "$1"
data=${SKYVOX_DATA:-$root/../shared/data}/drones-video
[ -d "$data" ] || skip "no clips in $data (set SKYVOX_DATA)"
skyvox --version | grep -q '^optional parts:.*video' || skip "this build has no video support"

expect 0 skyvox run "$data" -o "$work/all" --quiet --no-timing
above() {
    grep "\"group\": \"static\", \"name\": \"$1\"" "$work/all/report.json" | sed 's/.*"f1": \([0-9.]*\).*/\1/' |
        awk -v least="$2" '{ f = $1 } END { exit !(f > least) }' || fail "$1: F1 not above $2"
}
above IR 0.761
above V 0.535
[ "$(grep -c '"camera_motion"' "$work/all/report.json")" -eq "$(ls "$data"/clips/*.mp4 | wc -l)" ] || fail "a clip is missing"
finish
