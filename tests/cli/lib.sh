# Sourced by every script: `skyvox` below is the program under test, $work an empty folder that goes away.
set -u
export LC_ALL=C # of the tools here; what the program makes of a locale is tested in house_ledger_matrix
program=$1
root=$PWD
small=$root/tests/cli/small.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n_failed=0

skyvox() {
    "$program" "$@"
}

fail() {
    echo "FAILED: $*" >&2
    n_failed=$((n_failed + 1))
}

skip() {
    echo "skipped: $*"
    exit 77
}

# expect STATUS COMMAND...: output in $work/stdout, $work/stderr
expect() {
    local wanted=$1
    shift
    "$@" >"$work/stdout" 2>"$work/stderr"
    local got=$?
    if [ "$got" -ne "$wanted" ]; then
        fail "exit status $got, expected $wanted: $*"
        sed 's/^/    /' "$work/stderr" >&2
    fi
}

# One line on standard error that matches the pattern, nothing on standard output.
expect_line() {
    local pattern=$1 n
    n=$(wc -l <"$work/stderr")
    [ "$n" -eq 1 ] || fail "$n lines on standard error, expected 1: $(head -c 300 "$work/stderr")"
    grep -Eq -- "$pattern" "$work/stderr" || fail "expected a line like '$pattern', found: $(cat "$work/stderr")"
    [ -s "$work/stdout" ] && fail "unexpected standard output: $(head -c 200 "$work/stdout")"
}

# until_filled FILE PID: wait until something stands in the file, or the process is gone.
until_filled() {
    while [ ! -s "$1" ] && kill -0 "$2" 2>/dev/null; do sleep 0.05; done
}

# noise N: N bytes that look random and are always the same.
noise() {
    local i byte x=1
    for ((i = 0; i < $1; i++)); do
        x=$(((x * 1103515245 + 12345) & 0x7fffffff))
        printf -v byte '\\x%02x' $((x >> 16 & 255))
        printf "$byte"
    done
}

# Names and contents of a folder.
fingerprint() {
    (cd "$1" && find . -type f | LC_ALL=C sort | xargs -r -d '\n' sha256sum)
}

finish() {
    [ "$n_failed" -eq 0 ] && echo "passed"
    exit $((n_failed > 0))
}
