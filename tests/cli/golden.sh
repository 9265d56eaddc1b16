# The committed ledgers of the larger scenarios, by their first frame sets: the whole runs are nightly.
. tests/cli/lib.sh "$1"

# first SCENARIO SETS SECONDS THREADS: a short run gives the first lines of the golden ledger.
first() {
    head -n "$2" "$root/scenarios/golden/$1.ledger" >"$work/$1.ledger"
    expect 0 skyvox run "$root/scenarios/$1.json" -o "$work/out" --quiet --no-timing --threads "$4" --set "duration_s=$3" \
        --set warmup_s=0 --set 'expect=[]' --check-ledger "$work/$1.ledger"
}

first quick 20 0.667 1
first quick 20 0.667 2
first swarm200-det 10 0.334 2
finish
