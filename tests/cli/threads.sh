# One ledger for every number of threads and level, where a horizon runs along the border of two rows of blocks: candidates there
# are judged by pixels of the other row, which another thread may be learning.
. tests/cli/lib.sh "$1"

# same NAME ARGUMENT...: a run has the ledger of the first.
same() {
    local name=$1
    shift
    expect 0 skyvox run tests/cli/horizon.json -o "$work/$name" --quiet --no-timing "$@"
    cmp -s "$work/first/run.ledger" "$work/$name/run.ledger" || fail "$name: another ledger than one thread's"
}

same first --threads 1
[ "$(awk -F, '$5 >= 126 && $5 < 130' "$work/first/detections.csv" | wc -l)" -ge 30 ] || fail "no candidates along the border"
for i in 1 2; do
    same "two_$i" --threads 2
done
same three --threads 3
for level in scalar avx2; do
    skyvox run tests/cli/horizon.json -o "$work/$level" --quiet --set duration_s=0.1 --backend $level 2>&1 |
        grep -q "this machine has no" && continue
    same $level --threads 2 --backend $level
done
finish
