#!/bin/sh
# check_includes.sh SOURCE: the #include lines follow the arrows of docs/ARCHITECTURE.md.
set -eu
. "$1/tests/house/list_files.sh"
cd "$1"
list_files . '*.c' '*.h' | grep -E '^(core|kernels|formats|sim|replay|live|net|viewer|cli|bench|examples)/' |
    xargs -d '\n' awk -f tests/house/include_rules.awk
