// Ting's arithmetic: INT8 products, the float layers around them, and the Fourier transform.
//
// Integers: activations are quantised symmetrically per row, q = round-to-nearest-even(x * 127 / max|x|), in -127...127;
// weights are int8 in -128...127, row-major [outputs, inputs], used where they lie. Products are exact int32 (inputs <= 65536).
// Every instruction set returns the scalar reference's integers, and, since no float function lets the compiler fuse or
// reorder (fixed lanes, own exponential), the same floats as well.
//
// One instruction set is active in a process: the best the processor has, or the one TING_KERNELS names.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang assume_nonnull begin
#else
#define _Nullable
#endif

// ---- Instruction sets. Index 0 is the scalar reference, later ones are faster.

int ting_kernels_count(void);                   // available on this processor
const char *_Nullable ting_kernels_name(int i); // NULL outside 0..<count
const char *ting_kernels_active(void);
// The value of TING_KERNELS when it names none of the available ones, NULL when all is well.
const char *_Nullable ting_kernels_refused(void);

// ---- INT8. `kernel` is an index from above, or negative for the active one.

// Quantises one row; q gets `padded` >= k values (zeros after k). Returns the scale (x ~ q * scale): 0 for a row of
// zeros, NaN for a row with a non-finite value (q is then zero). *sum gets the sum of q.
float ting_quantise_row(int kernel, const float *x, size_t k, int8_t *q, size_t padded,
                        int32_t *sum);

// c[m,n] = sum over k of a[m,k] * w[n,k]. Rows of a are `lda` apart (a multiple of 64), zero from k on, never -128;
// `sums` holds the sum of each row. Weights are read only inside their n * k bytes. `kernel` must be available.
void ting_gemm_int8(int kernel, const int8_t *a, size_t lda, const int32_t *sums, size_t m,
                    const int8_t *w, size_t k, size_t n, int32_t *c, size_t ldc);

// y[m,n] = (q(x) . w[n]) * scale(x) * w_scale[n] + bias[n]; rows of x are x_stride floats apart (they may overlap).
void ting_linear_int8(int kernel, const float *x, size_t x_stride, size_t m, const int8_t *w,
                      const float *w_scale, const float *_Nullable bias, size_t k, size_t n,
                      float *y, size_t y_stride);

// ---- Float, active instruction set. The result of a row never depends on the rows around it.

// y[m,n] = sum over k of x[m,k] * w[n,k] + bias[n].
void ting_linear_float(const float *x, size_t x_stride, size_t m, const float *w,
                       const float *_Nullable bias, size_t k, size_t n, float *y, size_t y_stride);

// y[t,c] = bias[c] + sum over taps of w[tap,c] * x[t * stride + tap * dilation - pad, c], zero outside 0..<rows.
void ting_depthwise(const float *x, size_t rows, size_t channels, const float *w,
                    const float *_Nullable bias, size_t taps, size_t stride, size_t dilation, size_t pad,
                    float *y, size_t out_rows);

// A transposed convolution's sum: y[t * stride + tap - trim, c] += parts[t, tap * channels + c], outside 0..<out_rows dropped.
void ting_overlap_add(const float *parts, size_t rows, size_t taps, size_t channels, size_t stride, size_t trim,
                      float *y, size_t out_rows);

void ting_layer_norm(float *x, size_t rows, size_t columns, const float *weight,
                     const float *bias, float epsilon);
void ting_softmax(float *x, size_t rows, size_t columns);
void ting_log_softmax(float *x, size_t rows, size_t columns);
void ting_gelu(float *x, size_t count); // the erf form
void ting_silu(float *x, size_t count);
void ting_sigmoid(float *x, size_t count);
void ting_tanh(float *x, size_t count);
void ting_exp(float *x, size_t count);
void ting_leaky_relu(float *x, size_t count, float slope);
void ting_glu(const float *x, size_t rows, size_t half, float *y); // [rows, 2 half] -> [rows, half]
void ting_add(float *x, const float *y, size_t count);             // x += y
void ting_add_to_rows(float *x, const float *vector, size_t rows, size_t columns);
void ting_multiply(float *x, const float *y, size_t count);        // x *= y
void ting_scale_add(float *x, const float *y, float factor, size_t count); // x += factor * y

// Multi-head attention. query [queries, heads * d], rows query_stride floats apart; key and value [keys, heads * d].
// bias: additive, NULL or [queries, keys] for all heads (bias_head_stride 0) or [heads, queries, keys].
// Query i sees keys first[i] ..< last[i]; NULL means all. A query that sees none gets zeros.
void ting_attention(const float *query, size_t query_stride, size_t queries, const float *key,
                    size_t key_stride, const float *value, size_t value_stride, size_t keys, size_t heads,
                    size_t head_size, const float *_Nullable bias, size_t bias_head_stride,
                    const size_t *_Nullable first, const size_t *_Nullable last, float scale, float *y,
                    size_t y_stride);

// ---- Fourier transform of n real values, n even with no other factors than 2, 3 and 5.

typedef struct TingFFT TingFFT;
TingFFT *_Nullable ting_fft_create(size_t n); // NULL when n is not of that kind
void ting_fft_free(TingFFT *_Nullable plan);
// n reals -> n / 2 + 1 pairs (re, im); scratch holds 2 n floats.
void ting_fft_forward(const TingFFT *plan, const float *x, float *spectrum,
                      float *scratch);
// n / 2 + 1 pairs -> n reals, divided by n: the inverse of the above.
void ting_fft_inverse(const TingFFT *plan, const float *spectrum, float *x,
                      float *scratch);

// ---- Safetensors helpers

bool ting_all_finite(const float *x, size_t count);
// IEEE half (bits) to float.
void ting_half_to_float(const uint16_t *h, size_t count, float *x);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif
