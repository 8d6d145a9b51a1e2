// The headers of openblas, and nothing else: system-library module map.
#include <cblas.h>
