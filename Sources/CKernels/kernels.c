// Chooses the instruction set, once, and leads each public function to its table.
#include "table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#ifndef HWCAP_ASIMDDP
#define HWCAP_ASIMDDP (1 << 20)
#endif
#ifndef HWCAP2_I8MM
#define HWCAP2_I8MM (1 << 13)
#endif
#endif

enum { MOST = 4 };

// Fills the tables this processor can run, the scalar first, the fastest last.
static int available(const KernelTable *tables[MOST]) {
    int count = 0;
    tables[count++] = &ting_scalar;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) tables[count++] = &ting_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni"))
        tables[count++] = &ting_avx512vnni;
#elif defined(__aarch64__)
    tables[count++] = &ting_neon;
    bool dotprod = getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
    if (dotprod) tables[count++] = &ting_dotprod;
    if (dotprod && (getauxval(AT_HWCAP2) & HWCAP2_I8MM)) tables[count++] = &ting_i8mm;
#endif
    return count;
}

static _Atomic(const KernelTable *) chosen;

static const KernelTable *choose_table(void) {
    const KernelTable *tables[MOST];
    int count = available(tables);
    const KernelTable *best = tables[count - 1];
    const char *wish = getenv("TING_KERNELS");
    for (int i = 0; wish && i < count; i++)
        if (strcmp(wish, tables[i]->name) == 0) best = tables[i];
    atomic_store_explicit(&chosen, best, memory_order_release);
    return best;
}

static inline const KernelTable *active(void) {
    const KernelTable *table = atomic_load_explicit(&chosen, memory_order_acquire);
    return table ? table : choose_table();
}

static const KernelTable *table_at(int i) {
    if (i < 0) return active();
    const KernelTable *tables[MOST];
    int count = available(tables);
    return i < count ? tables[i] : NULL;
}

int ting_kernels_count(void) {
    const KernelTable *tables[MOST];
    return available(tables);
}

const char *ting_kernels_name(int i) {
    const KernelTable *table = i < 0 ? NULL : table_at(i);
    return table ? table->name : NULL;
}

const char *ting_kernels_active(void) { return active()->name; }

const char *ting_kernels_refused(void) {
    const char *wish = getenv("TING_KERNELS");
    if (!wish || !*wish || strcmp(wish, active()->name) == 0) return NULL;
    return wish;
}

float ting_quantise_row(int kernel, const float *x, size_t k, int8_t *q, size_t padded, int32_t *sum) {
    return table_at(kernel)->quantise(x, k, q, padded, sum);
}

void ting_gemm_int8(int kernel, const int8_t *a, size_t lda, const int32_t *sums, size_t m, const int8_t *w, size_t k,
                    size_t n, int32_t *c, size_t ldc) {
    table_at(kernel)->gemm(a, lda, sums, m, w, k, n, c, ldc);
}

void ting_linear_int8(int kernel, const float *x, size_t x_stride, size_t m, const int8_t *w, const float *w_scale,
                      const float *bias, size_t k, size_t n, float *y, size_t y_stride) {
    // Outputs go by in strips so that the integers stay in the nearest cache; the odd multiple of 64 bytes between rows
    // keeps rows of a power of two from falling into the same cache set.
    enum { STRIP = 64 };
    if (m == 0 || n == 0) return;
    const KernelTable *table = table_at(kernel);
    size_t lda = (k + 63) / 64 * 64;
    if (lda / 64 % 2 == 0) lda += 64;
    int8_t *q = aligned_alloc(64, m * lda);
    int32_t *c = malloc(m * (STRIP * sizeof *c + sizeof(int32_t) + sizeof(float)));
    if (!q || !c) abort(); // as Swift's own allocations do
    int32_t *sums = c + m * STRIP;
    float *scales = (float *)(sums + m);
    for (size_t i = 0; i < m; i++) scales[i] = table->quantise(x + i * x_stride, k, q + i * lda, lda, sums + i);
    for (size_t j = 0; j < n; j += STRIP) {
        size_t strip = n - j < STRIP ? n - j : STRIP;
        table->gemm(q, lda, sums, m, w + j * k, k, strip, c, STRIP);
        for (size_t i = 0; i < m; i++)
            table->floats->rescale(c + i * STRIP, strip, scales[i], w_scale + j, bias ? bias + j : NULL,
                                   y + i * y_stride + j);
    }
    free(c);
    free(q);
}

void ting_linear_float(const float *x, size_t x_stride, size_t m, const float *w, const float *bias, size_t k, size_t n,
                       float *y, size_t y_stride) {
    active()->floats->linear(x, x_stride, m, w, bias, k, n, y, y_stride);
}

void ting_depthwise(const float *x, size_t rows, size_t channels, const float *w, const float *bias, size_t taps,
                    size_t stride, size_t dilation, size_t pad, float *y, size_t out_rows) {
    active()->floats->depthwise(x, rows, channels, w, bias, taps, stride, dilation, pad, y, out_rows);
}

void ting_overlap_add(const float *parts, size_t rows, size_t taps, size_t channels, size_t stride, size_t trim,
                      float *y, size_t out_rows) {
    const FloatTable *floats = active()->floats;
    for (size_t t = 0; t < rows; t++) {
        for (size_t tap = 0; tap < taps; tap++, parts += channels) {
            size_t row = t * stride + tap;
            if (row >= trim && row - trim < out_rows) floats->add(y + (row - trim) * channels, parts, channels);
        }
    }
}

void ting_add_to_rows(float *x, const float *vector, size_t rows, size_t columns) {
    const FloatTable *floats = active()->floats;
    for (size_t row = 0; row < rows; row++) floats->add(x + row * columns, vector, columns);
}

void ting_layer_norm(float *x, size_t rows, size_t columns, const float *weight, const float *bias, float epsilon) {
    active()->floats->layer_norm(x, rows, columns, weight, bias, epsilon);
}

void ting_softmax(float *x, size_t rows, size_t columns) { active()->floats->softmax(x, rows, columns); }
void ting_log_softmax(float *x, size_t rows, size_t columns) { active()->floats->log_softmax(x, rows, columns); }
void ting_gelu(float *x, size_t count) { active()->floats->gelu(x, count); }
void ting_silu(float *x, size_t count) { active()->floats->silu(x, count); }
void ting_sigmoid(float *x, size_t count) { active()->floats->sigmoid(x, count); }
void ting_tanh(float *x, size_t count) { active()->floats->tanh(x, count); }
void ting_exp(float *x, size_t count) { active()->floats->exp(x, count); }
void ting_leaky_relu(float *x, size_t count, float slope) { active()->floats->leaky_relu(x, count, slope); }
void ting_glu(const float *x, size_t rows, size_t half, float *y) { active()->floats->glu(x, rows, half, y); }
void ting_add(float *x, const float *y, size_t count) { active()->floats->add(x, y, count); }
void ting_multiply(float *x, const float *y, size_t count) { active()->floats->multiply(x, y, count); }
void ting_scale_add(float *x, const float *y, float factor, size_t count) {
    active()->floats->scale_add(x, y, factor, count);
}

void ting_attention(const float *query, size_t query_stride, size_t queries, const float *key, size_t key_stride,
                    const float *value, size_t value_stride, size_t keys, size_t heads, size_t head_size,
                    const float *bias, size_t bias_head_stride, const size_t *first, const size_t *last, float scale,
                    float *y, size_t y_stride) {
    active()->floats->attention(query, query_stride, queries, key, key_stride, value, value_stride, keys, heads,
                                head_size, bias, bias_head_stride, first, last, scale, y, y_stride);
}

bool ting_all_finite(const float *x, size_t count) {
    uint32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7fffffffu;
        largest = bits > largest ? bits : largest;
    }
    return largest < 0x7f800000u;
}

void ting_half_to_float(const uint16_t *h, size_t count, float *x) {
    for (size_t i = 0; i < count; i++) {
        uint32_t sign = (uint32_t)(h[i] & 0x8000u) << 16, rest = h[i] & 0x7fffu, bits;
        if (rest >= 0x7c00u) {
            bits = sign | 0x7f800000u | (rest & 0x3ffu) << 13;
        } else if (rest >= 0x400u) {
            bits = sign | ((rest << 13) + 0x38000000u);
        } else {
            float small = (float)rest * 0x1p-24f;
            memcpy(&bits, &small, sizeof bits);
            bits |= sign;
        }
        memcpy(x + i, &bits, sizeof bits);
    }
}
