// The headers of systemd, and glibc's word for giving freed memory back: what only the daemon needs.
#include <malloc.h>
#include <systemd/sd-daemon.h>
