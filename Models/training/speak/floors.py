"""What lies under a voice: the level that each band of its envelopes falls to in pauses and closures.

The recordings carry the noise of their room, and a mean of logarithms never falls as low as silence. `above` takes the floor away as
spectral subtraction does (Boll 1979, by powers); Sources/Speak/NoiseFloor does the same on the board.
"""
import os

import numpy as np
import torch

import inventory
from features import MELS
from inventory import units

# A tenth of the frames of running speech are pauses and closures. Taken away once, DNSMOS of 48 replies rises from 2.95 to 3.05; twice,
# or a fifth of the frames, it rises less, because quiet consonants suffer.
SHARE = 0.1
# A band keeps at least a tenth of its amplitude: with perfect silence in the pauses DNSMOS falls to 2.88.
LEAST = 0.1
NOTHING = -30.0  # the floor of a timbre that no voice has


def above(envelope, floor):
    """envelope [frames, 80] and floor [80], logarithms of amplitudes -> what is left."""
    return envelope + 0.5 * torch.log((1 - torch.exp(2 * (floor - envelope))).clamp_min(LEAST ** 2))


def tokens(text, dialect):
    if dialect != "yue":
        from prepare import surface
        return surface(text)
    found = [u for s in units.text_to_syllables("".join(filter(units.HAN.match, text)), "yue") for u in units.jyutping_to_units(s)]
    return found + ["."]


def measured(acoustic, vocoder):
    """[speakers, 80] from checkpoints: a quantile over the replies in replies.txt, each timbre in its own voice."""
    from synthesise import Reference
    reference = Reference(acoustic, vocoder)
    floor = np.full((len(inventory.SPEAKERS), MELS), NOTHING, np.float32)
    here = os.path.dirname(os.path.abspath(__file__))
    texts = open(os.path.join(here, "replies.txt"), encoding="utf-8").read().splitlines()
    for line in inventory.voices(acoustic["median"]).split("\n"):
        name, _, dialect = line.split("|")[:3]
        timbre = reference.voices[name][0]
        if floor[timbre, 0] > NOTHING:
            continue
        spoken = [t for t in (tokens(text, dialect) for text in texts) if t]
        rows = np.concatenate([reference.sentence(t, name)[0].numpy() for t in spoken])
        floor[timbre] = np.quantile(rows, SHARE, axis=0)
    return floor
