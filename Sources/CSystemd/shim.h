// The headers of systemd, and nothing else: system-library module map.
#include <systemd/sd-daemon.h>
