"""What voices are shown that they never said: English, and sentences by her who recorded words only.

English was heard from two teachers alone. A network that knows English in their manner and timbre only says it badly in any other, the worse the
longer it learns. So each English clip is shown again as if the other voices of the same sex had said it: their manner, and the teacher's envelopes
moved by the mean difference of the two timbres in voiced, unvoiced and silent frames. Sentences of two women are shown in the timbre of `yue` likewise.
"""
import numpy as np

import inventory

# who said it -> (voice, manner) it is shown in, of the same sex
OTHERS = {"alpha": (("yue", "na"), ("s0150", "s0150"), ("na", "na")), "kumo": (("da", "da"), ("kt", "kt")),
          "s0150": (("yue", "s0150"),), "na": (("yue", "na"),)}
EVERY = {"na": 2}  # every so many clips, so that she does not outweigh the others
NARROW = ("s0150", "na")  # what they said ends at 8 kHz, and so teaches no other voice what lies above
SMOOTH = 5  # bands: a difference of timbres is broad, what is narrow is chance


def kinds(tokens, durations, voiced):
    """Of each frame: 0 voiced, 1 unvoiced, 2 in a pause."""
    pause = np.repeat([inventory.is_pause(t) for t in tokens], durations)
    return np.where(pause, 2, np.where(voiced > 0, 0, 1))


def middle(clips):
    """[3, bands]: the mean envelope of each kind of frame."""
    total, count = 0, np.zeros(3)
    for tokens, durations, envelope, _, voiced in clips:
        one = np.eye(3)[kinds(tokens, durations, voiced)]
        total, count = total + one.T @ envelope, count + one.sum(0)
    return total / np.maximum(count, 1)[:, None]


def shown(clips, source, target):
    """The clips of `source` [3, bands] as if they were of the timbre `target`."""
    box = np.ones(SMOOTH) / SMOOTH
    edges = [(0, 0), (SMOOTH // 2, SMOOTH // 2)]
    move = np.stack([np.convolve(row, box, "valid") for row in np.pad(target - source, edges, "edge")])
    for tokens, durations, envelope, relative, voiced in clips:
        yield tokens, durations, (envelope + move[kinds(tokens, durations, voiced)]).astype(np.float32), relative, voiced
