# Figures on real and shared recordings; skipped where the recordings are not.
. tests/cli/lib.sh "$1"

data=${SKYVOX_DATA:-$root/../shared/data}
[ -d "$data/drones-multiview/ds3" ] && [ -d "$data/tracking" ] || skip "no recordings in $data (set SKYVOX_DATA)"

value() {
    grep -o "\"$2\": [0-9.e-]*" "$1/report.json" | head -n 1 | cut -d ' ' -f 2
}

# within FOLDER KEY least|most LIMIT
within() {
    local found
    found=$(value "$1" "$2")
    awk -v v="$found" -v l="$4" -v op="$3" 'BEGIN { exit !(v != "" && (op == "most" ? v + 0 <= l : v + 0 >= l)) }' ||
        fail "$(basename "$1"): $2 is $found, expected at $3 $4"
}

run_one() {
    expect 0 skyvox run "$data/$1" -o "$work/$(basename "$1")" --quiet --no-timing
}

# Six unsynchronised cameras, labels by hand, RTK truth; one setting for both.
run_one drones-multiview/ds3
within "$work/ds3" position_rmse_m most 0.23
within "$work/ds3" position_median_m most 0.09
within "$work/ds3" held_fraction least 0.98
within "$work/ds3" ids_per_target most 1
run_one drones-multiview/ds4
within "$work/ds4" position_rmse_m most 0.29
within "$work/ds4" position_median_m most 0.13
within "$work/ds4" held_fraction least 0.98
within "$work/ds4" ids_per_target most 2 # one span without any label for ten seconds

# Points: GOSPA of the second half against an oracle that knows every association.
oracle() {
    awk -v f="$2" 'BEGIN { print f * '"$(sed -n '/"2nd_half"/,$ s/^ *"GOSPA": \([0-9.]*\),*$/\1/p' "$data/$1/baseline.json" | head -n 1)"' }'
}
for case in "spread_n200 1.02" "swarm_n50 1.02" "crossing_n50 1.15"; do
    set -- $case
    run_one "tracking/$1"
    within "$work/$1" mean_second_half most "$(oracle "tracking/$1" "$2")"
done
finish
