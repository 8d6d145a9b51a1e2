"""A minute's worth of made-up data, so that CI can run the whole recipe: tone pairs as clips, two units each."""
import os
import tempfile

import numpy as np

UNITS = ["<b>", "b", "p", "a1", "a2", "a3", "a4", "i1", "i4"]


def fill(a):
    """Point the arguments `a` of train.py at a fresh folder of generated clips."""
    folder = tempfile.mkdtemp(prefix="ting-hear-smoke-")
    rng = np.random.default_rng(1)
    pcm, offsets, rows = [], [0], []
    for n in range(64):
        ids = [int(rng.integers(1, 3)), int(rng.integers(3, len(UNITS)))]
        t = np.arange(8000) / 16000
        clip = np.concatenate([np.sin(2 * np.pi * 200 * (1 + i) * t[:4000]) for i in ids])
        clip = (clip * 8000 + rng.normal(0, 50, 8000)).astype(np.int16)
        pcm.append(clip)
        offsets.append(offsets[-1] + len(clip))
        rows.append(("hsk_words", f"s{n % 4}", "zh", "", " ".join(map(str, ids)), int(n % 8 == 0)))
    np.savez(f"{folder}/hsk_words.npz", pcm=np.concatenate(pcm), offsets=np.array(offsets), rows=np.array(rows))
    with open(f"{folder}/units.txt", "w", encoding="utf-8") as f:
        f.write("\n".join(UNITS))
    a.cache, a.synth, a.units, a.start = folder, folder + "/none", folder + "/units.txt", None
    a.out, a.minutes, a.seconds = a.out or os.path.join(folder, "run"), 0.3, 8
