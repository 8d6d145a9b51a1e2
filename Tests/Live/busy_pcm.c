// An ALSA device that answers "busy" as long as a file exists, and otherwise is its slave: what a sound card says that
// another program holds.
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <unistd.h>

SND_PCM_PLUGIN_DEFINE_FUNC(busy) {
    const char *lock = NULL, *slave = NULL;
    snd_config_iterator_t i, next;
    (void)root;
    snd_config_for_each(i, next, conf) {
        snd_config_t *entry = snd_config_iterator_entry(i);
        const char *id;
        if (snd_config_get_id(entry, &id) < 0) continue;
        if (strcmp(id, "lock") == 0) snd_config_get_string(entry, &lock);
        if (strcmp(id, "slave") == 0) snd_config_get_string(entry, &slave);
    }
    (void)name;
    if (!lock || !slave) return -EINVAL;
    if (access(lock, F_OK) == 0) return -EBUSY;
    return snd_pcm_open(pcmp, slave, stream, mode);
}

SND_PCM_PLUGIN_SYMBOL(busy);
