// NEON with the dot product (Cortex-A75 and later): four int8 products a lane into int32.
#include "table.h"

#if defined(__aarch64__)

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif

#include "neon.h"

enum { STEP = 16, ROWS = 4, OUTS = 4 };
#define ACC int32x4_t
#define WEIGHTS int8x16_t
#define VALUES int8x16_t

ALWAYS_INLINE int32x4_t dot(int32x4_t acc, int8x16_t v, int8x16_t w) { return vdotq_s32(acc, v, w); }

#include "gemm.inc"

const KernelTable ting_dotprod = {"dotprod", ting_neon_quantise, gemm_blocks, &ting_baseline_floats};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
