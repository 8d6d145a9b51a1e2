// The header of libyaml, and nothing else: system-library module map.
#include <yaml.h>
