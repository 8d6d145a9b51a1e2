// The headers of speexdsp, and nothing else: system-library module map.
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
#include <speex/speex_resampler.h>
