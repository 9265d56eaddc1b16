# The gate of `compare`, from one pool of runs: silent where only seeds differ, alarmed by a tenth of the detections lost.
. tests/cli/lib.sh "$1"
gate=$root/tests/cli/gate.json
n_trials=100 n_loss_trials=25 n_seeds=15 n_pool=60 n_done=0

# A threshold of 5.25 instead of 4.75 loses a tenth of this scenario's detections.
expect 0 skyvox sweep "$gate" --seeds 0:$n_pool -o "$work/base" --quiet
expect 0 skyvox sweep "$gate" --seeds 0:$n_pool --set detection_model.snr_threshold=5.25 -o "$work/loss" --quiet
count_detections() {
    local n=0 seed
    for seed in {0..19}; do
        expect 0 skyvox run "$gate" --seed $seed --set detection_model.false_alarms_per_px=0 --quiet -o "$work/run" "$@"
        n=$((n + $(wc -l <"$work/run/detections.csv") - 1))
    done
    echo $n
}
n_base=$(count_detections)
n_loss=$(count_detections --set detection_model.snr_threshold=5.25)
awk -v a="$n_base" -v b="$n_loss" 'BEGIN { lost = 1 - b / a; printf "detections lost: %.3f\n", lost; exit !(lost > 0.08 && lost < 0.12) }' ||
    fail "the scenario no longer loses a tenth: $n_base and $n_loss detections"

[ "$n_failed" -eq 0 ] || finish

# Every trial draws seeds of its own for two samples: A and B, A before and after the
# loss, and A and B as if their seeds were the same.
awk -v n_trials=$n_trials -v n_seeds=$n_seeds -v n_pool=$n_pool '
# One order for every awk: their own generators differ.
function draw() {
    state = (state * 69069 + 12345) % 4294967296
    return state / 4294967296
}
BEGIN {
    state = 1
    for (t = 0; t < n_trials; t++) {
        for (i = 0; i < n_pool; i++) seed[i] = i
        for (i = 0; i < 2 * n_seeds; i++) {
            j = i + int(draw() * (n_pool - i)); swap = seed[i]; seed[i] = seed[j]; seed[j] = swap
            printf "%d%s", seed[i], i + 1 < 2 * n_seeds ? " " : "\n"
        }
    }
}' >"$work/trials"

# sample SWEEP LABELS SEED...: the sweep with these runs only; LABELS "new" numbers their seeds from 0.
sample() {
    awk -v labels="$2" -v list="${*:3}" '
        BEGIN { n = split(list, seed, " "); for (i = 1; i <= n; i++) wanted[seed[i]] = i }
        /"ledger_hash"/ {
            split($0, part, /"seed": |, "ledger_hash"/)
            if (!(part[2] in wanted)) next
            sub(/},$/, "}")
            if (labels == "new") sub(/"seed": [0-9]+/, "\"seed\": " wanted[part[2]] - 1)
            printf "%s%s\n", $0, ++n_taken < n ? "," : ""
            next
        }
        { print }' "$1/sweep.json"
}

# alarms NAME: compare OLD and NEW of this trial.
declare -A alarms=([seeds]=0 [paired]=0 [loss]=0)
trial() {
    skyvox compare "$work/old.json" "$work/new.json" >"$work/stdout" 2>"$work/stderr"
    local status=$?
    [ $status -le 1 ] || fail "$1: exit status $status: $(cat "$work/stderr")"
    alarms[$1]=$((${alarms[$1]} + status))
}
while read -r -a seed; do
    one=("${seed[@]:0:n_seeds}") other=("${seed[@]:n_seeds}")
    sample "$work/base" old "${one[@]}" >"$work/old.json"
    sample "$work/base" old "${other[@]}" >"$work/new.json"
    trial seeds
    if [ $n_done -lt $n_loss_trials ]; then
        sample "$work/loss" old "${one[@]}" >"$work/new.json"
        trial loss
    fi
    n_done=$((n_done + 1))
    sample "$work/base" new "${one[@]}" >"$work/old.json"
    sample "$work/base" new "${other[@]}" >"$work/new.json"
    trial paired
done <"$work/trials"
echo "$n_trials trials of $n_seeds seeds: ${alarms[seeds]} alarms where only seeds differ, ${alarms[paired]} of them as pairs," \
    "${alarms[loss]} of $n_loss_trials at a tenth of the detections lost"
[ "${alarms[seeds]}" -le $((n_trials / 20)) ] || fail "false alarms between other seeds: ${alarms[seeds]}"
[ "${alarms[paired]}" -le $((n_trials / 20)) ] || fail "false alarms between pairs: ${alarms[paired]}"
[ "${alarms[loss]}" -ge $((n_loss_trials - 1)) ] || fail "the loss is seen in ${alarms[loss]} trials only"

# A sweep against itself: nothing changed at all.
expect 0 skyvox compare "$work/base" "$work/base"
grep -q '^0 worse' "$work/stdout" || fail "a sweep is worse than itself"
expect 1 skyvox compare "$work/base" "$work/loss" --json
grep -q '"verdict": "worse"' "$work/stdout" || fail "--json has no verdict"
expect 0 skyvox compare "$work/loss" "$work/base"
grep -q 'better' "$work/stdout" || fail "the other way round nothing is better"
expect 0 skyvox compare "$work/base" "$work/loss" --tolerance held_fraction=0.2 --tolerance gospa_m.mean=500% \
    --tolerance position_rmse_m=50%

# Two single runs of different seeds are held to wide tolerances, of one seed to narrow ones.
for seed in 1 2; do
    expect 0 skyvox run "$gate" --seed $seed --quiet --no-timing -o "$work/r$seed"
done
expect 0 skyvox run "$gate" --seed 2 --no-timing --set detection_model.snr_threshold=5.25 --quiet -o "$work/r2loss"
expect 1 skyvox compare "$work/r2" "$work/r2loss"
expect 0 skyvox compare "$work/r1" "$work/r2"
finish
