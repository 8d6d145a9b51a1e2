// The headers of asound, and nothing else: system-library module map.
#include <alsa/asoundlib.h>
