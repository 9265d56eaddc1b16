/** The ledger: one hash per frame set and stage, so that two runs can be compared and the first difference named. */
#ifndef SKYVOX_LEDGER_H
#define SKYVOX_LEDGER_H

#include <skyvox/types.h>

SV_BEGIN_DECLS

typedef struct sv_ledger_line {
    int64_t set;
    uint64_t hash[SV_N_STAGES];
} sv_ledger_line;

/** Running 64-bit hash of values, never of padding. Source: docs/DETERMINISM.md. */
typedef struct sv_hash {
    uint64_t h;
} sv_hash;

SV_API sv_hash sv_hash_begin(void);
SV_API void sv_hash_u64(sv_hash *hash, uint64_t value);
SV_API void sv_hash_i64(sv_hash *hash, int64_t value);
/** Every NaN hashes as one NaN; -0 and +0 differ. */
SV_API void sv_hash_double(sv_hash *hash, double value);
SV_API void sv_hash_vec3(sv_hash *hash, sv_vec3 v);
SV_API uint64_t sv_hash_end(const sv_hash *hash);

/** "sync", "detect", "fuse", "voxel", "track". */
SV_API const char *sv_stage_name(sv_stage stage);

enum { SV_LEDGER_LINE_CAP = 128 };

/** "set h h h h h" in text[SV_LEDGER_LINE_CAP], decimal and five times 16 hexadecimal digits, no newline. */
SV_API void sv_ledger_format(char text[SV_LEDGER_LINE_CAP], const sv_ledger_line *line);
/** Reverse of sv_ledger_format. Errors: SV_ERR_INPUT. */
SV_API sv_status sv_ledger_parse(sv_ledger_line *line, const char *text);

/** First stage from `from` on whose hashes differ, or SV_N_STAGES. */
SV_API sv_stage sv_ledger_difference(const sv_ledger_line *a, const sv_ledger_line *b, sv_stage from);

SV_END_DECLS
#endif
