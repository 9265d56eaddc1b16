#!/bin/sh
# check_headers.sh SOURCE CC: every public header compiles alone, as C17 and as C++17.
set -eu
cd "$1"
cc=$2
cxx=
for name in g++ clang++; do
    [ -n "$cxx" ] || ! command -v $name >/dev/null || cxx=$name
done
failed=0 n=0
for header in core/include/skyvox/*.h kernels/kernels.h; do
    n=$((n + 1))
    flags="-Icore/include -I. -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only"
    echo "#include <${header#core/include/}>" | $cc -std=c17 $flags -x c - || { echo "$header: not C17 alone"; failed=1; }
    [ -z "$cxx" ] || echo "#include <${header#core/include/}>" | $cxx -std=c++17 $flags -x c++ - ||
        { echo "$header: not C++17 alone"; failed=1; }
done
[ $failed -eq 0 ] || exit 1
echo "$n headers compile alone as C17"
[ -n "$cxx" ] || { echo "skipped: no C++ compiler"; exit 77; }
echo "and as C++17"
