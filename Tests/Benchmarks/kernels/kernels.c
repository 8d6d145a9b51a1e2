// Speed of the kernels on Hear's shapes, one core, the thread's own time, best of many runs. INT8 with every instruction
// set this processor has; the float layers with the active one (TING_KERNELS chooses).
#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef WITH_OPENBLAS
#include <cblas.h>
#endif

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

#define BEST(RESULT, CALL)                                                                                         \
    double RESULT = 1e9;                                                                                           \
    for (double end = seconds() + 0.1; RESULT == 1e9 || seconds() < end;) {                                        \
        double start = seconds();                                                                                  \
        CALL;                                                                                                      \
        double once = seconds() - start;                                                                           \
        if (once < RESULT) RESULT = once;                                                                          \
    }

static void layer(const char *name, double work, double taken) {
    printf("  %-34s %8.1f us  %6.2f G/s\n", name, taken * 1e6, work / taken * 1e-9);
}
#define LAYER(NAME, WORK, CALL)                                                                                    \
    {                                                                                                              \
        BEST(taken, CALL)                                                                                          \
        layer(NAME, WORK, taken);                                                                                  \
    }

int main(void) {
    enum { MOST = 1 << 20 };
    float *x = malloc(MOST * sizeof *x), *w = malloc(MOST * sizeof *w), *y = malloc(MOST * sizeof *y);
    int8_t *q = malloc(MOST);
    for (int i = 0; i < MOST; i++) {
        x[i] = (float)(i % 201 - 100) / 100;
        w[i] = (float)(i % 77 - 38) / 40;
        q[i] = (int8_t)i;
    }
    static const size_t shapes[][3] = {{1, 512, 2048}, {1, 2048, 512}, {4, 512, 2048}, {20, 512, 1536},
                                       {20, 512, 2048}, {20, 2048, 512}, {100, 512, 2048}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t m = shapes[s][0], k = shapes[s][1], n = shapes[s][2];
        printf("%zu x %zu -> %zu, GMAC/s:", m, k, n);
        for (int kernel = 0; kernel < ting_kernels_count(); kernel++) {
            BEST(taken, ting_linear_int8(kernel, x, k, m, q, w, NULL, k, n, y, n))
            printf("  %s %.1f", ting_kernels_name(kernel), (double)(m * k * n) / taken * 1e-9);
        }
#ifdef WITH_OPENBLAS
        openblas_set_num_threads(1);
        BEST(taken, cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, x, (int)k, w, (int)k, 0,
                                y, (int)n))
        printf("  float openblas (%s) %.1f", openblas_get_corename(), (double)(m * k * n) / taken * 1e-9);
#endif
        printf("\n");
    }
    printf("float layers, %s:\n", ting_kernels_active());
    LAYER("conv1 40 x 240 -> 512", 40. * 240 * 512, ting_linear_float(x, 80, 40, w, NULL, 240, 512, y, 512))
    LAYER("attention 20 over 120, 8 x 64", 20. * 120 * 512 * 2,
          ting_attention(x, 512, 20, w, 512, w, 512, 120, 8, 64, NULL, 0, NULL, NULL, .125f, y, 512))
    LAYER("depthwise 15 taps, 20 x 256", 20. * 256 * 15, ting_depthwise(x, 34, 256, w, w, 15, 1, 1, 0, y, 20))
    LAYER("layer norm 20 x 512", 20. * 512, ting_layer_norm(x, 20, 512, w, w, 1e-5f))
    LAYER("gelu 20 x 2048", 20. * 2048, ting_gelu(x, 20 * 2048))
    LAYER("softmax 160 x 120", 160. * 120, ting_softmax(x, 160, 120))
    TingFFT *small = ting_fft_create(400), *large = ting_fft_create(1024);
    float spectrum[1026], scratch[2048];
    LAYER("fft 400", 400., ting_fft_forward(small, w, spectrum, scratch))
    LAYER("fft 1024 and back", 2048.,
          (ting_fft_forward(large, w, spectrum, scratch), ting_fft_inverse(large, spectrum, y, scratch)))
    return 0;
}
