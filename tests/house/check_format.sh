#!/bin/sh
# check_format.sh SOURCE LIST: every .c and .h is laid out as .clang-format says; the list of files is left in LIST.
set -eu
. "$1/tests/house/list_files.sh"
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
cd "$1"
list_files . '*.c' '*.h' >"$2"
xargs -d '\n' clang-format --dry-run -Werror <"$2"
echo "$(wc -l <"$2") files are formatted"
