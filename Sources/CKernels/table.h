// What one instruction set provides. Each file of one fills in one table; kernels.c chooses.
#pragma once

#include "CKernels.h"

// Products and sums are never fused: all instruction sets then round alike. (gcc wants -ffp-contract=off instead.)
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

typedef struct {
    void (*linear)(const float *x, size_t x_stride, size_t m, const float *w, const float *bias, size_t k, size_t n,
                   float *y, size_t y_stride);
    void (*rescale)(const int32_t *c, size_t count, float scale, const float *w_scale, const float *bias, float *y);
    void (*depthwise)(const float *x, size_t rows, size_t channels, const float *w, const float *bias, size_t taps,
                      size_t stride, size_t dilation, size_t pad, float *y, size_t out_rows);
    void (*layer_norm)(float *x, size_t rows, size_t columns, const float *weight, const float *bias, float epsilon);
    void (*softmax)(float *x, size_t rows, size_t columns);
    void (*log_softmax)(float *x, size_t rows, size_t columns);
    void (*gelu)(float *x, size_t count);
    void (*silu)(float *x, size_t count);
    void (*sigmoid)(float *x, size_t count);
    void (*tanh)(float *x, size_t count);
    void (*exp)(float *x, size_t count);
    void (*leaky_relu)(float *x, size_t count, float slope);
    void (*glu)(const float *x, size_t rows, size_t half, float *y);
    void (*add)(float *x, const float *y, size_t count);
    void (*multiply)(float *x, const float *y, size_t count);
    void (*scale_add)(float *x, const float *y, float factor, size_t count);
    void (*attention)(const float *query, size_t query_stride, size_t queries, const float *key, size_t key_stride,
                      const float *value, size_t value_stride, size_t keys, size_t heads, size_t head_size,
                      const float *bias, size_t bias_head_stride, const size_t *first, const size_t *last, float scale,
                      float *y, size_t y_stride);
} FloatTable;

typedef struct {
    const char *name;
    float (*quantise)(const float *x, size_t k, int8_t *q, size_t padded, int32_t *sum);
    void (*gemm)(const int8_t *a, size_t lda, const int32_t *sums, size_t m, const int8_t *w, size_t k, size_t n,
                 int32_t *c, size_t ldc);
    const FloatTable *floats;
} KernelTable;

extern const FloatTable ting_baseline_floats;
extern const KernelTable ting_scalar;
#if defined(__x86_64__)
extern const KernelTable ting_avx2, ting_avx512vnni;
#elif defined(__aarch64__)
extern const KernelTable ting_neon, ting_dotprod, ting_i8mm;
#endif

// The scale that goes with a row whose largest magnitude has these bits, and what to multiply by to get integers.
ALWAYS_INLINE float quantising_scale(uint32_t largest_bits, float *inverse) {
    float largest;
    __builtin_memcpy(&largest, &largest_bits, sizeof largest);
    *inverse = 0;
    if (largest_bits >= 0x7f800000u) return __builtin_nanf("");
    if (largest < 1e-30f) return 0;
    *inverse = 127.0f / largest;
    return largest / 127.0f;
}
