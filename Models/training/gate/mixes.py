"""Streams for the gate: speech of many people with pauses, in noise, rooms and at varied levels, with frame labels.

Labels come from the clean clip: a 16 ms frame is speech when its energy is within 30 dB of the clip's loud frames and well above
the recording's own floor; gaps below 0.1 s are filled. Splits are by speaker and by noise file (see README.md).
"""
import os
import re
import sys

import numpy as np
from scipy.ndimage import binary_closing, binary_opening
from scipy.signal import fftconvolve, lfilter

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "hear"))  # last: both folders have a model.py
import corpus  # noqa: E402

RATE, HOP = 16000, 256
SOURCES = ["words20", "english_l2", "wakewords", "hsk_words", "aishell_s0150", "cantonese_syllables", "seedlingo_words"]


def held_out(source, speaker):
    """Speakers that no training sees."""
    if source == "words20":
        return int(speaker[1:]) >= 18
    if source == "english_l2":
        return int(speaker) % 5 == 3
    if source == "wakewords":
        return sum(speaker.encode()) % 5 == 0
    return source == "seedlingo_words"


def noise_held_out(name):
    """ESC-10 by recording (its clips of one recording share a number); appliances by file."""
    m = re.search(r"-(\d+)-[A-Z]\.", name)
    if m:
        return int(m.group(1)) % 3 == 0
    return name in ("appliance-aircon_1.opus", "appliance-dishwasher_2.opus", "appliance-street_1.opus",
                    "appliance-vacuuming_1.opus")


def label(x):
    """Speech or not for every whole hop of a clean clip."""
    n = len(x) // HOP
    e = 10 * np.log10((x[: n * HOP].reshape(n, HOP) ** 2).mean(1) + 1e-10)
    loud, floor = np.percentile(e, 95), np.percentile(e, 8)
    speech = e > max(loud - 30, min(floor + 9, loud - 12))
    return binary_opening(binary_closing(np.pad(speech, 8), np.ones(7)), np.ones(2))[8:-8]


class Pools:
    """Clips of one split, from the caches that the Hear recipe prepares (`hear/corpus.py prepare`)."""

    def __init__(self, cache, development, most=2500, seconds=9000):
        rng = np.random.default_rng(5)
        self.speech = []
        for source in SOURCES:
            path = f"{cache}/{source}.npz"
            if not os.path.exists(path):
                continue
            with np.load(path) as z:
                pcm, o, rows = z["pcm"], z["offsets"], z["rows"]
            keep = [i for i, r in enumerate(rows) if held_out(source, r[1]) == development]
            rng.shuffle(keep)
            group = [pcm[o[i] : o[i + 1]].copy() for i in keep[:most] if o[i + 1] - o[i] > 4000]
            if group:
                self.speech.append(group)
        self.noise = []
        for source in corpus.NOISES:
            path = f"{cache}/{source}.npz"
            if os.path.exists(path):
                with np.load(path) as z:
                    pcm, o, rows = z["pcm"], z["offsets"], z["rows"]
                group = [pcm[o[i] : o[i + 1]].copy() for i, r in enumerate(rows) if noise_held_out(r[1]) == development]
                self.noise.append([g for g in group if np.abs(g).max() > 0])
        self.noise = [g for g in self.noise if g]

    @classmethod
    def generated(cls):
        """Tiny made-up pools for the smoke run: gated harmonic tones as speech, coloured noise as noise."""
        self, rng = cls.__new__(cls), np.random.default_rng(0)
        t = np.arange(RATE) / RATE
        tone = lambda f: sum(np.sin(2 * np.pi * f * k * t) / k for k in range(1, 12)) * (np.sin(2 * np.pi * 3 * t) > -0.5)
        self.speech = [[(3000 * tone(f)).astype(np.int16) for f in rng.uniform(90, 260, 12)]]
        self.noise = [[(2000 * rng.standard_normal(4 * RATE)).astype(np.int16) for _ in range(4)]]
        return self


def music(n, rng):
    """Chords, a melody and a beat from a few harmonics: what a radio sounds like to a gate."""
    t, out = np.arange(n) / RATE, np.zeros(n, np.float32)
    beat = int(RATE * rng.uniform(0.25, 0.7))
    root = rng.uniform(80, 300)
    decay = np.exp(-np.arange(beat * 2) / (RATE * rng.uniform(0.08, 0.6))).astype(np.float32)
    for start in range(0, n, beat):
        m = min(beat * 2, n - start)
        for _ in range(rng.integers(1, 4)):
            f = root * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 11, 12, 16, 19]) / 12)
            wave = sum(np.sin(2 * np.pi * f * k * t[:m] + rng.uniform(0, 6)) / k ** rng.uniform(0.7, 2) for k in range(1, 7))
            out[start : start + m] += (wave * decay[:m]).astype(np.float32)
        if rng.random() < 0.5:
            out[start : start + m] += rng.standard_normal(m).astype(np.float32) * decay[:m] ** 6 * rng.uniform(0, 2)
    return out


class Mixer:
    def __init__(self, pools, seed):
        self.pools, self.rng = pools, np.random.default_rng(seed)

    def clip(self):
        group = self.pools.speech[self.rng.integers(len(self.pools.speech))]
        return group[self.rng.integers(len(group))].astype(np.float32) / 32768

    def noise(self, n, synthetic=0.25):
        rng = self.rng
        if rng.random() < synthetic:
            kind = rng.integers(3)
            if kind == 0:
                return music(n, rng)
            x = rng.standard_normal(n).astype(np.float32)
            return lfilter([1], [1, -rng.uniform(0.3, 0.98)], x).astype(np.float32) if kind == 1 else x
        group = self.pools.noise[rng.integers(len(self.pools.noise))]
        x = group[rng.integers(len(group))].astype(np.float32)
        while len(x) < n:
            x = np.concatenate([x, x])
        at = rng.integers(0, len(x) - n + 1)
        return x[at : at + n]

    def stream(self, seconds=8.0, snr=None, synthetic=0.25, plain=False):
        """(samples float32, labels per hop, SNR). `snr` fixed for evaluation; `plain` = no room, tilt or clipping."""
        rng, n = self.rng, int(seconds * RATE) // HOP * HOP
        x, y = np.zeros(n, np.float32), np.zeros(n // HOP, bool)
        at = int(rng.exponential(0.7) * RATE)
        silent = rng.random() < 0.08 and snr is None
        while at < n and not silent:
            c = self.clip()
            if not plain and rng.random() < 0.5:
                f = rng.uniform(0.85, 1.18)
                c = np.interp(np.arange(int(len(c) / f)) * f, np.arange(len(c)), c).astype(np.float32)
            at = at // HOP * HOP
            c = c[: n - at]
            if len(c) < HOP * 12:
                break
            l = label(c)
            if not l.any():
                continue
            power = np.sqrt((c[: len(l) * HOP].reshape(-1, HOP)[l] ** 2).mean()) + 1e-6
            x[at : at + len(c)] += c / power * 10 ** (rng.uniform(-4, 4) / 20)
            y[at // HOP : at // HOP + len(l)] |= l
            at += len(c) + int(rng.exponential(0.8) * RATE)
        if not plain and rng.random() < 0.35:
            m = int(RATE * rng.uniform(0.08, 0.5))
            room = rng.standard_normal(m) * np.exp(-6.9 * np.arange(m) / m) * rng.uniform(0.02, 0.2)
            room[0] = 1
            x = fftconvolve(x, room)[:n].astype(np.float32)
        level = rng.uniform(-3, 20) if snr is None else snr
        if snr is None and rng.random() < 0.12:
            level = 40.0
        noise = self.noise(n, synthetic)
        if rng.random() < 0.25 and not plain:
            noise = noise / (noise.std() + 1e-6) + self.noise(n, synthetic) * (rng.uniform(0.2, 1) / 3000)
        # SNR against the noise in its own active half, so that a single bark does not count as constant noise.
        frames = np.sort((noise[: n // HOP * HOP].reshape(-1, HOP) ** 2).mean(1))
        x = x + noise / (np.sqrt(frames[len(frames) // 2 :].mean()) + 1e-6) * 10 ** (-level / 20)
        if not plain and rng.random() < 0.3:
            a = rng.uniform(-0.4, 0.6)
            x = lfilter([1, -a], [1], x)
        x = x * (10 ** (rng.uniform(-45, -12) / 20) if not plain else 10 ** (-26 / 20))
        if not plain and rng.random() < 0.03:
            x = x * 8
        x = np.clip(x + rng.standard_normal(n) * 1e-5, -1, 1).astype(np.float32)
        return x, y, level
