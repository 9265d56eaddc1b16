#!/bin/sh
# check_tree.sh SOURCE BUILT-FILE...: rules about the files themselves, and no path of this machine in what was built.
set -eu
. "$1/tests/house/list_files.sh"
source=$(cd "$1" && pwd)
shift
failed=0
complain() {
    echo "$1"
    failed=1
}

# Unique names, so that a name alone says which file is meant.
twice=$(list_files "$source" '*.c' '*.h' '*.cu' '*.sh' '*.awk' '*.cmake' '*.json' '*.ledger' | sed 's|.*/||' | sort | uniq -d)
[ -z "$twice" ] || complain "file names that are not unique: $(echo $twice)"

cd "$source"
long=$(list_files . '*.c' '*.h' '*.cu' '*.sh' '*.awk' '*.cmake' CMakeLists.txt |
    xargs -d '\n' awk 'FNR == 800 { print FILENAME }')
[ -z "$long" ] || complain "files of 800 lines or more: $(echo $long)"

clock=$(list_files . '*.c' '*.h' '*.cu' | xargs -d '\n' grep -HnE '__(DATE|TIME|TIMESTAMP)__' || true)
[ -z "$clock" ] || complain "the date of the build must not be in a binary: $clock"

# Brackets keep this line from finding itself.
paths=$(list_files . '*' | xargs -d '\n' grep -HnIE '(^|[^A-Za-z0-9_.$}])/(work[/]|home[/]|root[/]|Users[/])' || true)
[ -z "$paths" ] || complain "paths of somebody's machine: $paths"
shared=$(list_files . '*.md' | xargs -d '\n' grep -HnE '\.\./share[d]' || true)
[ -z "$shared" ] || complain "documentation must not point out of the tree: $shared"

for file in "$@"; do
    ! grep -qF "$source" "$file" || complain "$file contains the path of the source tree"
done
[ $failed -eq 0 ] && echo "the tree is in order"
exit $failed
