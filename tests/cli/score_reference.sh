# Random tables: every published metric against an independent implementation from the definitions, to 1e-9.
. tests/cli/lib.sh "$1"
python=
for candidate in python3 /usr/bin/python3; do
    [ -z "$python" ] && "$candidate" -c 'import numpy, scipy.optimize' 2>"$work/stderr" && python=$candidate
done
[ -n "$python" ] || skip "python3 with numpy and scipy is not installed"
"$python" tests/cli/score_reference.py 40 1 "$program" >"$work/stdout" || fail "$(tail -n 20 "$work/stdout")"
"$python" tests/cli/score_reference.py 20 2 "$program" --ties >"$work/stdout" ||
    fail "equal distances: $(tail -n 20 "$work/stdout")"
finish
