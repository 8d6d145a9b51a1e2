// NEON with int8 matrix products (Cortex-A710, Neoverse V1 and later): two rows times two outputs over eight inputs at
// once. Single rows and last outputs take the dot product, which every such processor has.
#include "table.h"

#if defined(__aarch64__)

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#else
#pragma GCC target("arch=armv8.2-a+dotprod+i8mm")
#endif

#include "neon.h"

enum { STEP = 16, ROWS = 4, OUTS = 4, TALL = 8 };
#define ACC int32x4_t
#define WEIGHTS int8x16_t
#define VALUES int8x16_t

ALWAYS_INLINE int32x4_t dot(int32x4_t acc, int8x16_t v, int8x16_t w) { return vdotq_s32(acc, v, w); }

#include "gemm.inc"

// Sixteen inputs of two rows, as two registers of eight inputs of both.
ALWAYS_INLINE void interleave(int8x16_t a, int8x16_t b, int8x16_t to[2]) {
    int64x2_t x = vreinterpretq_s64_s8(a), y = vreinterpretq_s64_s8(b);
    to[0] = vreinterpretq_s8_s64(vzip1q_s64(x, y));
    to[1] = vreinterpretq_s8_s64(vzip2q_s64(x, y));
}

ALWAYS_INLINE void pair_step(int32x4_t acc[TALL / 2][2], const int8_t *a, size_t lda, const int8x16_t w[OUTS],
                             const int rows) {
    int8x16_t left[2], right[2];
    interleave(w[0], w[1], left);
    interleave(w[2], w[3], right);
    for (int i = 0; i < rows / 2; i++) {
        int8x16_t v[2];
        interleave(load_values(a + (size_t)(2 * i) * lda), load_values(a + (size_t)(2 * i + 1) * lda), v);
        for (int half = 0; half < 2; half++) {
            acc[i][0] = vmmlaq_s32(acc[i][0], v[half], left[half]);
            acc[i][1] = vmmlaq_s32(acc[i][1], v[half], right[half]);
        }
    }
}

ALWAYS_INLINE void pair_block(const int8_t *a, size_t lda, const int8_t *w, size_t k, int32_t *c, size_t ldc,
                              const int rows) {
    int32x4_t acc[TALL / 2][2];
    for (int i = 0; i < rows / 2; i++) acc[i][0] = acc[i][1] = zero();
    int8x16_t b[OUTS];
    size_t p = 0;
    for (; p + STEP <= k; p += STEP) {
        for (size_t j = 0; j < OUTS; j++) b[j] = load_weights(w + j * k + p);
        pair_step(acc, a + p, lda, b, rows);
    }
    if (p < k) {
        for (size_t j = 0; j < OUTS; j++) b[j] = load_weights_end(w + j * k + p, k - p);
        pair_step(acc, a + p, lda, b, rows);
    }
    for (int i = 0; i < rows / 2; i++) {
        int32_t *to = c + (size_t)(2 * i) * ldc;
        vst1q_s32(to, vcombine_s32(vget_low_s32(acc[i][0]), vget_low_s32(acc[i][1])));
        vst1q_s32(to + ldc, vcombine_s32(vget_high_s32(acc[i][0]), vget_high_s32(acc[i][1])));
    }
}

static void gemm(const int8_t *a, size_t lda, const int32_t *sums, size_t m, const int8_t *w, size_t k, size_t n,
                 int32_t *c, size_t ldc) {
    size_t pairs = m / 2 * 2, wide = n / OUTS * OUTS;
    for (size_t j = 0; j < wide; j += OUTS) {
        const int8_t *b = w + j * k;
        size_t i = 0;
        for (; i + TALL <= pairs; i += TALL) pair_block(a + i * lda, lda, b, k, c + i * ldc + j, ldc, TALL);
        for (; i < pairs; i += 2) pair_block(a + i * lda, lda, b, k, c + i * ldc + j, ldc, 2);
    }
    if (pairs < m) gemm_blocks(a + pairs * lda, lda, sums + pairs, m - pairs, w, k, wide, c + pairs * ldc, ldc);
    if (wide < n) gemm_blocks(a, lda, sums, m, w + wide * k, k, n - wide, c + wide, ldc);
}

const KernelTable ting_i8mm = {"i8mm", ting_neon_quantise, gemm, &ting_baseline_floats};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
