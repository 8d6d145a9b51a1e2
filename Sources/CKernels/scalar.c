// The reference: plain loops that say what every other instruction set must return.
#include "table.h"

#include <math.h>
#include <string.h>

static float quantise(const float *x, size_t k, int8_t *q, size_t padded, int32_t *sum) {
    uint32_t largest = 0;
    for (size_t i = 0; i < k; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7fffffffu;
        if (bits > largest) largest = bits;
    }
    float inverse;
    float scale = quantising_scale(largest, &inverse);
    *sum = 0;
    memset(q, 0, padded);
    if (inverse == 0) return scale;
    for (size_t i = 0; i < k; i++) {
        q[i] = (int8_t)lrintf(x[i] * inverse);
        *sum += q[i];
    }
    return scale;
}

static void gemm(const int8_t *a, size_t lda, const int32_t *sums, size_t m, const int8_t *w, size_t k, size_t n,
                 int32_t *c, size_t ldc) {
    (void)sums;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            int32_t total = 0;
            for (size_t p = 0; p < k; p++) total += (int32_t)a[i * lda + p] * w[j * k + p];
            c[i * ldc + j] = total;
        }
    }
}

#define FLOAT_TABLE ting_baseline_floats
#include "floats.inc"

const KernelTable ting_scalar = {"scalar", quantise, gemm, &ting_baseline_floats};
