// NEON, as every arm64 has it: two int8 products fit an int16 (127 * 128 * 2 < 2^15), which are then added to int32.
#include "table.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <string.h>

#include "neon.h"

enum { STEP = 16, ROWS = 4, OUTS = 4 };
#define ACC int32x4_t
#define WEIGHTS int8x16_t
#define VALUES int8x16_t

ALWAYS_INLINE int32x4_t dot(int32x4_t acc, int8x16_t v, int8x16_t w) {
    int16x8_t pairs = vmull_s8(vget_low_s8(v), vget_low_s8(w));
    return vpadalq_s16(acc, vmlal_high_s8(pairs, v, w));
}

#include "gemm.inc"

float ting_neon_quantise(const float *x, size_t k, int8_t *q, size_t padded, int32_t *sum) {
    const uint32x4_t positive = vdupq_n_u32(0x7fffffffu);
    uint32x4_t most = vdupq_n_u32(0);
    size_t i = 0;
    for (; i + 4 <= k; i += 4) most = vmaxq_u32(most, vandq_u32(vreinterpretq_u32_f32(vld1q_f32(x + i)), positive));
    uint32_t largest = vmaxvq_u32(most);
    for (; i < k; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7fffffffu;
        largest = bits > largest ? bits : largest;
    }
    float inverse;
    float scale = quantising_scale(largest, &inverse);
    *sum = 0;
    if (inverse == 0) {
        memset(q, 0, padded);
        return scale;
    }
    int32x4_t total = vdupq_n_s32(0);
    for (i = 0; i + 8 <= k; i += 8) {
        int32x4_t low = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x + i), inverse));
        int32x4_t high = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x + i + 4), inverse));
        total = vaddq_s32(total, vaddq_s32(low, high));
        vst1_s8(q + i, vmovn_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high))));
    }
    *sum = vaddvq_s32(total);
    memset(q + i, 0, padded - i);
    for (; i < k; i++) {
        q[i] = (int8_t)vcvtns_s32_f32(x[i] * inverse);
        *sum += q[i];
    }
    return scale;
}

const KernelTable ting_neon = {"neon", ting_neon_quantise, gemm_blocks, &ting_baseline_floats};

#endif
