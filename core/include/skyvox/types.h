/** The plain data that flows through the core. Conventions of axes, pixels and time: docs/CONVENTIONS.md. */
#ifndef SKYVOX_TYPES_H
#define SKYVOX_TYPES_H

#include <skyvox/base.h>

SV_BEGIN_DECLS

/** Nanoseconds since the PTP epoch (TAI); a simulation starts at 0. */
typedef int64_t sv_time;

typedef struct sv_vec3 {
    double x, y, z;
} sv_vec3;

/** Row-major 3 x 3. */
typedef struct sv_mat3 {
    double m[9];
} sv_mat3;

/** Hamilton, unit, body-to-world unless the name says otherwise. */
typedef struct sv_quat {
    double w, x, y, z;
} sv_quat;

typedef enum sv_modality {
    SV_MONO = 0,
    SV_THERMAL = 1,
} sv_modality;

typedef enum sv_class {
    SV_CLASS_UNKNOWN = 0,
    SV_CLASS_DRONE = 1,
    SV_CLASS_BIRD = 2,
    SV_CLASS_AIRCRAFT = 3,
    SV_CLASS_OTHER = 4,
    SV_N_CLASSES = 5,
} sv_class;

/**
 * Geometry of one camera as the tracker knows it: nothing here says how a scene or a sensor is simulated.
 * p_c = R_cw (p_w - c_w); x right, y down, z forward; pixel (0,0) is the centre of the top-left pixel.
 */
typedef struct sv_camera {
    int32_t id;   /**< as in the rig file, unique, >= 0; everywhere else cameras are indices into the rig */
    int32_t pair; /**< cameras of one pair look the same way; >= 0 */
    int32_t site; /**< cameras of one site give one baseline; >= 0 */
    sv_modality modality;
    int32_t width, height; /**< px */
    int32_t bit_depth;     /**< 8..16 */
    double fx, fy, cx, cy; /**< px */
    double dist[8];        /**< OpenCV rational model: k1 k2 p1 p2 k3 k4 k5 k6 */
    sv_vec3 c_w;           /**< centre, m */
    sv_mat3 R_cw;          /**< world to camera */
    double rate_hz;        /**< nominal frame rate, > 0 */
    double row_ns;         /**< rolling shutter: row v is exposed at t + row_ns * v; 0 = global shutter */
    double sigma_px;       /**< 1-sigma centroid noise per axis of detections that bring no covariance, px */
    double sigma_pose_px;  /**< 1-sigma direction error of the pose and calibration per axis, px */
    double sigma_time_s;   /**< 1-sigma error of its time stamps, s */
} sv_camera;

/** One image, borrowed: valid until the next call of the source that made it. */
typedef struct sv_frame {
    int32_t camera; /**< index into the rig */
    int32_t number; /**< the camera's own count, from 0 */
    sv_time t;      /**< start of exposure of row 0 */
    int32_t width, height;
    int32_t bit_depth;  /**< 8: one byte a pixel; 9..16: two bytes, native order, value in the low bits */
    ptrdiff_t pitch;    /**< bytes from a row to the next, may be negative */
    const void *pixels; /**< first byte of row 0 */
} sv_frame;

/** A candidate in one image. */
typedef struct sv_detection {
    sv_time t;         /**< its own time: exposure of its row */
    double u_px, v_px; /**< centroid */
    double cov_px2[3]; /**< uu, uv, vv; all 0: unknown, the camera's sigma_px holds */
    double snr;        /**< matched-filter SNR as the detector estimates it; 0: unknown (a label) */
    double flux_dn;    /**< signed sum over the target, DN; 0: unknown */
    double snr_link;   /**< single-frame SNR as rare by chance as its best chain over 4 frames; 0: none */
    int32_t camera;    /**< index into the rig */
    int32_t frame;     /**< sv_frame.number */
} sv_detection;

/** A bearing: one camera's detection, or the common bearing of a thermal + mono pair. */
typedef struct sv_ray {
    sv_time t;
    sv_vec3 c_w;        /**< origin, m */
    sv_vec3 d_w;        /**< unit direction */
    double cov_rad2[3]; /**< angular covariance e1e1, e1e2, e2e2 in the basis of sv_ray_basis(d_w) */
    double snr;         /**< of its detections, combined (root of the sum of squares); 0: unknown */
    double snr_link;    /**< the same of their chains, `snr` standing in for a detection without; 0: no chain */
    double confidence;  /**< probability that a real object made it, 0..1 */
    int32_t site;
    int32_t camera[2];    /**< mono first; [1] = -1 when one camera made it alone */
    int32_t detection[2]; /**< indices into the set's detections; -1 none */
} sv_ray;

enum { SV_POINT_RAYS_CAP = 48 };

/** Where rays of several sites meet, or a 3D measurement of an imported data set. */
typedef struct sv_point {
    sv_time t;
    sv_vec3 p_w;      /**< m */
    double cov_m2[6]; /**< xx xy xz yy yz zz */
    int32_t n_sites;  /**< distinct sites among its rays; 0: imported */
    int32_t n_rays;
    int32_t ray[SV_POINT_RAYS_CAP]; /**< indices into the set's rays, increasing */
} sv_point;

/** A measurement that a track took, and how surprising it was. */
typedef struct sv_innovation {
    int64_t track; /**< id */
    sv_time t;     /**< of the measurement */
    double nis;    /**< z^T S^-1 z as gated, before anything is down-weighted: chi-square with dof degrees of freedom */
    int32_t dof;   /**< 2: a ray, 3: a point */
    int32_t site;  /**< of the ray; -1: a point */
} sv_innovation;

typedef enum sv_track_state {
    SV_TRACK_TENTATIVE = 0, /**< not reported */
    SV_TRACK_CONFIRMED = 1, /**< reported */
    SV_TRACK_DORMANT = 2,   /**< position sigma outgrew the gate: not reported, may come back under its id */
} sv_track_state;

typedef struct sv_track {
    int64_t id; /**< from 1, never used again */
    sv_track_state state;
    sv_time t;                       /**< time of the state */
    sv_vec3 p_w, v_w;                /**< m, m/s */
    double cov[36];                  /**< row-major 6 x 6 of (p, v) */
    double existence;                /**< 0..1 */
    double class_prob[SV_N_CLASSES]; /**< sums to 1; [SV_CLASS_UNKNOWN] = 1 while nothing was learned */
    sv_time t_updated;               /**< newest measurement in it */
} sv_track;

/** The five stages of the ledger, in order. */
typedef enum sv_stage {
    SV_STAGE_SYNC = 0,
    SV_STAGE_DETECT = 1,
    SV_STAGE_FUSE = 2,
    SV_STAGE_VOXEL = 3,
    SV_STAGE_TRACK = 4,
    SV_N_STAGES = 5,
} sv_stage;

SV_END_DECLS
#endif
