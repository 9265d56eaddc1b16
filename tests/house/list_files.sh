# Sourced by the house checks: list_files SOURCE PATTERN... prints the project's own files, one a line, sorted.
list_files() {
    (
        cd "$1" || exit 1
        shift
        for pattern in "$@"; do
            find . -name .git -prune -o -type d \( -name 'build*' -o -name out -o -path ./tests/fuzz/corpus -o -path ./tests/data \) \
                -prune -o -type f -name "$pattern" -print
        done | sed 's|^\./||' | LC_ALL=C sort
    )
}
