#!/bin/sh
# check_format.sh SOURCE: every .c and .h is laid out as .clang-format says; names the files that are not.
set -eu
. "$1/tests/house/list_files.sh"
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
cd "$1"
complaints=$(list_files . '*.c' '*.h' | xargs -d '\n' clang-format --dry-run 2>&1) || { echo "$complaints"; exit 1; }
[ -n "$complaints" ] || { echo "all files are formatted"; exit 0; }
echo "not as .clang-format says (clang-format -i FILE mends it):"
echo "$complaints" | sed -n 's/^\([^ :]*\):[0-9]*:.*clang-format-violations.*/\1/p' | sort | uniq -c
exit 1
