# Signals and a full disk: what stood in the output folder survives, a first signal still leaves a whole report.
. tests/cli/lib.sh "$1"

# A day of frames: no machine is through with them before the signal comes. Rows of truth are there once many sets are closed.
day=86400

for signal in INT TERM; do
    out=$work/$signal
    "$program" run "$small" -o "$out" --json --quiet --set duration_s=$day >"$work/stdout" 2>"$work/stderr" &
    pid=$!
    until_filled "$out/.part-truth.csv" $pid
    kill -s $signal $pid
    wait $pid
    status=$?
    [ $status -eq 130 ] || fail "SIG$signal: exit status $status, expected 130"
    [ -s "$work/stderr" ] && fail "SIG$signal: $(cat "$work/stderr")"
    cmp -s "$work/stdout" "$out/report.json" || fail "SIG$signal: no whole report on standard output"
    grep -Eq '"interrupted": *true' "$out/report.json" || fail "SIG$signal: the report does not say interrupted"
    n_sets=$(wc -l <"$out/run.ledger")
    [ "$n_sets" -gt 0 ] || fail "SIG$signal: nothing was done before the signal"
    grep -Eq "\"frame_sets\": *${n_sets}[^0-9]" "$out/report.json" || fail "SIG$signal: frame_sets is not $n_sets"
    [ -z "$(find "$out" -name '.part-*')" ] || fail "SIG$signal: temporary files remain"
done

# An interrupted run's ledger is the beginning of a whole one's.
expect 0 skyvox run "$small" -o "$work/whole" --quiet
n_both=$((n_sets < 20 ? n_sets : 20))
[ "$(head -n $n_both "$work/TERM/run.ledger")" = "$(head -n $n_both "$work/whole/run.ledger")" ] ||
    fail "the interrupted run has another ledger"

# A second signal stops at once, and what stood there is untouched.
mkdir "$work/twice"
echo good >"$work/twice/report.json"
"$program" run "$small" -o "$work/twice" --quiet --set duration_s=$day 2>"$work/stderr" &
pid=$!
until_filled "$work/twice/.part-truth.csv" $pid
# Both signals wait until the program goes on: it cannot end by the first alone, however fast it is.
kill -s STOP $pid
kill -s INT $pid
kill -s TERM $pid
kill -s CONT $pid
wait $pid
status=$?
[ $status -eq 130 ] || fail "two signals: exit status $status, expected 130"
[ "$(cat "$work/twice/report.json")" = good ] || fail "two signals: the report changed"

# A signal between the first temporary file and the first frame set. The program waits there for a reader of a pipe that stands for
# one of its tables, so the order is certain: the file before it is there, and nothing goes on until the pipe is opened below.
# held_at PIPE BEFORE COMMAND...: leaves the status in $status
held_at() {
    local pipe=$1 before=$2 pid
    shift 2
    mkdir -p "$(dirname "$pipe")"
    mkfifo "$pipe"
    "$program" "$@" >"$work/stdout" 2>"$work/stderr" &
    pid=$!
    while [ ! -e "$before" ] && kill -0 $pid 2>/dev/null; do sleep 0.05; done
    [ -e "$before" ] || fail "no $before before the signal: $(cat "$work/stderr")"
    kill -s TERM $pid
    exec 3<>"$pipe"
    wait $pid
    status=$?
    exec 3>&-
}
early=$work/early
held_at "$early/.part-truth.csv" "$early/.part-run.ledger" run "$small" -o "$early" --quiet --set duration_s=$day
[ $status -eq 130 ] || fail "early signal: exit status $status, expected 130"
[ -z "$(find "$early" -name '.part-*')" ] || fail "early signal: temporary files remain: $(ls -A "$early")"
grep -Eq '"interrupted": *true' "$early/report.json" || fail "early signal: the report does not say interrupted"

# An export that was stopped leaves nothing.
expect 0 skyvox run "$small" -o "$work/recorded" --quiet --record "$work/s.h5" --level detections
held_at "$work/export/.part-run.ledger" "$work/export/.part-tracks.csv" export "$work/s.h5" -o "$work/export" --quiet
[ $status -eq 130 ] || fail "export: exit status $status, expected 130"
[ -z "$(ls -A "$work/export")" ] || fail "export: files remain after a signal: $(ls -A "$work/export")"

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
