/** How often chance alone makes a chain as good as one found: the calibration of links. docs/MATH.md 2.6. */
#ifndef CORE_DETECT_CHAIN_RATE_H
#define CORE_DETECT_CHAIN_RATE_H

enum {
    SV_CHAIN_AGES = 3,           /* frames before the newest that a chain may reach back to */
    SV_CHAIN_KINDS = 8,          /* which of them have a link of the chain: bit k - 1 for age k */
    SV_CHAIN_SUMS = 640,         /* entries of a table over the summed SNR */
    SV_CHAIN_TAIL = 64 * 12 + 1, /* of the Gaussian tail, 0 to 12 sigma */
};

/** Tables of one threshold and one greatest speed; constant once made. */
typedef struct sv_chain_rate {
    double snr_low, target_snr;
    double volume[SV_CHAIN_KINDS];                   /* px^(2 (n - 1)): where the older links of a chain may lie */
    double offset[SV_CHAIN_KINDS];                   /* of the score */
    double chance[SV_CHAIN_AGES + 2][SV_CHAIN_SUMS]; /* [n] chains per place whose score is reached, by summed SNR */
    double tail[SV_CHAIN_TAIL];                      /* P(x > s) of a unit Gaussian */
} sv_chain_rate;

/** Farthest that the ends of a chain over `age` frames may lie apart, px. */
double sv_chain_reach(double speed_px, int age);

/**
 * Sum of squared distances of a chain's links from its line, px^2.
 *
 *   kind      in  links at both ends of the ages, so bits 1, 2, 4, 3 (ages 1, 2), 5, 6, 7
 *   du, dv    in  [2] the links between the ends minus the line through the ends, newest first
 */
double sv_chain_misfit(int kind, const double du[2], const double dv[2]);

/** Misfit beyond which a link belongs to no chain, px^2. */
double sv_chain_misfit_max(void);

void sv_chain_rate_init(sv_chain_rate *out, double snr_low, double speed_px);

/** Log likelihood ratio of target over chance of a chain, up to a constant that all chains share. */
double sv_chain_score(const sv_chain_rate *rate, int kind, double sum_snr, double misfit_px2);

/**
 * SNR that as many single candidates reach as chains reach this score; 0 where that is below snr_low, 12 at most.
 *
 *   density  in  [SV_CHAIN_AGES + 1] candidates per pixel, the newest frame's first; 0: no such frame
 */
double sv_chain_snr(const sv_chain_rate *rate, double score, const double density[SV_CHAIN_AGES + 1]);

#endif
