#!/bin/sh
# check_reproducible.sh SOURCE CC: a copy of the tree in another folder builds the same program and libraries, byte for byte.
set -eu
source=$1 cc=$2
. "$source/tests/house/list_files.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for copy in a "another place"; do
    mkdir "$work/$copy"
    list_files "$source" '*' | (cd "$source" && tar -cf - -T -) | tar -xf - -C "$work/$copy"
    if ! { cmake -S "$work/$copy" -B "$work/$copy/b" -G Ninja -DCMAKE_C_COMPILER="$cc" -DSKYVOX_TESTS=OFF &&
        cmake --build "$work/$copy/b"; } >"$work/log" 2>&1; then
        cat "$work/log"
        exit 1
    fi
done

failed=0 n=0
for file in cli/skyvox core/libskyvox.a core/libskyvox.so kernels/libskyvox_kernels.a kernels/libskyvox_kernels.so core/libskyvox_score.a core/libskyvox_score.so; do
    cmp "$work/a/b/$file" "$work/another place/b/$file" || failed=1
    n=$((n + 1))
done
[ $failed -eq 0 ] && echo "$n files, identical"
exit $failed
