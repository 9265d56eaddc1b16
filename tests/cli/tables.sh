# detections.csv thinned or left out, by option and by scenario: nothing else changes, and an older one never stays.
. tests/cli/lib.sh "$1"

others="errors.csv report.html report.json run.ledger tracks.csv truth.csv"
expect 0 skyvox run "$small" -o "$work/all" --no-timing
grep -q "detections.csv" "$work/stdout" && fail "every row is written, and yet a line says otherwise"
cp -r "$work/all" "$work/out"

# same_but_detections FOLDER: every other file is that of the whole run
same_but_detections() {
    for file in $others; do
        cmp -s "$1/$file" "$work/all/$file" || fail "$2: $file differs"
    done
}

# Left out: the older table goes, one of a run that was ended at once, too; a line says how to get it.
echo torn >"$work/out/.part-detections.csv"
expect 0 skyvox run "$small" -o "$work/out" --no-timing --detections none
grep -q "no detections.csv: --detections all" "$work/stdout" || fail "no line about the missing table"
[ -z "$(find "$work/out" -name '*detections.csv')" ] || fail "none: an older detections.csv stays"
same_but_detections "$work/out" none

# Thinned: exactly the rows from this SNR on. No candidate of small.json is linked, all have an SNR.
limit=$(tail -n +2 "$work/all/detections.csv" | cut -d, -f6 | sort -n | tail -n 100 | head -n 1)
expect 0 skyvox run "$small" -o "$work/out" --no-timing --detections "$limit"
grep -q "detections.csv from SNR $limit on" "$work/stdout" || fail "no line about the missing rows"
awk -F, -v limit="$limit" 'NR == 1 || $6 + 0 > limit' "$work/all/detections.csv" >"$work/above.csv"
awk -F, -v limit="$limit" 'NR == 1 || $6 + 0 >= limit' "$work/all/detections.csv" >"$work/from.csv"
# Rows that only look like the limit, because three decimals are written, may be on either side of it.
[ -z "$(comm -23 <(sort "$work/above.csv") <(sort "$work/out/detections.csv"))" ] || fail "a row above the limit is missing"
[ -z "$(comm -13 <(sort "$work/from.csv") <(sort "$work/out/detections.csv"))" ] || fail "a row below the limit is there"
[ "$(wc -l <"$work/from.csv")" -lt "$(wc -l <"$work/all/detections.csv")" ] || fail "the limit thins nothing"
cp "$work/out/detections.csv" "$work/thin.csv"
same_but_detections "$work/out" "from SNR $limit"

# The scenario says the same, the option has the last word, and --set reaches both fields.
expect 0 skyvox run "$small" -o "$work/set" --no-timing --quiet --set tables.detections_snr="$limit"
cmp -s "$work/set/detections.csv" "$work/thin.csv" || fail "tables.detections_snr differs from --detections"
for file in run.ledger tracks.csv truth.csv errors.csv; do
    cmp -s "$work/set/$file" "$work/all/$file" || fail "tables.detections_snr changes $file"
done
expect 0 skyvox run "$small" -o "$work/set" --no-timing --quiet --set tables.detections=false
[ -e "$work/set/detections.csv" ] && fail "tables.detections=false writes the table"
expect 0 skyvox run "$small" -o "$work/set" --no-timing --quiet --set tables.detections=false --detections all
cmp -s "$work/set/detections.csv" "$work/all/detections.csv" || fail "--detections all is not the last word"
expect 2 skyvox run "$small" -o "$work/out" --set tables.detections=1
expect_line "tables.detections: found 1, expected true or false"
expect 2 skyvox run "$small" -o "$work/out" --set tables.detection=false
expect_line "tables.detection.*detections"
for what in some 0 -1 nan; do
    expect 2 skyvox run "$small" -o "$work/never" --detections "$what"
    expect_line "--detections $what: expected all, none or an SNR above 0"
    [ -e "$work/never" ] && fail "--detections $what made an output folder"
done

# A session has every row, whatever its run wrote; export and replay choose anew.
expect 0 skyvox run "$small" -o "$work/set" --quiet --detections none --record "$work/s.h5" --level detections
expect 0 skyvox export "$work/s.h5" -o "$work/csv" --quiet
cmp -s "$work/csv/detections.csv" "$work/all/detections.csv" || fail "export: detections.csv differs"
expect 0 skyvox export "$work/s.h5" -o "$work/csv" --quiet --detections "$limit"
cmp -s "$work/csv/detections.csv" "$work/thin.csv" || fail "export: rows from SNR $limit differ"
expect 0 skyvox export "$work/s.h5" -o "$work/csv" --quiet --detections none
[ -e "$work/csv/detections.csv" ] && fail "export: an older detections.csv stays"
cmp -s "$work/csv/tracks.csv" "$work/all/tracks.csv" || fail "export without detections: tracks.csv differs"
expect 2 skyvox export "$work/s.h5" -o "$work/csv" --detections some
expect_line "--detections some: expected all, none or an SNR above 0"
expect 0 skyvox run "$work/s.h5" -o "$work/again" --quiet --detections none
[ -e "$work/again/detections.csv" ] && fail "replay: --detections none writes the table"

# Without it the folder is scored and compared as any other.
expect 0 skyvox score "$work/out/truth.csv" "$work/out/tracks.csv" -o "$work/score" --quiet
expect 0 skyvox compare "$work/all" "$work/out"

# A video has no such table.
printf 'no video\n' >"$work/a.mp4"
expect 2 skyvox run "$work/a.mp4" --detections none
expect_line "a.mp4: --detections is not for videos"

# What needs the table says which file is missing.
mkdir "$work/dataset"
echo '{ "cameras": [] }' >"$work/dataset/cameras.json"
expect 2 skyvox run "$work/dataset" -o "$work/never"
expect_line "$work/dataset/detections.csv: cannot be opened: No such file"
finish
