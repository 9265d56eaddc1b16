#!/bin/sh
# ./test.sh            install what is missing, build and run every test, plain and under ASan + UBSan
# ./test.sh --nightly  the long tests as well
set -eu
root=$(cd "$(dirname "$0")" && pwd)
. "$root/cmake/setup.sh"

without=nightly
case ${1-} in
'') ;;
--nightly) without=none ;;
*) echo "usage: test.sh [--nightly]" >&2; exit 2 ;;
esac

setup_packages "$root/apt.txt" "$root/apt-test.txt"
n_passed=0 n_failed=0 n_skipped=0

# count FOLDER: add the results of the ctest run just made there; cmocka's own skips count beside ctest's.
count() {
    set -- $(awk '
        /<testcase / {
            if (/status="fail"/) failed++
            else if (/status="run"/) passed++
            else skipped++
        }
        /^\[  SKIPPED \] [0-9]+ test/ { skipped += $4 }
        END { print passed + 0, failed + 0, skipped + 0 }' "$1/results.xml")
    n_passed=$((n_passed + $1)) n_failed=$((n_failed + $2)) n_skipped=$((n_skipped + $3))
}

# check PRESET EXCLUDED-LABELS: build and test one preset; a build that fails counts as one failure.
check() {
    echo "== $1: build"
    if ! setup_build "$1" -DSKYVOX_TESTS=ON; then
        n_failed=$((n_failed + 1))
        return 0
    fi
    echo "== $1: test"
    rm -f "$root/build/$1/results.xml"
    ctest --test-dir "$root/build/$1" -LE "$2" -j 2 --output-on-failure --no-tests=error --output-junit results.xml \
        --test-output-size-passed 1000000 || true
    if [ -f "$root/build/$1/results.xml" ]; then
        count "$root/build/$1"
        sed -n 's/^\[  SKIPPED \] \([a-z_].*\)/skipped: \1/p' "$root/build/$1/results.xml" | sort -u
    else
        n_failed=$((n_failed + 1))
    fi
}

# Leaks of the libraries that are not ours, named in the file; without a word, because tests read standard error.
LSAN_OPTIONS=suppressions=$root/tests/lsan.supp:print_suppressions=0
export LSAN_OPTIONS

check dev "^$without\$"
check asan "^($without|house|slow)\$"

echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" -eq 0 ]
