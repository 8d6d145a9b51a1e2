// AVX2: int8 widened to int16, multiplied and added in pairs to int32 (exact).
#include "table.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif

enum { STEP = 16, ROWS = 4, OUTS = 2 };
#define ACC __m256i
#define WEIGHTS __m256i
#define VALUES __m256i
#define CORRECTION(sum) ((void)(sum), 0)

ALWAYS_INLINE __m256i zero(void) { return _mm256_setzero_si256(); }
ALWAYS_INLINE __m256i load_weights(const int8_t *p) { return _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)p)); }
ALWAYS_INLINE __m256i load_values(const int8_t *p) { return load_weights(p); }
ALWAYS_INLINE __m256i load_weights_end(const int8_t *p, size_t n) {
    int8_t end[STEP] = {0};
    memcpy(end, p, n);
    return load_weights(end);
}
ALWAYS_INLINE __m256i dot(__m256i acc, __m256i v, __m256i w) {
    return _mm256_add_epi32(acc, _mm256_madd_epi16(v, w));
}
ALWAYS_INLINE int32_t reduce(__m256i acc) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(acc), _mm256_extracti128_si256(acc, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

#include "gemm.inc"

static float quantise(const float *x, size_t k, int8_t *q, size_t padded, int32_t *sum) {
    const __m256i positive = _mm256_set1_epi32(0x7fffffff);
    __m256i most = zero();
    size_t i = 0;
    for (; i + 8 <= k; i += 8)
        most = _mm256_max_epi32(most, _mm256_and_si256(_mm256_loadu_si256((const void *)(x + i)), positive));
    uint32_t lanes[8], largest = 0;
    memcpy(lanes, &most, sizeof lanes);
    for (int l = 0; l < 8; l++) largest = lanes[l] > largest ? lanes[l] : largest;
    for (size_t r = i; r < k; r++) {
        uint32_t bits;
        memcpy(&bits, x + r, sizeof bits);
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
    __m256 factor = _mm256_set1_ps(inverse);
    __m256i total = zero();
    for (i = 0; i + 8 <= k; i += 8) {
        __m256i whole = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i), factor));
        total = _mm256_add_epi32(total, whole);
        __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
        _mm_storel_epi64((void *)(q + i), _mm_packs_epi16(words, words));
    }
    *sum = reduce(total);
    memset(q + i, 0, padded - i);
    for (; i < k; i++) {
        q[i] = (int8_t)_mm_cvtss_si32(_mm_set_ss(x[i] * inverse));
        *sum += q[i];
    }
    return scale;
}

#define FLOAT_TABLE ting_avx2_floats
#include "floats.inc"

const KernelTable ting_avx2 = {"avx2", quantise, gemm_blocks, &ting_avx2_floats};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
