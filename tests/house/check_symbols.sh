#!/bin/sh
# check_symbols.sh SOURCE LIBSKYVOX.so LIBSKYVOX_KERNELS.so LIBSKYVOX_SCORE.so: what the shared libraries export is what the headers declare.
set -eu
cd "$1"
failed=0

exported() {
    nm -D --defined-only "$1" | awk '{ sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort -u
}

# declared HEADER...: names of functions at the margin that are not static, each with "api" or "hidden" before it.
declared() {
    awk '
        /^(static|typedef|extern|#)/ || !/^[A-Za-z]/ { next }
        match($0, /[*( ]sv_[a-z0-9_]+\(/) {
            print (/^SV_API / ? "api" : "hidden"), substr($0, RSTART + 1, RLENGTH - 2)
        }' "$@"
}

# compare LIBRARY HEADER...: both directions.
compare() {
    library=$1
    shift
    exported "$library" >"$work/exported"
    declared "$@" | awk '$1 == "api" { print $2 }' | LC_ALL=C sort -u >"$work/declared"
    [ -s "$work/declared" ] || { echo "$*: no SV_API function found"; failed=1; }
    LC_ALL=C comm -23 "$work/exported" "$work/declared" | sed "s|^|exported but in no public header: |" >"$work/extra"
    LC_ALL=C comm -13 "$work/exported" "$work/declared" | sed "s|^|declared SV_API but not exported: |" >"$work/absent"
    grep -v '^sv_' "$work/exported" | sed "s|^|exported without the prefix sv_: |" >"$work/prefix" || true
    cat "$work/extra" "$work/absent" "$work/prefix"
    if [ -s "$work/extra" ] || [ -s "$work/absent" ] || [ -s "$work/prefix" ]; then failed=1; fi
    echo "${library##*/}: $(wc -l <"$work/exported") symbols"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
score="core/include/skyvox/score.h core/include/skyvox/score2d.h core/include/skyvox/metrics.h"
compare "$2" $(printf '%s\n' core/include/skyvox/*.h | grep -vxF "$(printf '%s\n' $score)")
compare "$4" $score
compare "$3" kernels/kernels.h
if declared core/include/skyvox/*.h | grep '^hidden'; then
    echo "public functions without SV_API"
    failed=1
fi
exit $failed
