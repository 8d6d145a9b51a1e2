"""Are the tones right? A small classifier of F0 contours, trained on recorded syllables, hears what Ting says.

python tones.py --ting ../../../.build/release/ting --speech data/speech --out data/speak/tones

Trained on the single syllables of mandarin_syllables and the single characters of hsk_words, every fifth held out; also one woman on
the other, which is what the judge is worth on a voice it does not know. Then every Mandarin voice of Ting says characters that have
one reading. A contour is 16 values of log F0 over the voiced stretch, about the voice's own middle, with length and voicing.
"""
import argparse
import collections
import hashlib
import os
import subprocess
import sys

import numpy as np
import soundfile
import soxr
import torch

from features import HOP, RATE, continuous, pitch
from prepare import trim, units

POINTS = 16
RANGES = {"female": (100, 480), "male": (55, 330)}


def contour(x, sex):
    """Raw contour in log hertz, voiced frames, all frames; None where little is voiced."""
    f0 = pitch(x, *RANGES[sex])
    voiced = np.flatnonzero(f0 > 0)
    if len(voiced) < 6:
        return None
    f = np.log(continuous(f0))[voiced[0]:voiced[-1] + 1]
    level = 10 * np.log10(np.array([(x[i * HOP:(i + 1) * HOP] ** 2).mean() for i in range(voiced[0], voiced[-1] + 1)]) + 1e-9)
    loud = np.flatnonzero(level > level.max() - 25)
    f = f[loud[0]:loud[-1] + 1]
    return np.interp(np.linspace(0, len(f) - 1, POINTS), np.arange(len(f)), f), len(f), len(voiced) / len(f0)


def readings():
    """Han character -> its one reading."""
    from pypinyin import Style, pinyin
    out = {}
    for code in range(0x4E00, 0x9FA6):
        found = pinyin(chr(code), style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0]
        if len(found) == 1 and found[0][-1] in "1234":
            out[chr(code)] = found[0]
    return out


def recorded(speech, one):
    """(corpus, tonal syllable, contour) of the recorded syllables."""
    for corpus in ("mandarin_syllables", "hsk_words"):
        folder = os.path.join(speech, corpus)
        for line in open(os.path.join(folder, "manifest.tsv"), encoding="utf-8").read().splitlines()[1:]:
            name, _, _, _, text = line.split("\t")[:5]
            syllable = text if corpus == "mandarin_syllables" else one.get(text)
            if not syllable or syllable[-1] not in "1234":
                continue
            x, rate = soundfile.read(os.path.join(folder, name), dtype="float32")
            x = trim(soxr.resample(x if x.ndim == 1 else x.mean(1), rate, RATE))
            found = None if x is None else contour(x, "female")
            if found:
                yield corpus, syllable, found


def vectors(contours):
    """Contours about the median of their own voice, and their slope."""
    middle = np.median(np.concatenate([c[0] for c in contours]))
    return np.array([np.concatenate([4 * (c[0] - middle), 8 * np.diff(c[0])[::2], [np.log(c[1]) - 3, c[2]]]) for c in contours], np.float32)


def learn(x, y):
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Linear(x.shape[1], 48), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(48, 4))
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=0.02)
    x, y = torch.from_numpy(x), torch.tensor(y)
    for _ in range(60):
        for pick in torch.randperm(len(x)).split(128):
            noisy = x[pick] + 0.03 * torch.randn(len(pick), x.shape[1])
            loss = torch.nn.functional.cross_entropy(net(noisy), y[pick])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net.eval()


def heard(net, x):
    with torch.no_grad():
        return net(torch.from_numpy(x)).argmax(1).numpy()


def report(name, right, guess):
    right = np.array(right)
    table = [[int(((right == t) & (guess == g)).sum()) for g in range(4)] for t in range(4)]
    print(f"{name}: {np.mean(right == guess):.1%} of {len(right)} tones right; rows said, columns heard {table}", flush=True)


def run(arguments):
    os.makedirs(arguments.out, exist_ok=True)
    one = readings()
    cache = os.path.join(arguments.out, "recorded.npy")
    if os.path.exists(cache):
        rows = list(np.load(cache, allow_pickle=True))
    else:
        rows = list(recorded(arguments.speech, one))
        np.save(cache, np.array(rows, dtype=object))
    held = [int(hashlib.sha1(r[1].encode()).hexdigest(), 16) % 5 == 0 for r in rows]
    corpora = sorted({r[0] for r in rows})
    x = np.concatenate([vectors([r[2] for r in rows if r[0] == c]) for c in corpora])
    rows, held = zip(*[(r, h) for c in corpora for r, h in zip(rows, held) if r[0] == c])
    y, held = np.array([int(r[1][-1]) - 1 for r in rows]), np.array(held)
    net = learn(x[~held], y[~held])
    report("recorded, syllables not trained on", y[held], heard(net, x[held]))
    for c in corpora:
        own = np.array([r[0] == c for r in rows])
        report(f"recorded, {c} by a judge that never heard that speaker", y[own], heard(learn(x[~own], y[~own]), x[own]))
    said = collections.OrderedDict()
    for r in rows:
        said.setdefault(r[1], next((h for h, s in one.items() if s == r[1]), None))
    said = [(s, h) for s, h in sorted(said.items()) if h and units.pinyin_to_units(s)]
    said = said[::max(1, len(said) // arguments.syllables)][:arguments.syllables]
    listed = subprocess.run([arguments.ting, "say", "--voice", "list"], text=True, capture_output=True, check=True).stdout
    for line in listed.splitlines():
        voice, kind = line.split("\t")[:2]
        sex, dialect = kind.split(", ")
        if dialect != "zh":
            continue
        contours, right = [], []
        path = os.path.join(arguments.out, "x.wav")
        for syllable, han in said:
            subprocess.run([arguments.ting, "say", han + "。", "--voice", voice, "--out", path], check=True)
            found = contour(soundfile.read(path, dtype="float32")[0], sex)
            if found:
                contours.append(found)
                right.append(int(syllable[-1]) - 1)
        report(f"Ting, {voice}", right, heard(net, vectors(contours)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ting", default="../../../.build/release/ting")
    parser.add_argument("--speech", default="data/speech")
    parser.add_argument("--out", default="data/speak/tones")
    parser.add_argument("--syllables", type=int, default=160, help="for each voice")
    run(parser.parse_args())
