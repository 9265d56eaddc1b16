#!/bin/sh
# check_install.sh SOURCE BUILD CC CMAKE LIBDIR GENERATOR: install into a new prefix, move it, and build examples/ against it by
# pkg-config and by find_package, shared and static. Every way prints the same tracks.
set -eu
source=$1 build=$2 cc=$3 cmake=$4 libdir=$5 generator=$6
work=$(mktemp -d "${TMPDIR:-/tmp}/skyvox install.XXXXXX")
trap 'rm -rf "$work"' EXIT
log=$work/log

# quietly COMMAND...: its output appears only when it fails.
quietly() {
    "$@" >"$log" 2>&1 || { cat "$log"; echo "failed: $*"; exit 1; }
}

quietly "$cmake" --install "$build" --prefix "$work/first"
mv "$work/first" "$work/prefix"
prefix=$work/prefix

for file in bin/skyvox "$libdir/libskyvox.a" "$libdir/libskyvox.so.0" "$libdir/libskyvox_kernels.a" \
    "$libdir/libskyvox_kernels.so.0" "$libdir/libskyvox_score.so.0" include/skyvox/metrics.h include/skyvox/pipeline.h include/skyvox/kernels.h share/man/man1/skyvox.1 \
    share/man/man1/skyvox-run.1 share/bash-completion/completions/skyvox; do
    [ -e "$prefix/$file" ] || { echo "not installed: $file"; exit 1; }
done
"$prefix/bin/skyvox" --version | grep -q skyvox || { echo "the installed program does not say its version"; exit 1; }

# pkg-config, as a person would type it; its output quotes blanks for the shell.
export PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig"
if command -v pkg-config >/dev/null; then
    example="-std=c17 '$source/examples/track_points.c'"
    quietly eval "$cc" "$example" -o "'$work/pc_shared'" "$(pkg-config --cflags --libs skyvox)"
    quietly eval "$cc" "$example" -static -o "'$work/pc_static'" "$(pkg-config --static --cflags --libs skyvox)"

    # A backend comes from the second library.
    cat >"$work/backend.c" <<'END'
#include <skyvox/kernels.h>
int main(void) {
    sv_backend *backend = NULL;
    const sv_status status = sv_backend_create(&backend, SV_BACKEND_SCALAR);
    sv_backend_destroy(backend);
    return status != SV_OK;
}
END
    quietly eval "$cc" "'$work/backend.c'" -o "'$work/backend'" "$(pkg-config --cflags --libs skyvox-kernels)"
    LD_LIBRARY_PATH="$prefix/$libdir" "$work/backend" || { echo "the installed kernels give no backend"; exit 1; }

    # A score comes from the third.
    cat >"$work/score.c" <<'END'
#include <skyvox/score.h>
int main(void) {
    const sv_score_config config = sv_score_config_default();
    sv_score *score = NULL;
    const sv_status status = sv_score_create(&score, &config, NULL, 0, NULL, 0);
    sv_score_destroy(score);
    return status != SV_OK;
}
END
    quietly eval "$cc" "'$work/score.c'" -o "'$work/score'" "$(pkg-config --cflags --libs skyvox-score)"
    LD_LIBRARY_PATH="$prefix/$libdir" "$work/score" || { echo "the installed scorer gives no score"; exit 1; }
fi

# find_package
quietly "$cmake" -S "$source/examples" -B "$work/build" -G "$generator" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc"
quietly "$cmake" --build "$work/build"

"$work/build/track_points" >"$work/expected"
grep -q '^set 44 track 1 at 14\.[67]' "$work/expected" || { echo "unexpected tracks:"; cat "$work/expected"; exit 1; }
n=1
for program in "$work/build/track_points_static" "$work/pc_shared" "$work/pc_static"; do
    [ -x "$program" ] || continue
    LD_LIBRARY_PATH="$prefix/$libdir" "$program" >"$work/printed"
    cmp "$work/expected" "$work/printed"
    n=$((n + 1))
done
command -v pkg-config >/dev/null || { echo "skipped: no pkg-config"; exit 77; }
echo "the example was built in $n ways; all print the same"
