# Help, version and usage errors.
. tests/cli/lib.sh "$1"

commands="run render score info compare sweep verify repair export"

expect 0 skyvox --help
for command in $commands; do
    grep -q "^  $command " "$work/stdout" || fail "--help does not list $command"
done
expect 0 skyvox --version
[ "$(head -n 1 "$work/stdout")" = "skyvox 0.1.0" ] || fail "--version starts with $(head -n 1 "$work/stdout")"
grep -Eq '^commit: [0-9a-z]' "$work/stdout" || fail "--version has no commit"
grep -Eq '^back ends: .*scalar' "$work/stdout" || fail "--version has no back ends"
grep -Eq '^optional parts: ' "$work/stdout" || fail "--version has no optional parts"

# The layout that manual pages are made from.
for command in $commands; do
    expect 0 skyvox "$command" --help
    cp "$work/stdout" "$work/help"
    head -n 1 "$work/help" | grep -q "^skyvox $command - " || fail "$command --help does not start with its name"
    for heading in "Usage: skyvox $command " "Options:" "Exit status:" "Examples:"; do
        grep -q "^$heading" "$work/help" || fail "$command --help lacks '$heading'"
    done
    awk 'length > 100 { print; exit 1 }' "$work/help" || fail "$command --help has lines above 100 columns"
    expect 0 skyvox help "$command"
    cmp -s "$work/stdout" "$work/help" || fail "help $command differs from $command --help"
    expect 2 skyvox "$command"
    expect_line "^skyvox: $command: expected .*, found 0 arguments"
    expect 2 skyvox "$command" --jsn a b c
    expect_line "unknown option --jsn, nearest is --json"
    expect 2 skyvox "$command" -Z a b
    expect_line "unknown option -Z"
    expect 2 skyvox "$command" --json=yes a b
    expect_line "json takes no value"
done

# Completion offers exactly the options of --help.
skyvox __complete | head -n 9 | tr '\n' ' ' | grep -qx "$commands " || fail "completion of commands"
for command in $commands; do
    skyvox "$command" --help | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p' | LC_ALL=C sort >"$work/from_help"
    skyvox __complete "$command" | LC_ALL=C sort >"$work/from_complete"
    cmp -s "$work/from_help" "$work/from_complete" || fail "completion of $command differs from its --help"
done
complete_words() {
    PATH=$(dirname "$program"):$PATH bash -c '. cli/skyvox.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _skyvox
        echo "${COMPREPLY[@]}"' bash "$@"
}
[ "$(complete_words skyvox co)" = "compare" ] || fail "completing co gives $(complete_words skyvox co)"
[ "$(complete_words skyvox run --che)" = "--check-ledger" ] || fail "completing run --che"
[ "$(complete_words skyvox render x.json --format p)" = "png" ] || fail "completing --format p"

expect 2 skyvox
grep -q '^Usage:' "$work/stderr" || fail "no arguments: no usage"
expect 2 skyvox rum
expect_line "unknown command 'rum', nearest is 'run'"
expect 2 skyvox help rum
expect_line "unknown command 'rum', nearest is 'run'"
expect 2 skyvox veri x
expect_line "unknown command 'veri', nearest is 'verify'"

expect 2 skyvox run "$small" --threads 0
expect_line "run: --threads 0: expected a whole number from 1 to 256"
expect 2 skyvox run "$small" --threads=257
expect_line "run: --threads 257"
expect 2 skyvox run "$small" --threads two
expect_line "run: --threads two"
expect 2 skyvox run "$small" --threads
expect_line "run: --threads: expected N, found nothing"
expect 2 skyvox run "$small" --backend warp
expect_line "warp"
expect 2 skyvox run "$small" --seed -1
expect_line "--seed -1"
expect 2 skyvox run "$small" --set nonsense
expect_line "nonsense"
expect 2 skyvox run "$small" "$small"
expect_line "run: expected SCENARIO.json\|DATASET-DIR\|SESSION.h5\|VIDEO, found 2 arguments"
expect 2 skyvox score a b --gate 0
expect_line "score: --gate 0"
expect 2 skyvox render "$small"
expect_line "render: --output DIR is missing"

# A full disk under standard output is no success.
if [ -w /dev/full ]; then
    skyvox --help >/dev/full 2>"$work/stderr"
    [ $? -eq 3 ] || fail "--help to a full disk does not exit 3"
fi
finish
