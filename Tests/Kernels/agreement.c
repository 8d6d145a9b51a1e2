// Compares every instruction set this processor has with the scalar reference, integer for integer, on random shapes;
// then prints a digest of what the float functions return, which must be the same on every processor.
// Exits 1 at the first difference. Arguments: the instruction sets that must be there.
#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;
static uint32_t next(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}
static size_t below(size_t n) { return next() % n; }
static float uniform(void) { return (float)next() / (float)(1u << 30) - 1.0f; }

static float *random_floats(size_t n) {
    float *x = malloc((n + 1) * sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = uniform();
    return x;
}

static void fail(const char *what, const char *name, size_t m, size_t k, size_t n) {
    printf("%s: %s differs from scalar at %zu x %zu -> %zu\n", name, what, m, k, n);
    exit(1);
}

static void compare(int kernel, size_t m, size_t k, size_t n, int round) {
    const char *name = ting_kernels_name(kernel);
    size_t lda = (k + 63) / 64 * 64;
    int8_t *a = aligned_alloc(64, m * lda), *b = aligned_alloc(64, m * lda), *w = malloc(n * k);
    int32_t *sums = malloc(m * 4), *sums2 = malloc(m * 4), *c = malloc(m * n * 4), *d = malloc(m * n * 4);
    float *x = random_floats(m * k), *scale = random_floats(n), *bias = random_floats(n);
    float *y = malloc(m * n * 4), *z = malloc(m * n * 4);
    for (size_t i = 0; i < m * k; i++) {
        if (round % 4 == 1) x[i] = x[i] < 0 ? -1.0f : 1.0f; // saturating
        if (round % 4 == 2 && below(8) == 0) x[i] = (float)below(255) / 254.0f; // on the rounding border
        if (round % 16 == 3) x[i] = below(3) == 0 ? 1e38f : below(2) == 0 ? 1e-38f : -0.0f;
    }
    if (round % 16 == 7) memset(x, 0, m * k * sizeof *x);
    if (round % 16 == 15) x[below(m * k)] = round % 32 == 15 ? __builtin_inff() : __builtin_nanf("");
    for (size_t i = 0; i < n * k; i++) w[i] = (int8_t)(round % 3 == 0 ? -128 : round % 3 == 1 ? 127 : (int)below(256) - 128);
    for (size_t i = 0; i < m; i++) {
        float s = ting_quantise_row(0, x + i * k, k, a + i * lda, lda, sums + i);
        float t = ting_quantise_row(kernel, x + i * k, k, b + i * lda, lda, sums2 + i);
        if (memcmp(&s, &t, sizeof s)) fail("activation scale", name, m, k, n);
    }
    if (memcmp(a, b, m * lda) || memcmp(sums, sums2, m * 4)) fail("quantised row", name, m, k, n);
    ting_gemm_int8(0, a, lda, sums, m, w, k, n, c, n);
    ting_gemm_int8(kernel, a, lda, sums, m, w, k, n, d, n);
    if (memcmp(c, d, m * n * 4)) fail("product", name, m, k, n);
    ting_linear_int8(0, x, k, m, w, scale, bias, k, n, y, n);
    ting_linear_int8(kernel, x, k, m, w, scale, bias, k, n, z, n);
    for (size_t i = 0; i < m * n; i++)
        if (memcmp(y + i, z + i, 4) && !(y[i] != y[i] && z[i] != z[i])) fail("layer", name, m, k, n);
    void *all[] = {a, b, w, sums, sums2, c, d, x, scale, bias, y, z};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static uint64_t hash = 14695981039346656037u;
static void digest(const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, 4);
        for (int b = 0; b < 4; b++) hash = (hash ^ (bits >> 8 * b & 255)) * 1099511628211u;
    }
}

static void digest_floats(void) {
    enum { ROWS = 21, COLUMNS = 96, KEYS = 37 };
    state = 7;
    float *x = random_floats(ROWS * COLUMNS), *w = random_floats(COLUMNS * COLUMNS), *v = random_floats(KEYS * COLUMNS);
    float *k = random_floats(KEYS * COLUMNS), *y = malloc(ROWS * COLUMNS * 4), *bias = random_floats(ROWS * KEYS);
    for (int i = 0; i < ROWS * COLUMNS; i++) x[i] *= 5;
    void (*each[])(float *, size_t) = {ting_gelu, ting_silu, ting_sigmoid, ting_tanh, ting_exp};
    for (int f = 0; f < 5; f++) {
        memcpy(y, x, ROWS * COLUMNS * 4);
        each[f](y, ROWS * COLUMNS - 3);
        digest(y, ROWS * COLUMNS);
    }
    memcpy(y, x, ROWS * COLUMNS * 4);
    ting_softmax(y, ROWS, COLUMNS - 5);
    ting_layer_norm(y, ROWS, COLUMNS - 2, w, w + 100, 1e-5f);
    digest(y, ROWS * COLUMNS);
    ting_glu(x, ROWS, COLUMNS / 2 - 1, y);
    digest(y, ROWS * (COLUMNS / 2 - 1));
    ting_linear_float(x, COLUMNS, ROWS, w, w, COLUMNS - 3, COLUMNS, y, COLUMNS);
    digest(y, ROWS * COLUMNS);
    ting_depthwise(x, ROWS, COLUMNS, w, w, 5, 1, 2, 3, y, ROWS - 5);
    digest(y, (ROWS - 5) * COLUMNS);
    size_t first[ROWS], last[ROWS];
    for (size_t i = 0; i < ROWS; i++) first[i] = i, last[i] = i + 10;
    ting_attention(x, COLUMNS, ROWS, k, COLUMNS, v, COLUMNS, KEYS, 4, COLUMNS / 4, bias, 0, first, last, 0.2f, y, COLUMNS);
    digest(y, ROWS * COLUMNS);
    TingFFT *plan = ting_fft_create(400);
    float spectrum[402], scratch[800];
    ting_fft_forward(plan, x, spectrum, scratch);
    digest(spectrum, 402);
    ting_fft_inverse(plan, spectrum, y, scratch);
    digest(y, 400);
    ting_fft_free(plan);
    void *all[] = {x, w, v, k, y, bias};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    printf("floats %016llx (%s)\n", (unsigned long long)hash, ting_kernels_active());
}

int main(int count, char **names) {
    for (int i = 1; i < count; i++) {
        int found = 0;
        for (int kernel = 0; kernel < ting_kernels_count(); kernel++)
            found |= strcmp(names[i], ting_kernels_name(kernel)) == 0;
        if (!found) return printf("expected %s among this processor's instruction sets\n", names[i]), 1;
    }
    for (int kernel = 1; kernel < ting_kernels_count(); kernel++) {
        int shapes = 0;
        for (int round = 0; round < 96; round++, shapes++)
            compare(kernel, 1 + below(round % 2 ? 30 : 3), 1 + below(300), 1 + below(70), round);
        for (int round = 0; round < 6; round++, shapes++) compare(kernel, 1 + (size_t)round * 5, 512, 64, round);
        for (int round = 0; round < 24; round++, shapes++)
            compare(kernel, 1 + below(30), 64 * (1 + below(40)), 1 + below(70), round);
        printf("%s equals scalar on %d shapes\n", ting_kernels_name(kernel), shapes);
    }
    digest_floats();
    return 0;
}
