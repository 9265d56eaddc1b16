# Signals and a full disk: what stood in the output folder survives, a first signal still leaves a whole report.
. tests/cli/lib.sh "$1"

long="--set duration_s=3000 --quiet"
for signal in INT TERM; do
    # shellcheck disable=SC2086
    expect 130 timeout --preserve-status -s $signal 1 "$program" run "$small" -o "$work/$signal" --json $long
    cmp -s "$work/stdout" "$work/$signal/report.json" || fail "SIG$signal: no whole report on standard output"
    grep -Eq '"interrupted": *true' "$work/$signal/report.json" || fail "SIG$signal: the report does not say interrupted"
    n_sets=$(wc -l <"$work/$signal/run.ledger")
    grep -Eq "\"frame_sets\": *$n_sets[^0-9]" "$work/$signal/report.json" || fail "SIG$signal: frame_sets is not $n_sets"
    [ -z "$(find "$work/$signal" -name '.part-*')" ] || fail "SIG$signal: temporary files remain"
done

# The interrupted run's ledger is the beginning of any longer one's.
expect 0 skyvox run "$small" -o "$work/whole" --quiet --set duration_s=1
n_sets=$(wc -l <"$work/whole/run.ledger")
head -n "$n_sets" "$work/INT/run.ledger" | cmp -s - "$work/whole/run.ledger" || fail "the interrupted ledger differs"

# A file that may not grow stands for a full disk, whoever runs this.
mkdir "$work/full"
echo good >"$work/full/report.json"
before=$(fingerprint "$work/full")
(
    trap '' XFSZ
    ulimit -f 1
    "$program" run "$small" -o "$work/full" --quiet
) >"$work/stdout" 2>"$work/stderr"
[ $? -eq 3 ] || fail "full disk: the exit status is not 3"
expect_line "$work/full|cannot write"
[ "$(fingerprint "$work/full")" = "$before" ] || fail "full disk: the output folder changed"

if [ -w /dev/full ]; then
    skyvox run "$small" -o "$work/again" --json >/dev/full 2>"$work/stderr"
    [ $? -eq 3 ] || fail "standard output full: the exit status is not 3"
fi
finish
