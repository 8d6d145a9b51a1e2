// AVX-512 VNNI: four int8 products a lane into int32. The instruction wants one side unsigned, so weights are read with
// their top bit flipped (w + 128), and 128 times the sum of the row's values is taken off at the end: weights stay in place.
//
// Few rows: dot products straight from the weights. Many rows: sixteen outputs' weights are transposed into a small panel
// (four inputs of sixteen outputs a register), which every row then multiplies without any sum across lanes.
#include "table.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#endif

enum { STEP = 64, ROWS = 4, OUTS = 4 };
#define ACC __m512i
#define WEIGHTS __m512i
#define VALUES __m512i
#define CORRECTION(sum) (128 * (sum))

ALWAYS_INLINE __m512i zero(void) { return _mm512_setzero_si512(); }
ALWAYS_INLINE __m512i flip(__m512i w) { return _mm512_xor_si512(w, _mm512_set1_epi8((char)0x80)); }
ALWAYS_INLINE __m512i load_values(const int8_t *p) { return _mm512_loadu_si512(p); }
ALWAYS_INLINE __m512i load_weights(const int8_t *p) { return flip(_mm512_loadu_si512(p)); }
ALWAYS_INLINE __m512i load_weights_end(const int8_t *p, size_t n) {
    return flip(_mm512_maskz_loadu_epi8(((__mmask64)1 << n) - 1, p));
}
ALWAYS_INLINE __m512i dot(__m512i acc, __m512i v, __m512i w) { return _mm512_dpbusd_epi32(acc, w, v); }
ALWAYS_INLINE int32_t reduce(__m512i acc) { return _mm512_reduce_add_epi32(acc); }

#include "gemm.inc"

enum { PANEL_OUTS = 16, MANY_ROWS = 8, GROUP = 12 };

// 16 outputs x 64 inputs -> 16 registers of 16 outputs x 4 inputs.
ALWAYS_INLINE void transpose(__m512i r[16]) {
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

// The panel of outputs 0 ..< 16 of w, inputs padded to a multiple of 64.
static void fill_panel(const int8_t *w, size_t k, int8_t *panel) {
    for (size_t p = 0; p < k; p += STEP, panel += PANEL_OUTS * STEP) {
        __m512i r[16];
        __mmask64 mask = k - p >= STEP ? ~(__mmask64)0 : ((__mmask64)1 << (k - p)) - 1;
        for (size_t j = 0; j < 16; j++) r[j] = flip(_mm512_maskz_loadu_epi8(mask, w + j * k + p));
        transpose(r);
        for (size_t j = 0; j < 16; j++) _mm512_storeu_si512(panel + j * STEP, r[j]);
    }
}

ALWAYS_INLINE __m512i four_values(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
}

ALWAYS_INLINE void panel_block(const int8_t *a, size_t lda, const int32_t *sums, const int8_t *panel,
                               size_t panel_stride, size_t k, int32_t *c, size_t ldc, const int rows) {
    __m512i acc[GROUP][2];
    for (int i = 0; i < rows; i++) acc[i][0] = acc[i][1] = zero();
    for (size_t p = 0; p < k; p += 4) {
        __m512i left = _mm512_loadu_si512(panel + p * PANEL_OUTS);
        __m512i right = _mm512_loadu_si512(panel + panel_stride + p * PANEL_OUTS);
        for (int i = 0; i < rows; i++) {
            __m512i v = four_values(a + (size_t)i * lda + p);
            acc[i][0] = _mm512_dpbusd_epi32(acc[i][0], left, v);
            acc[i][1] = _mm512_dpbusd_epi32(acc[i][1], right, v);
        }
    }
    for (int i = 0; i < rows; i++) {
        __m512i correction = _mm512_set1_epi32(CORRECTION(sums[i]));
        _mm512_storeu_si512(c + (size_t)i * ldc, _mm512_sub_epi32(acc[i][0], correction));
        _mm512_storeu_si512(c + (size_t)i * ldc + PANEL_OUTS, _mm512_sub_epi32(acc[i][1], correction));
    }
}

static void gemm(const int8_t *a, size_t lda, const int32_t *sums, size_t m, const int8_t *w, size_t k, size_t n,
                 int32_t *c, size_t ldc) {
    size_t padded = (k + STEP - 1) / STEP * STEP, panel_stride = padded * PANEL_OUTS, j = 0;
    int8_t *panel = m >= MANY_ROWS && n >= 2 * PANEL_OUTS ? aligned_alloc(64, 2 * panel_stride) : NULL;
    for (; panel && j + 2 * PANEL_OUTS <= n; j += 2 * PANEL_OUTS) {
        fill_panel(w + j * k, k, panel);
        fill_panel(w + (j + PANEL_OUTS) * k, k, panel + panel_stride);
        for (size_t i = 0; i < m;) {
            const int8_t *rows = a + i * lda;
            int32_t *to = c + i * ldc + j;
            size_t left = m - i;
            if (left >= GROUP) {
                panel_block(rows, lda, sums + i, panel, panel_stride, padded, to, ldc, GROUP);
                i += GROUP;
            } else if (left >= 8) {
                panel_block(rows, lda, sums + i, panel, panel_stride, padded, to, ldc, 8);
                i += 8;
            } else if (left >= 4) {
                panel_block(rows, lda, sums + i, panel, panel_stride, padded, to, ldc, 4);
                i += 4;
            } else {
                panel_block(rows, lda, sums + i, panel, panel_stride, padded, to, ldc, 1);
                i += 1;
            }
        }
    }
    free(panel);
    if (j < n) gemm_blocks(a, lda, sums, m, w + j * k, k, n - j, c + j, ldc);
}

static float quantise(const float *x, size_t k, int8_t *q, size_t padded, int32_t *sum) {
    const __m512i positive = _mm512_set1_epi32(0x7fffffff);
    __m512i most = zero();
    for (size_t i = 0; i < k; i += 16) {
        __mmask16 mask = k - i >= 16 ? 0xffff : (__mmask16)((1u << (k - i)) - 1);
        most = _mm512_max_epi32(most, _mm512_and_si512(_mm512_maskz_loadu_epi32(mask, x + i), positive));
    }
    float inverse;
    float scale = quantising_scale((uint32_t)_mm512_reduce_max_epi32(most), &inverse);
    *sum = 0;
    memset(q, 0, padded);
    if (inverse == 0) return scale;
    __m512 factor = _mm512_set1_ps(inverse);
    __m512i total = zero();
    for (size_t i = 0; i < k; i += 16) {
        __mmask16 mask = k - i >= 16 ? 0xffff : (__mmask16)((1u << (k - i)) - 1);
        __m512i whole = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x + i), factor));
        total = _mm512_add_epi32(total, whole);
        _mm512_mask_cvtsepi32_storeu_epi8(q + i, mask, whole);
    }
    *sum = reduce(total);
    return scale;
}

#define FLOAT_TABLE ting_avx512_floats
#include "floats.inc"

const KernelTable ting_avx512vnni = {"avx512vnni", quantise, gemm, &ting_avx512_floats};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
