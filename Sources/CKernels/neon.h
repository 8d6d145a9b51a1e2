// What the three arm64 instruction sets share.
#pragma once

#include "table.h"

#include <arm_neon.h>
#include <string.h>

#define CORRECTION(sum) ((void)(sum), 0)

float ting_neon_quantise(const float *x, size_t k, int8_t *q, size_t padded, int32_t *sum);

ALWAYS_INLINE int32x4_t zero(void) { return vdupq_n_s32(0); }
ALWAYS_INLINE int8x16_t load_values(const int8_t *p) { return vld1q_s8(p); }
ALWAYS_INLINE int8x16_t load_weights(const int8_t *p) { return vld1q_s8(p); }
ALWAYS_INLINE int8x16_t load_weights_end(const int8_t *p, size_t n) {
    int8_t end[16] = {0};
    memcpy(end, p, n);
    return vld1q_s8(end);
}
ALWAYS_INLINE int32_t reduce(int32x4_t acc) { return vaddvq_s32(acc); }
