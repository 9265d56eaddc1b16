#!/bin/sh
# ledger_matrix.sh SOURCE WORK: the ledger of scenarios/tiny.json is the golden one for every compiler, optimisation level,
# thread count and locale.
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
[ $failed -eq 0 ] && echo "$n runs, one ledger"
exit $failed
