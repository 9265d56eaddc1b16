/** Grey images as PNG. */
#ifndef CLI_PNG_WRITE_H
#define CLI_PNG_WRITE_H

#include <skyvox/types.h>
#include <stdio.h>

/**
 * Write one frame: 8 bit as it is; 9 to 16 bit as 16 bit, shifted left to full range, with the true depth in sBIT.
 * Errors: SV_ERR_IO, SV_ERR_NOMEM.
 */
sv_status png_write_frame(FILE *file, const sv_frame *frame);

#endif
