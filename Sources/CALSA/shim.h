// The headers of asound, and its error printer turned off: Ting reports device errors itself, in one line.
#include <alsa/asoundlib.h>

static void ting_alsa_drop_message(const char *file, int line, const char *function, int code, const char *format, ...) {
    (void)file; (void)line; (void)function; (void)code; (void)format;
}

static inline void ting_alsa_be_quiet(void) { snd_lib_error_set_handler(ting_alsa_drop_message); }
