#!/bin/sh
# check_objects.sh OBJECT...: core and kernels call only what gives the same bits everywhere, and keep no state of their own.
set -eu
[ $# -gt 0 ] || { echo "no object to check"; exit 1; }

# From libc and libm: memory, strings, integer formatting, threads, and functions that are exact by definition.
allowed='^(_GLOBAL_OFFSET_TABLE_|__tls_get_addr|__stack_chk_fail|__assert_fail|__errno_location|'
allowed=$allowed'malloc|calloc|realloc|aligned_alloc|madvise|free|__cpu_(model|indicator_init)|mem(cpy|move|set|cmp|chr)|str(len|n?cmp|n?cpy|r?chr|c?spn)|v?snprintf|'
allowed=$allowed'pthread_(create|join|self|mutex_[a-z]+|cond_[a-z]+|barrier_[a-z]+|attr_[a-z]+)|'
# Which instructions the processor has: it chooses among kernels that give the same bits.
allowed=$allowed'__cpu_(model|features2|indicator_init)|'
allowed=$allowed'sqrtf?|fabsf?|floor|ceil|trunc|rint|nearbyint|copysign|fmin|fmax|frexp|ldexp|scalbn|l?lrint)$'

nm -u -P "$@" | awk -v allowed="$allowed" '
    /:$/ { object = $0; sub(/.*\//, "", object); next }
    $1 !~ /^sv_/ && $1 !~ allowed && !(object ~ /tgospa_program/ && $1 ~ /^Clp_/) { print object " calls " $1 ": not in the list of tests/house/check_objects.sh"; bad = 1 }
    END { exit bad }' || failed=1

# No mutable globals but the thread-local error text, which lies in .tbss.
objdump -t "$@" | awk '
    /file format/ { object = $1; sub(/.*\//, "", object); next }
    / \.(data|bss|tdata|tbss)/ && !/ d +\./ && !/\.data\.rel\.ro/ && !/\.tbss.* error_text$/ {
        print object " has a mutable global: " $NF
        bad = 1
    }
    END { exit bad }' || failed=1

[ -z "${failed-}" ] || exit 1
echo "$# objects checked"
