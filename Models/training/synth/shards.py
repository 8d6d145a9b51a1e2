"""Shards of synthetic speech: NAME-NNN.npz with pcm int16 at 16 kHz, offsets, text, voice, lang, pinyin (citation) and
surface (as spoken). A shard appears whole or not at all (written beside its place, then renamed)."""
import glob
import os
import re

import numpy as np
from scipy.signal import resample_poly

RATE = 16000


def to_16k(samples, rate):
    """Resampled, silence trimmed to 0.1...0.25 s at both ends, levelled to -26 dBFS speech RMS."""
    divisor = int(np.gcd(rate, RATE))
    y = samples if rate == RATE else resample_poly(samples, RATE // divisor, rate // divisor)
    y = np.asarray(y, np.float32)
    hop = 160
    count = len(y) // hop
    if count < 10:
        return None
    energy = (y[: count * hop].reshape(count, hop) ** 2).mean(1)
    loud = np.flatnonzero(energy > max(energy.max() * 1e-4, 1e-8))
    if len(loud) < 10:
        return None
    start, end = max(0, loud[0] * hop - 2400), min(len(y), (loud[-1] + 1) * hop + 3200)
    y = y[start:end]
    speech = energy[energy > energy.max() * 1e-3].mean()
    y = y * (0.05 / np.sqrt(speech))
    peak = np.abs(y).max()
    return y * (0.97 / peak) if peak > 0.97 else y


class Writer:
    def __init__(self, folder, name, seconds=420):
        self.folder, self.name, self.limit = folder, name, seconds * RATE
        os.makedirs(folder, exist_ok=True)
        done = [int(m.group(1)) for f in glob.glob(f"{folder}/{name}-*.npz") if (m := re.search(r"-(\d+)\.npz$", f))]
        self.next, self.total = (max(done) + 1 if done else 0), 0
        self.clear()

    def clear(self):
        self.rows, self.size = [], 0

    def add(self, samples, **row):
        pcm = np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)
        self.rows.append((pcm, row))
        self.size += len(pcm)
        if self.size >= self.limit:
            self.flush()

    def flush(self):
        if not self.rows:
            return
        path = os.path.join(self.folder, f"{self.name}-{self.next:03d}.npz")
        keys = self.rows[0][1].keys()
        offsets = np.cumsum([0] + [len(p) for p, _ in self.rows]).astype(np.int64)
        with open(path + ".tmp", "wb") as f:
            np.savez(f, pcm=np.concatenate([p for p, _ in self.rows]), offsets=offsets,
                     **{k: np.array([r[k] for _, r in self.rows]) for k in keys})
        os.rename(path + ".tmp", path)
        self.total += self.size
        print(f"{path}: {len(self.rows)} clips, {self.size / RATE:.0f} s", flush=True)
        self.next += 1
        self.clear()


def read(path):
    """Yields (samples float32, row dictionary) for every clip of a shard."""
    with np.load(path) as z:
        pcm, offsets = z["pcm"], z["offsets"]
        rows = {k: z[k] for k in z.files if k not in ("pcm", "offsets")}
    for i in range(len(offsets) - 1):
        yield pcm[offsets[i] : offsets[i + 1]].astype(np.float32) / 32768, {k: str(v[i]) for k, v in rows.items()}
