// A real transform of n values as a complex one of n / 2, which runs Stockham's way (no bit reversal) through radices
// 4, 2, 3 and 5. Twiddles are tables computed in double precision.
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct { float re, im; } Complex;

enum { MOST_STAGES = 32 };

struct TingFFT {
    size_t n, half;
    int stages;
    int radix[MOST_STAGES];
    Complex *twiddles; // stage by stage: for each p, radix - 1 factors
    Complex *split;    // e^(-2 pi i k / n), k = 0 ... n / 4
};

static Complex unit(double turns) {
    double angle = -2 * 3.14159265358979323846 * turns;
    return (Complex){(float)cos(angle), (float)sin(angle)};
}

TingFFT *ting_fft_create(size_t n) {
    if (n < 2 || n % 2 != 0 || n > ((size_t)1 << 24)) return NULL;
    TingFFT plan = {.n = n, .half = n / 2};
    static const int radices[] = {4, 2, 3, 5};
    size_t rest = plan.half, count = 0;
    for (int r = 0; r < 4;) {
        if (rest % (size_t)radices[r] != 0) {
            r++;
            continue;
        }
        rest /= (size_t)radices[r];
        plan.radix[plan.stages++] = radices[r];
    }
    if (rest != 1) return NULL;
    size_t length = plan.half;
    for (int s = 0; s < plan.stages; s++) {
        length /= (size_t)plan.radix[s];
        count += length * (size_t)(plan.radix[s] - 1);
    }
    TingFFT *made = malloc(sizeof *made);
    plan.twiddles = malloc((count + 1) * sizeof(Complex));
    plan.split = malloc((n / 4 + 1) * sizeof(Complex));
    if (!made || !plan.twiddles || !plan.split) abort(); // as Swift's own allocations do
    Complex *w = plan.twiddles;
    length = plan.half;
    for (int s = 0; s < plan.stages; s++) {
        size_t whole = length;
        length /= (size_t)plan.radix[s];
        for (size_t p = 0; p < length; p++)
            for (int j = 1; j < plan.radix[s]; j++) *w++ = unit((double)(p * (size_t)j) / (double)whole);
    }
    for (size_t k = 0; k <= n / 4; k++) plan.split[k] = unit((double)k / (double)n);
    *made = plan;
    return made;
}

void ting_fft_free(TingFFT *plan) {
    if (!plan) return;
    free(plan->twiddles);
    free(plan->split);
    free(plan);
}

ALWAYS_INLINE Complex plus(Complex a, Complex b) { return (Complex){a.re + b.re, a.im + b.im}; }
ALWAYS_INLINE Complex minus(Complex a, Complex b) { return (Complex){a.re - b.re, a.im - b.im}; }
ALWAYS_INLINE Complex times(Complex a, Complex b) {
    return (Complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
ALWAYS_INLINE Complex scaled(Complex a, float f) { return (Complex){a.re * f, a.im * f}; }
ALWAYS_INLINE Complex turned(Complex a) { return (Complex){a.im, -a.re}; } // times -i

// The transform of `radix` values in place.
ALWAYS_INLINE void butterfly(Complex *v, const int radix) {
    if (radix == 2) {
        Complex a = v[0];
        v[0] = plus(a, v[1]);
        v[1] = minus(a, v[1]);
    } else if (radix == 3) {
        Complex sum = plus(v[1], v[2]), middle = minus(v[0], scaled(sum, 0.5f));
        Complex side = turned(scaled(minus(v[1], v[2]), 0.86602540378443865f));
        v[0] = plus(v[0], sum);
        v[1] = plus(middle, side);
        v[2] = minus(middle, side);
    } else if (radix == 4) {
        Complex a = plus(v[0], v[2]), b = minus(v[0], v[2]), c = plus(v[1], v[3]), d = turned(minus(v[1], v[3]));
        v[0] = plus(a, c);
        v[1] = plus(b, d);
        v[2] = minus(a, c);
        v[3] = minus(b, d);
    } else {
        const float c1 = 0.30901699437494742f, c2 = -0.80901699437494742f;
        const float s1 = 0.95105651629515357f, s2 = 0.58778525229247313f;
        Complex p = plus(v[1], v[4]), q = plus(v[2], v[3]), d = minus(v[1], v[4]), e = minus(v[2], v[3]);
        Complex m1 = plus(v[0], plus(scaled(p, c1), scaled(q, c2)));
        Complex m2 = plus(v[0], plus(scaled(p, c2), scaled(q, c1)));
        Complex n1 = turned(plus(scaled(d, s1), scaled(e, s2)));
        Complex n2 = turned(minus(scaled(d, s2), scaled(e, s1)));
        v[0] = plus(v[0], plus(p, q));
        v[1] = plus(m1, n1);
        v[2] = plus(m2, n2);
        v[3] = minus(m2, n2);
        v[4] = minus(m1, n1);
    }
}

ALWAYS_INLINE const Complex *stage(const Complex *restrict x, Complex *restrict y, size_t length, size_t stride,
                                   const Complex *w, const int radix) {
    for (size_t p = 0; p < length; p++, w += radix - 1) {
        for (size_t q = 0; q < stride; q++) {
            Complex v[5];
            for (int j = 0; j < radix; j++) v[j] = x[q + stride * (p + length * (size_t)j)];
            butterfly(v, radix);
            Complex *to = y + q + stride * (size_t)radix * p;
            to[0] = v[0];
            for (int j = 1; j < radix; j++) to[stride * (size_t)j] = times(v[j], w[j - 1]);
        }
    }
    return w;
}

// Transforms `half` values from x through y and back as often as needed; returns where the result lies.
static Complex *transform(const TingFFT *plan, Complex *x, Complex *y) {
    size_t length = plan->half, stride = 1;
    const Complex *w = plan->twiddles;
    for (int s = 0; s < plan->stages; s++) {
        length /= (size_t)plan->radix[s];
        switch (plan->radix[s]) {
        case 2: w = stage(x, y, length, stride, w, 2); break;
        case 3: w = stage(x, y, length, stride, w, 3); break;
        case 4: w = stage(x, y, length, stride, w, 4); break;
        default: w = stage(x, y, length, stride, w, 5); break;
        }
        stride *= (size_t)plan->radix[s];
        Complex *swap = x;
        x = y;
        y = swap;
    }
    return x;
}

void ting_fft_forward(const TingFFT *plan, const float *x, float *spectrum, float *scratch) {
    size_t half = plan->half;
    Complex *work = (Complex *)scratch;
    memcpy(work, x, plan->n * sizeof *x);
    const Complex *z = transform(plan, work, work + half);
    Complex *out = (Complex *)spectrum;
    out[0] = (Complex){z[0].re + z[0].im, 0};
    out[half] = (Complex){z[0].re - z[0].im, 0};
    // z = even + i odd: take them apart, and join them with the last twiddle.
    for (size_t k = 1; 2 * k <= half; k++) {
        Complex a = z[k], b = {z[half - k].re, -z[half - k].im};
        Complex even = scaled(plus(a, b), 0.5f), odd = times(turned(scaled(minus(a, b), 0.5f)), plan->split[k]);
        Complex mirrored = minus(even, odd);
        out[k] = plus(even, odd);
        out[half - k] = (Complex){mirrored.re, -mirrored.im};
    }
}

void ting_fft_inverse(const TingFFT *plan, const float *spectrum, float *x, float *scratch) {
    size_t half = plan->half;
    const Complex *in = (const Complex *)spectrum;
    Complex *work = (Complex *)scratch;
    // The inverse is the forward transform between two conjugations; work holds the conjugate of even + i odd.
    work[0] = (Complex){in[0].re + in[half].re, -(in[0].re - in[half].re)};
    for (size_t k = 1; 2 * k <= half; k++) {
        Complex a = in[k], b = {in[half - k].re, -in[half - k].im};
        Complex back = {plan->split[k].re, -plan->split[k].im};
        Complex even = plus(a, b), odd = times(minus(a, b), back);
        work[k] = (Complex){even.re - odd.im, -(even.im + odd.re)};
        work[half - k] = (Complex){even.re + odd.im, even.im - odd.re};
    }
    const Complex *z = transform(plan, work, work + half);
    float factor = 0.5f / (float)half;
    for (size_t i = 0; i < half; i++) {
        x[2 * i] = z[i].re * factor;
        x[2 * i + 1] = -z[i].im * factor;
    }
}
