#!/bin/sh
# ledger_matrix.sh SOURCE WORK: the ledger of scenarios/tiny.json is the golden one for every compiler, optimisation level,
# thread count and locale, and for every replay of a session that either compiler's program recorded.
set -eu
source=$1 work=$2
golden=$source/scenarios/golden/tiny.ledger
mkdir -p "$work"
work=$(cd "$work" && pwd)
n=0 failed=0

# A locale with a decimal comma, made here so that nothing has to be installed for it.
mkdir -p "$work/locale"
[ -d "$work/locale/de_DE.UTF-8" ] || localedef -i de_DE -f UTF-8 "$work/locale/de_DE.UTF-8" >/dev/null 2>&1 || true

# run_one PROGRAM NAME THREADS [VARIABLE=VALUE...]: run tiny and compare its ledger.
run_one() {
    program=$1 name=$2 threads=$3
    shift 3
    out=$work/out
    rm -rf "$out"
    n=$((n + 1))
    status=0
    env "$@" "$program" run "$source/scenarios/tiny.json" -o "$out" --threads "$threads" --no-timing >"$work/log" 2>&1 ||
        status=$?
    # 1: an expectation on the score failed, which is another test's matter.
    if [ $status -gt 1 ]; then
        echo "$name, $threads threads: exit status $status"
        cat "$work/log"
        failed=1
    elif ! cmp "$golden" "$out/run.ledger"; then
        echo "$name, $threads threads: the ledger differs from scenarios/golden/tiny.ledger"
        failed=1
    fi
}

for compiler in gcc clang; do
    command -v $compiler >/dev/null || { echo "skipped: $compiler is not installed"; continue; }
    for level in O0 O2; do
        build=$work/$compiler-$level
        if ! { cmake -S "$source" -B "$build" -G Ninja -DCMAKE_C_COMPILER=$compiler -DCMAKE_BUILD_TYPE=Debug \
            -DCMAKE_C_FLAGS_DEBUG=-$level -DSKYVOX_TESTS=OFF -DSKYVOX_WERROR=ON &&
            cmake --build "$build" --target skyvox_cli; } >"$work/log" 2>&1; then
            echo "$compiler -$level: the build failed"
            cat "$work/log"
            failed=1
            continue
        fi
        for threads in 1 2 3 8; do
            run_one "$build/cli/skyvox" "$compiler -$level" $threads
        done
        if [ -d "$work/locale/de_DE.UTF-8" ]; then
            run_one "$build/cli/skyvox" "$compiler -$level, LC_ALL=de_DE.UTF-8" 2 \
                "LOCPATH=$work/locale" LC_ALL=de_DE.UTF-8
        fi
    done
done

# check_one PROGRAM NAME SESSION ARGUMENT...: a replay has the golden ledger from its first stage on.
check_one() {
    program=$1 name=$2
    shift 2
    n=$((n + 1))
    status=0
    "$program" run "$@" -o "$work/out" --quiet --no-timing --check-ledger "$golden" >"$work/log" 2>&1 || status=$?
    if [ $status -gt 1 ] || grep -q "ledger" "$work/log"; then
        echo "$name: exit status $status"
        cat "$work/log"
        failed=1
    fi
}

# Sessions change hands: recorded by one compiler's program, replayed by both from every stage.
for by in gcc clang; do
    recorder=$work/$by-O2/cli/skyvox
    [ -x "$recorder" ] || continue
    session=$work/$by.h5
    rm -f "$session"
    check_one "$recorder" "recorded by $by" "$source/scenarios/tiny.json" --record "$session"
    for in in gcc clang; do
        [ -x "$work/$in-O2/cli/skyvox" ] || continue
        for from in pixels detections bearings points; do
            for threads in 1 2; do
                check_one "$work/$in-O2/cli/skyvox" "recorded by $by, replayed by $in from $from, $threads threads" \
                    "$session" --from $from --threads $threads
            done
        done
    done
done
[ $failed -eq 0 ] && echo "$n runs, one ledger"
exit $failed
