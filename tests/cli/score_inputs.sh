# Anyone's files: ids as text, other column names, MOTChallenge text, regions to ignore, empty tables, a ROC.
. tests/cli/lib.sh "$1"

# value PATH: the number at a line `"KEY": number` of the report on standard output, the first of that name
value() {
    grep -o "\"$1\": *[^,}]*" "$work/stdout" | head -n 1 | sed 's/.*: *//'
}
is() {
    [ "$(value "$1")" = "$2" ] || fail "$3: $1 is $(value "$1"), expected $2"
}

# Two targets, ten frames; the second track is 1 m off.
{
    echo "target_id,z,y,x,colour,t"
    for i in 0 1 2 3 4 5 6 7 8 9; do
        echo "red drone,100,0,$i,red,$i"
        echo "7,100,50,$i,blue,$i"
    done
} >"$work/truth.csv"
{
    echo "id,x,y,z,timestamp,score"
    for i in 0 1 2 3 4 5 6 7 8 9; do
        echo "b7,$i,0,100,$i,0.9"
        echo "\"a, 1\",$i,51,100,$i,0.8"
        echo "z,$i,500,100,$i,0.1"
    done
} >"$work/tracks.csv"
expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv" --json
is held_fraction 1 "text ids"
is MOTA 0.5 "text ids"
is IDTP 20 "text ids"
grep -q '"roc"' "$work/stdout" || fail "no ROC although tracks carry a score"
is threshold 0.10000000149011612 "ROC"
expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv" -o "$work/out" --quiet
grep -q ',z,' "$work/out/errors.csv" || fail "errors.csv does not name the track"
grep -q 'red drone' "$work/out/report.html" || fail "report.html does not name the target"
grep -q 'Held over false' "$work/out/report.html" || fail "report.html has no ROC"

# The region round the false track, then all of it.
printf 'y_min_m,y_max_m\n400,600\n' >"$work/ignore.csv"
expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv" --json --ignore "$work/ignore.csv"
is MOTA 1 "a region to ignore"
printf 't_begin_s,t_end_s,x_min_m\n0,4.5,\n' >"$work/ignore.csv"
expect 0 skyvox score "$work/truth.csv" "$work/tracks.csv" --json --ignore "$work/ignore.csv"
is IDTP 10 "a time to ignore"
printf 'here,there\n1,2\n' >"$work/ignore.csv"
expect 2 skyvox score "$work/truth.csv" "$work/tracks.csv" --json --ignore "$work/ignore.csv"
expect_line "ignore.csv: line 1: found no bound"
printf 'x_min_m,x_max_m\n2,1\n' >"$work/ignore.csv"
expect 2 skyvox score "$work/truth.csv" "$work/tracks.csv" --json --ignore "$work/ignore.csv"
expect_line "ignore.csv: line 2: x_min_m is above x_max_m"

# MOTChallenge text, in world coordinates and in pixels.
for i in 1 2 3 4 5 6; do
    echo "$i,1,10,20,4,6,1,$i,2,3"
    echo "$i,2,90,20,4,6,1,$i,20,3"
done >"$work/gt.txt"
for i in 1 2 3 4 5 6; do echo "$i 5 11 20 4 6 0.$i $i 2.5 3"; done >"$work/res.txt"
expect 0 skyvox score "$work/gt.txt" "$work/res.txt" --json
is held_fraction 0.5 "MOT text"
is motp_m 0.5 "MOT text"
for i in 1 2 3; do echo "$i,1,10,20,4,6,1,-1,-1,-1"; done >"$work/gt_px.txt"
for i in 1 2 3; do echo "$i,1,11.5,20,4,6,1,-1,-1,-1"; done >"$work/res_px.txt"
expect 0 skyvox score "$work/gt_px.txt" "$work/res_px.txt" --json
is motp_m 1.5 "MOT text in pixels"
expect 0 skyvox score "$work/gt_px.txt" "$work/res_px.txt" -o "$work/px" --quiet
grep -q 'in px' "$work/px/report.html" || fail "the report does not say that lengths are pixels"
expect 2 skyvox score "$work/gt.txt" "$work/res_px.txt" --json
expect_line "res_px.txt: found no world coordinates"
expect 2 skyvox score "$work/gt.txt" "$work/tracks.csv" --json
expect_line "tracks.csv: found a CSV table"
printf '1,1,2,3\n' >"$work/short.txt"
printf '1,1,10,20,4,6,1\n2,1,oops,20,4,6,1\n' >"$work/bad.txt"
expect 2 skyvox score "$work/bad.txt" "$work/res.txt" --json
expect_line "bad.txt: line 2: found something that is no number"
: >"$work/none.txt"
expect 0 skyvox score "$work/gt.txt" "$work/none.txt" --json
is num_misses 12 "a tracker without results"

# No truth, no tracks, neither.
echo "t_s,target_id,x_m,y_m,z_m" >"$work/no_truth.csv"
echo "t_s,track_id,x_m,y_m,z_m" >"$work/no_tracks.csv"
expect 0 skyvox score "$work/truth.csv" "$work/no_tracks.csv" --json
is MLR 1 "no tracks"
is motp_m null "no tracks"
expect 0 skyvox score "$work/no_truth.csv" "$work/tracks.csv" --stamps union --json
is held_fraction null "no truth"
is num_false_positives 30 "no truth"
is mota null "no truth"
expect 0 skyvox score "$work/no_truth.csv" "$work/no_tracks.csv" --stamps union --json
is num_false_positives 0 "nothing"
for pair in "truth no_tracks" "no_truth tracks" "no_truth no_tracks"; do
    set -- $pair
    expect 0 skyvox score "$work/$1.csv" "$work/$2.csv" --stamps union -o "$work/empty" --quiet
done
expect 2 skyvox score "$work/truth.csv" "$work/tracks.csv" --stamps both
expect_line "expected truth or union"
finish
