#include <skyvox/ledger.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- hash: h <- fmix64((h xor value) + golden), from h = golden. fmix64 is MurmurHash3's finaliser (Appleby, public
 * domain), a bijection of 64 bits; the golden ratio's bits make the length of a run of zeros count. ---- */

static const uint64_t golden = 0x9e3779b97f4a7c15;

static uint64_t fmix64(uint64_t h) {
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccd;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53;
    h ^= h >> 33;
    return h;
}

sv_hash sv_hash_begin(void) {
    return (sv_hash){golden};
}

void sv_hash_u64(sv_hash *hash, uint64_t value) {
    hash->h = fmix64((hash->h ^ value) + golden);
}

void sv_hash_i64(sv_hash *hash, int64_t value) {
    sv_hash_u64(hash, (uint64_t)value);
}

void sv_hash_double(sv_hash *hash, double value) {
    uint64_t bits = 0x7ff8000000000000;
    if (!isnan(value)) {
        memcpy(&bits, &value, sizeof bits);
    }
    sv_hash_u64(hash, bits);
}

void sv_hash_vec3(sv_hash *hash, sv_vec3 v) {
    sv_hash_double(hash, v.x);
    sv_hash_double(hash, v.y);
    sv_hash_double(hash, v.z);
}

uint64_t sv_hash_end(const sv_hash *hash) {
    return hash->h;
}

/* ---- lines ---- */

const char *sv_stage_name(sv_stage stage) {
    switch (stage) {
    case SV_STAGE_SYNC:
        return "sync";
    case SV_STAGE_DETECT:
        return "detect";
    case SV_STAGE_FUSE:
        return "fuse";
    case SV_STAGE_VOXEL:
        return "voxel";
    case SV_STAGE_TRACK:
        return "track";
    case SV_N_STAGES:
        break;
    }
    return "none";
}

void sv_ledger_format(char text[SV_LEDGER_LINE_CAP], const sv_ledger_line *line) {
    int n = snprintf(text, SV_LEDGER_LINE_CAP, "%" PRId64, line->set);
    for (int i = 0; i < SV_N_STAGES; i++) {
        n += snprintf(text + n, (size_t)(SV_LEDGER_LINE_CAP - n), " %016" PRIx64, line->hash[i]);
    }
}

/* Decimal digits, with a minus sign or not; NULL when there are none or too many. Else the place behind them. */
static const char *parse_set(int64_t *set, const char *text) {
    bool negative = *text == '-';
    const char *digit = text + (negative ? 1 : 0);
    int64_t value = 0;
    int n = 0;
    for (; digit[n] >= '0' && digit[n] <= '9'; n++) {
        int next = digit[n] - '0';
        if (value < (INT64_MIN + next) / 10) {
            return NULL;
        }
        value = value * 10 - next;
    }
    if (n == 0 || (!negative && value == INT64_MIN)) {
        return NULL;
    }
    *set = negative ? value : -value;
    return digit + n;
}

/* A space and 16 hexadecimal digits; NULL when they are not there. Else the place behind them. */
static const char *parse_hash(uint64_t *hash, const char *text) {
    if (*text++ != ' ') {
        return NULL;
    }
    uint64_t value = 0;
    for (int i = 0; i < 16; i++) {
        char c = text[i];
        if (c >= '0' && c <= '9') {
            value = value << 4 | (uint64_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value = value << 4 | (uint64_t)(c - 'a' + 10);
        } else {
            return NULL;
        }
    }
    *hash = value;
    return text + 16;
}

/* How much of a text an error message quotes: never a line break. */
static int quoted(const char *text) {
    size_t n = strcspn(text, "\r\n");
    return n < 24 ? (int)n : 24;
}

sv_status sv_ledger_parse(sv_ledger_line *line, const char *text) {
    sv_ledger_line parsed;
    const char *rest = parse_set(&parsed.set, text);
    if (rest == NULL) {
        return sv_fail(SV_ERR_INPUT, "ledger line: expected a set number, found \"%.*s\"", quoted(text), text);
    }
    for (int i = 0; i < SV_N_STAGES; i++) {
        const char *next = parse_hash(&parsed.hash[i], rest);
        if (next == NULL) {
            return sv_fail(SV_ERR_INPUT,
                           "ledger line of set %" PRId64
                           ": stage %s: expected a space and 16 digits 0-9a-f, found \"%.*s\"",
                           parsed.set, sv_stage_name((sv_stage)i), quoted(rest), rest);
        }
        rest = next;
    }
    if (*rest != '\0') {
        return sv_fail(SV_ERR_INPUT, "ledger line of set %" PRId64 ": \"%.*s\" after the last hash", parsed.set,
                       quoted(rest), rest);
    }
    *line = parsed;
    return SV_OK;
}

sv_stage sv_ledger_difference(const sv_ledger_line *a, const sv_ledger_line *b, sv_stage from) {
    int i = from;
    while (i < SV_N_STAGES && a->hash[i] == b->hash[i]) {
        i++;
    }
    return (sv_stage)i;
}
