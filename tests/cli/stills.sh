# Single images: bad input, and real infrared frames where they are, above the published peer.
. tests/cli/lib.sh "$1"

mkdir -p "$work/bad/images"
expect 2 skyvox run "$work/bad" -o "$work/o"
expect_line 'no image in this folder'
printf 'no image\n' >"$work/bad/images/a.png"
expect 2 skyvox run "$work/bad" -o "$work/o"
if grep -q 'this build has no video support' "$work/stderr"; then
    finish
fi
expect_line 'a.png: '
printf 'image,x,y,w,h\nb,1,1,3,3\n' >"$work/bad/labels.csv"
expect 2 skyvox run "$work/bad" -o "$work/o"
expect_line 'labels.csv: line 2: no image is called b'
expect 2 skyvox info "$work/bad"
expect_line 'no image is called b'
printf 'P5\n3 2\n255\n~~~~~~' >"$work/bad/images/a.pgm"
rm "$work/bad/images/a.png" "$work/bad/labels.csv"
expect 2 skyvox run "$work/bad" -o "$work/o"
expect_line 'a.pgm: image2d: 3 x 2 px, expected 16 to 32000 each'
[ -e "$work/o" ] && fail "bad input left an output folder"

data=${SKYVOX_DATA:-$root/../shared/data}/ir-small-target
[ -d "$data" ] || { [ "$n_failed" -eq 0 ] && skip "no images in $data (set SKYVOX_DATA)"; finish; }
expect 0 skyvox run "$data" -o "$work/two" --quiet --no-timing --threads 2
grep '"group": "all", "name": "all"' "$work/two/report.json" | sed 's/.*"f1": \([0-9.]*\).*/\1/' |
    awk '{ f = $1 } END { exit !(f > 0.85) }' || fail "F1 is not above 0.85, the top-hat's under this matching being 0.846"
mkdir "$work/bare"
ln -s "$(realpath "$data/images")" "$work/bare/images"
expect 0 skyvox run "$work/bare" -o "$work/one" --quiet --no-timing --threads 1 --check-ledger "$work/two/run.ledger"
cmp "$work/two/tracks2d.csv" "$work/one/tracks2d.csv" || fail "labels or threads change what is found"
expect 0 skyvox info "$data"
grep -q '48 single images' "$work/stdout" || fail "info does not count the images"
finish
