#include <core/pipeline/products_hash.h>

/** Without a chain nothing is hashed: what was recorded before there were links keeps its ledger. */
static void hash_link(sv_hash *hash, double snr_link) {
    if (snr_link != 0) {
        sv_hash_double(hash, snr_link);
    }
}

uint64_t sv_products_hash_detections(const sv_detection *d, size_t n) {
    sv_hash hash = sv_hash_begin();
    for (size_t i = 0; i < n; i++) {
        sv_hash_i64(&hash, d[i].camera);
        sv_hash_i64(&hash, d[i].frame);
        sv_hash_i64(&hash, d[i].t);
        sv_hash_double(&hash, d[i].u_px);
        sv_hash_double(&hash, d[i].v_px);
        for (int k = 0; k < 3; k++) {
            sv_hash_double(&hash, d[i].cov_px2[k]);
        }
        sv_hash_double(&hash, d[i].snr);
        hash_link(&hash, d[i].snr_link);
        sv_hash_double(&hash, d[i].flux_dn);
    }
    return sv_hash_end(&hash);
}

uint64_t sv_products_hash_rays(const sv_ray *r, size_t n) {
    sv_hash hash = sv_hash_begin();
    for (size_t i = 0; i < n; i++) {
        sv_hash_i64(&hash, r[i].t);
        sv_hash_i64(&hash, r[i].site);
        sv_hash_vec3(&hash, r[i].c_w);
        sv_hash_vec3(&hash, r[i].d_w);
        for (int k = 0; k < 3; k++) {
            sv_hash_double(&hash, r[i].cov_rad2[k]);
        }
        sv_hash_double(&hash, r[i].snr);
        hash_link(&hash, r[i].snr_link);
        sv_hash_double(&hash, r[i].confidence);
        for (int k = 0; k < 2; k++) {
            sv_hash_i64(&hash, r[i].camera[k]);
            sv_hash_i64(&hash, r[i].detection[k]);
        }
    }
    return sv_hash_end(&hash);
}

uint64_t sv_products_hash_points(const sv_point *p, size_t n) {
    sv_hash hash = sv_hash_begin();
    for (size_t i = 0; i < n; i++) {
        sv_hash_i64(&hash, p[i].t);
        sv_hash_vec3(&hash, p[i].p_w);
        for (int k = 0; k < 6; k++) {
            sv_hash_double(&hash, p[i].cov_m2[k]);
        }
        sv_hash_i64(&hash, p[i].n_sites);
        for (int32_t k = 0; k < p[i].n_rays; k++) {
            sv_hash_i64(&hash, p[i].ray[k]);
        }
    }
    return sv_hash_end(&hash);
}

uint64_t sv_products_hash_tracks(const sv_track *t, size_t n) {
    sv_hash hash = sv_hash_begin();
    for (size_t i = 0; i < n; i++) {
        sv_hash_i64(&hash, t[i].id);
        sv_hash_i64(&hash, t[i].state);
        sv_hash_i64(&hash, t[i].t);
        sv_hash_vec3(&hash, t[i].p_w);
        sv_hash_vec3(&hash, t[i].v_w);
        for (int k = 0; k < 36; k++) {
            sv_hash_double(&hash, t[i].cov[k]);
        }
        sv_hash_double(&hash, t[i].existence);
        for (int k = 0; k < SV_N_CLASSES; k++) {
            sv_hash_double(&hash, t[i].class_prob[k]);
        }
        sv_hash_i64(&hash, t[i].t_updated);
    }
    return sv_hash_end(&hash);
}
