# Files as other people's trackers leave them: defined values, or one clear line and exit status 2; never anything else.
. tests/cli/lib.sh "$1"

truth=$work/truth.csv tracks=$work/tracks.csv t=$work/t
printf 't_s,target_id,x_m,y_m,z_m\n0,1,0,0,0\n1,1,1,0,0\n2,1,2,0,0\n' >"$truth"
printf 't_s,track_id,x_m,y_m,z_m\n0,1,0,0,0\n1,1,1,0,0\n2,1,2,0,0\n' >"$tracks"

# value PATH: the first number of that name on standard output
value() {
    grep -o "\"$1\": *[^,}]*" "$work/stdout" | head -n 1 | sed 's/.*: *//'
}
# scores WHAT KEY=VALUE ... -- ARGUMENTS: exit status 0, no message, no number that JSON does not have
scores() {
    local what=$1 pairs=() pair
    shift
    while [ "$1" != -- ]; do
        pairs+=("$1")
        shift
    done
    shift
    expect 0 skyvox score "$@" --json
    [ -s "$work/stderr" ] && fail "$what: unexpected message: $(cat "$work/stderr")"
    grep -Eiq '[: [](-?nan|-?inf(inity)?)[],}]' "$work/stdout" && fail "$what: a number that is none"
    for pair in "${pairs[@]}"; do
        [ "$(value "${pair%%=*}")" = "${pair#*=}" ] || fail "$what: ${pair%%=*} is $(value "${pair%%=*}"), expected ${pair#*=}"
    done
}
# refused WHAT PATTERN ARGUMENTS
refused() {
    local what=$1 pattern=$2
    shift 2
    expect 2 skyvox score "$@" --json
    expect_line "$pattern"
}
# changed SED: the table of tracks, changed
changed() {
    sed "$1" "$tracks" >"$t"
}

# The shape of the table.
changed 's/,/ ,\t/g' && scores "blanks round commas" held_fraction=1 -- "$truth" "$t"
(printf '\357\273\277' && sed 's/$/\r/' "$tracks") >"$t" && scores "BOM and CRLF" held_fraction=1 -- "$truth" "$t"
printf 'note,z_m,"x_m",track_id,,t_s,y_m\na,0,2,1,,2,0\n"b, c",0,0,1,,0,0\n\n,0,1,1,,1,0' >"$t"
scores "columns and rows in another order" held_fraction=1 n_tracks=1 -- "$truth" "$t"
changed 's/$/,/' && scores "a comma at the end of every line" held_fraction=1 -- "$truth" "$t"
changed 's/,/;/g' && refused "semicolons" 'line 1: found semicolons or tabs.*expected commas' "$truth" "$t"
changed 's/,/\t/g' && refused "tabs" 'line 1: found semicolons or tabs' "$truth" "$t"
tr '\n' '\r' <"$tracks" >"$t" && refused "carriage returns only" 'line 1: found a carriage return' "$truth" "$t"
changed '2s/$/,5/' && refused "a field too many" 'line 2: found 6 fields, expected 5' "$truth" "$t"
head -c -3 "$tracks" >"$t" && refused "a torn line" 'line 4: the last line is torn' "$truth" "$t"
changed '1s/x_m/y_m/' && refused "a column twice" 'column y_m stands twice' "$truth" "$t"
printf 't_s,track_id,x_m,y_m\n0,1,0,0\n' >"$t" && refused "no z" 'column z_m is missing' "$truth" "$t"
printf 't_s,x_m,y_m,z_m\n0,0,0,0\n' >"$t" && refused "no id" 'column track_id is missing' "$truth" "$t"
printf '0,1,0,0,0\n1,1,1,0,0\n' >"$t" && refused "no header" 't: found MOTChallenge text, but|found a CSV table' "$truth" "$t"
printf 't_s\0,x_m\n' >"$t" && refused "a zero byte" 'found a zero byte' "$truth" "$t"
refused "a folder" 'cannot be read' "$truth" "$work"
refused "no file" 'cannot be opened' "$truth" "$work/none"

# The numbers.
for bad in nan NaN inf -inf '' 0x10 1,5 1e400 1.2.3 1e300 '--1' '1 2'; do
    changed "s/^1,1,1/1,1,\"$bad\"/" && refused "x of $bad" "line 3: x_m: found '$bad', expected a" "$truth" "$t"
done
changed 's/^1,/2026-01-01T00:00:00,/' && refused "a date" "line 3: t_s: found '2026-01-01T00:00:00', expected a time" "$truth" "$t"
changed 's/^\([0-9]\),/\1e0,/' && scores "times with an exponent" held_fraction=1 -- "$truth" "$t"
sed 's/^\([0-9]\),/173205080\1.123456789,/' "$truth" >"$work/late.csv"
changed 's/^\([0-9]\),/173205080\1.1234567894,/' && scores "times since 1970" held_fraction=1 -- "$work/late.csv" "$t"

# Ids, and times that are nearly one.
changed 's/^\([0-9]\),1/\1,-5/' && scores "negative ids" held_fraction=1 n_tracks=1 -- "$truth" "$t"
changed 's/^\([0-9]\),1/\1,99999999999999999999999/' && scores "large ids" held_fraction=1 -- "$truth" "$t"
changed 's/^\([0-9]\),1/\1,"kite ""7"", left"/' && scores "ids in quotes" held_fraction=1 -- "$truth" "$t"
changed 's/^2,1/2,2/' && scores "an id that changes" IDSW=1 id_switches=1 ids_per_target=2 -- "$truth" "$t"
changed 's/^1,1/1,/' && refused "no id in a row" "line 3: track_id: found '', expected an id" "$truth" "$t"
changed 's/^2,/1,/' && refused "an id twice" 'track 1 stands twice at t_s 1.0' "$truth" "$t"
changed 's/^2,/1.0000004,/' && refused "an id twice within a microsecond" 'track 1 stands twice' "$truth" "$t"
changed 's/,1,/,left,/;s/^2,/1,/' && refused "a name twice" 'track left stands twice' "$truth" "$t"
changed 's/^1,/1.0000004,/' && scores "times within a microsecond" held_fraction=1 CLR_Frames=3 -- "$truth" "$t" --stamps union
printf '1.0000005,2,50,0,0\n' | cat "$truth" - >"$work/two.csv"
scores "truth within a microsecond is one stamp" CLR_FN=1 CLR_FP=0 CLR_Frames=3 -- "$work/two.csv" "$tracks"

# What need not be known.
head=t_s,track_id,x_m,y_m,z_m,vx_mps,vy_mps,vz_mps,sx_m,sy_m,sz_m,score
printf '%s\n0,1,0,0,0,,,,,,,0.5\n1,1,1,0,0,1,0,0,0.1,0.1,0.1,0.7\n2,1,2,0,0,,,,0,0,0,-3\n' $head >"$t"
scores "empty velocities and deviations" held_fraction=1 n=1 -- "$truth" "$t"
[ "$(grep -c '"threshold"' "$work/stdout")" = 3 ] || fail "a score of three values has no ROC of three thresholds"
printf '%s\n0,1,0,0,0,,1,,,,,1\n' $head >"$t" && refused "half a velocity" "vx_mps: found ''" "$truth" "$t"
printf '%s\n0,1,0,0,0,,,,,,,1e39\n' $head >"$t" && refused "a score out of range" 'score out of range' "$truth" "$t"

# Nothing.
head -n 1 "$truth" >"$work/no_truth.csv"
head -n 1 "$tracks" >"$work/no_tracks.csv"
printf ' \n\r\n' >"$work/empty"
for stamps in truth union; do
    for none in "$work/no_tracks.csv" "$work/empty" /dev/null; do
        scores "no tracks" held_fraction=0 ghost_fraction=null motp_m=null MLR=1 CLR_FN=3 -- "$truth" "$none" --stamps $stamps
    done
    for none in "$work/no_truth.csv" "$work/empty" /dev/null; do
        scores "no truth" held_fraction=null mota=null MLR=1 -- "$none" "$tracks" --stamps $stamps
        scores "nothing at all" held_fraction=null mota=null num_false_positives=0 -- "$none" "$work/no_tracks.csv" --stamps $stamps
    done
done
for one in 0 1 2; do
    grep -E "^$one,|t_s" "$tracks" >"$t"
    scores "a track of one frame" n_held=1 id_switches=0 CLR_FN=2 -- "$truth" "$t"
    grep -E "^$one,|t_s" "$truth" >"$t"
    scores "truth of one frame" n_held=1 CLR_FP=2 -- "$t" "$tracks" --stamps union
done

# MOTChallenge text of every width.
for n in 6 7 8 9 10 11; do
    for i in 3 1 2; do echo "$i,1,10,20,4,6,1,5,6,7,8" | cut -d, -f1-$n; done >"$work/mot$n.txt"
    scores "MOTChallenge, $n columns" held_fraction=1 -- "$work/mot$n.txt" "$work/mot$n.txt"
done
sed 's/$/,-1,-1,-1/' "$work/mot7.txt" >"$t" && scores "labels of 9 columns, results of 10" held_fraction=1 -- "$work/mot9.txt" "$t"
refused "a pipe" 'found a pipe' "$truth" <(cat "$tracks")
sed 's/,1,5,6$/,0,5,6/' "$work/mot9.txt" >"$t" && scores "labels that are not to count" held_fraction=null -- "$t" "$work/mot7.txt"
(printf '\357\273\277' && sed 's/,/ /g;s/$/\r/' "$work/mot7.txt") >"$t"
scores "MOTChallenge, BOM, blanks and CRLF" held_fraction=1 -- "$work/mot7.txt" "$t"
for row in '1,1,,20,4,6,1' '1,1,10,20,4,6,nan' '1,1,10' '1,1,10,20,4,1e300,1' '1.5,1,10,20,4,6,1' '-1,1,10,20,4,6,1' \
    '1,-1,10,20,4,6,1' '1,x,10,20,4,6,1' '5e9,1,10,20,4,6,1'; do
    echo "$row" >"$t" && refused "$row" 't: line 1: found ' "$work/mot7.txt" "$t"
done
printf '1,1,10,20,4,6,1\n1,1,12,20,4,6,1\n' >"$t" && refused "an id twice in a frame" 'id 1 stands twice in frame 1' "$work/mot7.txt" "$t"
refused "world against boxes" 'found no world coordinates' "$work/mot10.txt" "$work/mot9.txt"

# Half a million rows, shuffled, ids as text.
awk 'BEGIN { for (k = 0; k < 250000; k++) { i = (k * 271829) % 250000; printf "%d.5,d%d,%d,%d,0\n", i / 100, i % 100, i % 100 * 10, i } }' \
    >"$work/rows"
(echo t_s,target_id,x_m,y_m,z_m && cat "$work/rows") >"$work/many.csv"
(echo t_s,track_id,x_m,y_m,z_m && cat "$work/rows") >"$t"
scores "half a million rows" held_fraction=1 n_truth=250000 IDSW=0 -- "$work/many.csv" "$t"
finish
