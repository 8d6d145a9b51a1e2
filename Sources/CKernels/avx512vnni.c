// AVX-512 VNNI: four int8 products a lane into int32. The instruction wants one side unsigned, so weights are read with
// their top bit flipped (w + 128), and 128 times the sum of the row's values is taken off at the end: weights stay in place.
//
// Weights are read where they lie, in squares of four rows times four outputs, whose sixteen sums across lanes are taken
// together at the end of a span of inputs.
#include "table.h"

#if defined(__x86_64__)

#include <immintrin.h>
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

// Sixteen accumulators to the sixteen sums of their lanes, in order: a tree of adds, with no sum across a register.
ALWAYS_INLINE __m512i reduce_sixteen(const __m512i *t) {
    __m512i pairs[8], fours[4], eights[2];
    for (int i = 0; i < 8; i++)
        pairs[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(t[2 * i], t[2 * i + 1]),
                                    _mm512_unpackhi_epi32(t[2 * i], t[2 * i + 1]));
    for (int i = 0; i < 4; i++)
        fours[i] = _mm512_add_epi32(_mm512_unpacklo_epi64(pairs[2 * i], pairs[2 * i + 1]),
                                    _mm512_unpackhi_epi64(pairs[2 * i], pairs[2 * i + 1]));
    // fours[i]: in each quarter the sums over that quarter of accumulators 4i ..< 4i + 4.
    for (int i = 0; i < 2; i++)
        eights[i] = _mm512_add_epi32(_mm512_shuffle_i32x4(fours[2 * i], fours[2 * i + 1], 0x88),
                                     _mm512_shuffle_i32x4(fours[2 * i], fours[2 * i + 1], 0xdd));
    return _mm512_add_epi32(_mm512_shuffle_i32x4(eights[0], eights[1], 0x88),
                            _mm512_shuffle_i32x4(eights[0], eights[1], 0xdd));
}

// SPAN inputs at a time: twenty rows of them stay in the nearest cache while the weights go by. AHEAD outputs further on is
// what a core of 2023 has time to fetch.
enum { SPAN = 1024, AHEAD = 8 };

// Four rows times four outputs over `k` inputs, a multiple of 64, of rows `stride` apart; added to c unless it is the
// first span. `ahead` fetches the weights that are wanted later.
ALWAYS_INLINE void square(const int8_t *a, size_t lda, const int8_t *w, size_t stride, size_t k, int32_t *c, size_t ldc,
                          const bool isFirst, const bool ahead) {
    __m512i acc[16];
    for (int i = 0; i < 16; i++) acc[i] = zero();
    for (size_t p = 0; p < k; p += STEP) {
        __m512i b[4];
        for (int j = 0; j < 4; j++) {
            b[j] = load_weights(w + (size_t)j * stride + p);
            if (ahead) _mm_prefetch((const char *)(w + (size_t)(j + AHEAD) * stride + p), _MM_HINT_T0);
        }
        for (int i = 0; i < 4; i++) {
            __m512i v = load_values(a + (size_t)i * lda + p);
            for (int j = 0; j < 4; j++) acc[4 * i + j] = dot(acc[4 * i + j], v, b[j]);
        }
    }
    __m512i all = reduce_sixteen(acc);
    for (int i = 0; i < 4; i++) {
        __m128i row = _mm512_castsi512_si128(all), *to = (__m128i *)(c + (size_t)i * ldc);
        _mm_storeu_si128(to, isFirst ? row : _mm_add_epi32(_mm_loadu_si128(to), row));
        all = _mm512_shuffle_i32x4(all, all, 0x39);
    }
}

static void squares(const int8_t *a, size_t lda, size_t m, const int8_t *w, size_t stride, size_t k, size_t n, int32_t *c,
                    size_t ldc, const bool isFirst) {
    for (size_t j = 0; j < n; j += OUTS) {
        // Short rows come by themselves: what the processor fetches ahead is enough, and asking costs a tenth.
        if (stride > SPAN) square(a, lda, w + j * stride, stride, k, c + j, ldc, isFirst, true);
        else square(a, lda, w + j * stride, stride, k, c + j, ldc, isFirst, false);
        for (size_t i = ROWS; i < m; i += ROWS)
            square(a + i * lda, lda, w + j * stride, stride, k, c + i * ldc + j, ldc, isFirst, false);
    }
}

static void gemm(const int8_t *a, size_t lda, const int32_t *sums, size_t m, const int8_t *w, size_t k, size_t n,
                 int32_t *c, size_t ldc) {
    if (k % STEP || m < ROWS) return gemm_blocks(a, lda, sums, m, w, k, n, c, ldc);
    size_t rows = m / ROWS * ROWS, outs = n / OUTS * OUTS;
    for (size_t p = 0; p < k; p += SPAN) {
        size_t span = k - p < SPAN ? k - p : SPAN;
        if (p == 0) squares(a, lda, rows, w, k, span, outs, c, ldc, true);
        else squares(a + p, lda, rows, w + p, k, span, outs, c, ldc, false);
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < outs; j++) c[i * ldc + j] -= CORRECTION(sums[i]);
    if (rows < m) gemm_blocks(a + rows * lda, lda, sums + rows, m - rows, w, k, outs, c + rows * ldc, ldc);
    if (outs < n) gemm_blocks(a, lda, sums, m, w + outs * k, k, n - outs, c + outs, ldc);
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
#define PRODUCT_BLOCK 4
#include "floats.inc"

const KernelTable ting_avx512vnni = {"avx512vnni", quantise, gemm, &ting_avx512_floats};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
