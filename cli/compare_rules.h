/** What `skyvox compare` holds against a change: shared by reports and sweeps. */
#ifndef CLI_COMPARE_RULES_H
#define CLI_COMPARE_RULES_H

#include "command.h"

enum { COMPARE_RULES_CAP = 128 };

typedef struct compare_rule {
    const char *key;
    int better;       /* +1 more, -1 less, 0 neither: only shown */
    double tolerance; /* of the key's unit, or a share of the old value */
    bool relative;
    bool cost;    /* time or memory: absent with --no-timing */
    bool decides; /* a loss makes the exit status 1 */
} compare_rule;

/** How two inputs relate: this chooses the tolerances and the numbers that decide. */
typedef enum compare_kind {
    COMPARE_SAME_SEED,   /* reports of one seed: every judged number, narrow */
    COMPARE_OTHER_SEEDS, /* reports of two seeds: few numbers, wide */
    COMPARE_SWEEPS,      /* few numbers, any loss beyond chance */
} compare_kind;

typedef struct compare_rules {
    compare_rule rule[COMPARE_RULES_CAP];
    int n;
} compare_rules;

/** Defaults, then every "KEY=X" or "KEY=X%", which also makes KEY decide. Errors: SV_ERR_INPUT. */
sv_status compare_rules_make(compare_rules *rules, compare_kind kind, const text_list *tolerance);
/** NULL for a key that nobody knows. */
const compare_rule *compare_rules_find(const compare_rules *rules, const char *key);

/** Compare two sweep.json: prints the table; the exit status. */
int compare_sweeps(const char *const path[2], const compare_rules *rules, bool as_json);

#endif
