# Anyone's tracks against truth.
. tests/cli/lib.sh "$1"

# One target at 1 m/s seen for 2 s, one track 0.3 m beside it, one false track far away, in mixed column order.
{
    echo "t_s,target_id,x_m,y_m,z_m"
    for i in 0 1 2 3 4 5 6 7 8 9; do echo "0.$i,7,0.$i,0,100"; done
} >"$work/truth.csv"
{
    echo "track_id,z_m,y_m,x_m,t_s"
    for i in 0 1 2 3 4 5 6 7 8 9; do
        echo "1,100,0.3,0.$i,0.$i"
        echo "2,100,500,0.$i,0.$i"
    done
} >"$work/tracks.csv"

# summary KEY: a number of the report on standard output, to six digits
summary() {
    cp "$work/stdout" "$work/report.json"
    skyvox compare "$work/report.json" "$work/report.json" | awk -v key="$1" '$1 == key { print $3 }'
}
near() {
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a - b < 1e-5 && b - a < 1e-5) }' || fail "$3 is $1, expected $2"
}
expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv" --json
near "$(summary held_fraction)" 1 held_fraction
near "$(summary ghost_fraction)" 0.5 ghost_fraction
near "$(summary position_rmse_m)" 0.3 position_rmse_m
near "$(summary ids_per_target)" 1 ids_per_target
# GOSPA, p = 2, alpha = 2: sqrt(0.3^2 + 10^2 / 2)
near "$(summary gospa_m.mean)" 7.07743 gospa_m.mean

expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv" --json --gate 0.2
near "$(summary held_fraction)" 0 "held_fraction with a gate of 0.2 m"
expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv" --json --cutoff 20
near "$(summary gospa_m.mean)" 14.1453 "gospa_m.mean with a cut-off of 20 m"

expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv" -o "$work/out" --quiet
[ "$(cd "$work/out" && LC_ALL=C ls -A | tr '\n' ' ')" = "errors.csv report.html report.json " ] || fail "files: $(ls -A "$work/out")"
expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv"
grep -q held "$work/stdout" || fail "the table has no held"

# A run's own tables give the run's own score, up to the digits of the tables.
expect 0 skyvox run "$small" -o "$work/run" --quiet --set duration_s=2
expect 0 skyvox score "$work/run/truth.csv" "$work/run/tracks.csv" --json --warmup 0.1
n_scored=$(summary n_tracks)
cp "$work/run/report.json" "$work/stdout"
[ "$n_scored" = "$(summary n_tracks)" ] || fail "the tables give $n_scored tracks, the run $(summary n_tracks)"
finish
