/** The hashes of the ledger: every field that means something, in a fixed order, never padding. */
#ifndef CORE_PIPELINE_PRODUCTS_HASH_H
#define CORE_PIPELINE_PRODUCTS_HASH_H

#include <skyvox/ledger.h>

uint64_t sv_products_hash_detections(const sv_detection *d, size_t n);
uint64_t sv_products_hash_rays(const sv_ray *r, size_t n);
uint64_t sv_products_hash_points(const sv_point *p, size_t n);
uint64_t sv_products_hash_tracks(const sv_track *t, size_t n);

#endif
