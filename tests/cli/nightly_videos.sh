# All real clips: they run, and stay above the published peer wherever they reached it; what they did not reach stands in docs/DATASETS.md.
. tests/cli/lib.sh "$1"
data=${SKYVOX_DATA:-$root/../shared/data}/drones-video
[ -d "$data" ] || skip "no clips in $data (set SKYVOX_DATA)"
skyvox --version | grep -q '^optional parts:.*video' || skip "this build has no video support"

expect 0 skyvox run "$data" -o "$work/all" --quiet --no-timing
# group, name, figure, least
above() {
    grep "\"group\": \"$1\", \"name\": \"$2\"" "$work/all/report.json" | sed "s/.*\"$3\": \([0-9.]*\).*/\1/" |
        awk -v least="$4" '{ f = $1 } END { exit !(f > least) }' || fail "$1 $2: $3 not above $4"
}
above static IR precision 0.829
above static IR recall 0.704
above static V precision 0.721
above static V recall 0.425
above static all precision 0.790
above static all recall 0.578
above static DRONE f1 0.888
above all all precision 0.755
above all all recall 0.615
[ "$(grep -c '"camera_motion"' "$work/all/report.json")" -eq "$(ls "$data"/clips/*.mp4 | wc -l)" ] || fail "a clip is missing"
finish
