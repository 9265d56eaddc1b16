# What `skyvox bench` refuses; the benchmarks themselves take too long for a test.
. tests/cli/lib.sh "$1"
expect 2 skyvox bench scores --json
expect_line "unknown benchmark 'scores', nearest is 'score'"
expect 0 skyvox bench --help
grep -q "ms_per_scan_200_1t" "$work/stdout" || fail "--help does not name the figure"
# The peer of `bench score` is not there, or prints its version and three numbers.
printf 't_s,target_id,x_m,y_m,z_m\n0,1,0,0,0\n1,1,1,0,0\n' >"$work/truth.csv"
sed 's/target_id/track_id/' "$work/truth.csv" >"$work/tracks.csv"
python3 bench/peers/stonesoup_score.py "$work/truth.csv" "$work/tracks.csv" >"$work/stdout" 2>"$work/stderr"
status=$?
case $status in
77) wanted='^not installed: ' ;;
0) wanted='^stonesoup [^ ]+ [0-9.e+-]+ 0 1$' ;;
127) wanted='^$' && echo >"$work/stdout" && : >"$work/stderr" ;;
*) wanted='a status of 0 or 77' ;;
esac
[ "$(wc -l <"$work/stdout")" -eq 1 ] && grep -Eq "$wanted" "$work/stdout" && [ ! -s "$work/stderr" ] ||
    fail "the peer's script: status $status, $(head -c 300 "$work/stdout" "$work/stderr")"
finish
