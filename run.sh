#!/bin/sh
# ./run.sh         install what is missing, build, run the quick scenario from pixels to score
# ./run.sh ARGS    the same set-up, then `skyvox ARGS`
set -eu
root=$(cd "$(dirname "$0")" && pwd)
. "$root/cmake/setup.sh"

setup_packages "$root/apt.txt"
[ -x "$root/build/release/cli/skyvox" ] || echo "Building skyvox (a minute or two)" >&2
setup_build release -DSKYVOX_TESTS=OFF

[ $# -eq 0 ] || exec "$root/build/release/cli/skyvox" "$@"

cd "$root"
status=0
build/release/cli/skyvox run scenarios/quick.json -o out/quick || status=$?
if [ -f out/quick/report.html ]; then
    echo
    echo "Look next at $root/out/quick/report.html (any browser) and at the tables beside it."
    echo "Other commands: ./run.sh --help"
fi
exit $status
