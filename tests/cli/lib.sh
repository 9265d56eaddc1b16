# Sourced by every script: `skyvox` below is the program under test, $work an empty folder that goes away.
set -u
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

# Names and contents of a folder.
fingerprint() {
    (cd "$1" && find . -type f | LC_ALL=C sort | xargs -r -d '\n' sha256sum)
}

finish() {
    [ "$n_failed" -eq 0 ] && echo "passed"
    exit $((n_failed > 0))
}
