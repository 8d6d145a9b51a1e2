"""Emotion from the voice: prosody figures of an utterance, and a small network over them, speaker-independent.

The figures are defined plainly, because Sources/Think/NetworkProsody.swift computes the same ones. Data: RAVDESS (CC
BY-NC-SA: research use; named in Models/README.md). `calm` counts as neutral."""

import argparse
import json
import pathlib

import numpy as np
import torch
from torch import nn

RATE, FRAME, HOP, SIZE = 16000, 640, 320, 1280
LOW, HIGH = 32, 266  # lags of 500 and 60 Hz
BANDS = [(0, 40), (40, 80), (80, 160), (160, 320), (320, 641)]  # bins of 12.5 Hz: 0.5, 1, 2, 4, 8 kHz
CLASSES = ["neutral", "happy", "sad", "angry"]
NAMES = 42


def quantile(x, q):
    """The sorted value at the rounded-down place."""
    return float(np.sort(x)[int(q * (len(x) - 1))]) if len(x) else 0.0


def slope(x):
    n = len(x)
    if n < 3:
        return 0.0
    t = np.arange(n) / (n - 1) - 0.5
    return float((t * (x - x.mean())).sum() / (t * t).sum())


def spread(x):
    return float(np.sqrt(((x - x.mean()) ** 2).mean())) if len(x) else 0.0


def mean(x):
    return float(x.mean()) if len(x) else 0.0


def frames_of(samples):
    """Power spectrum, energy and autocorrelation (1 at lag 0, to one lag beyond HIGH) of every frame, or None for less than a fifth of a second."""
    x = np.asarray(samples, np.float64)
    n = (len(x) - FRAME) // HOP + 1
    if n < 10:
        return None
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
    frames = np.stack([x[i * HOP:i * HOP + FRAME] for i in range(n)])
    frames = (frames - frames.mean(1, keepdims=True)) * window
    spectrum = np.abs(np.fft.rfft(frames, SIZE, axis=1)) ** 2
    own = np.fft.irfft(np.abs(np.fft.rfft(window, SIZE)) ** 2, SIZE)
    correlation = np.fft.irfft(spectrum, SIZE, axis=1)
    scaled = correlation[:, :HIGH + 2] / own[:HIGH + 2] * own[0] / (correlation[:, :1] + 1e-9)
    return spectrum, np.log10(correlation[:, 0] + 1e-9), scaled


def tracks(samples):
    """Power spectrum, energy, loud enough?, periodicity, semitones above 100 Hz and voiced? of every frame, or None for less than a fifth
    of a second or no sound."""
    found = frames_of(samples)
    if found is None:
        return None
    spectrum, energy, scaled = found
    active = energy > energy.max() - 3.0
    if energy.max() < -7 or active.sum() < 8:
        return None
    # Shorter lags are preferred a little, against octaves too low.
    scaled = scaled[:, LOW:HIGH + 1] - 0.1 * np.arange(HIGH - LOW + 1) / (HIGH - LOW)
    lag = scaled.argmax(1)
    peak = np.minimum(scaled.max(1), 1.0)
    voiced = active & (peak > 0.5)
    pitch = 12 * np.log2(RATE / (lag + LOW) / 100)
    return spectrum, energy, active, peak, pitch, voiced


def figures(samples):
    """42 numbers, or None where there are no tracks."""
    found = tracks(samples)
    if found is None:
        return None
    spectrum, energy, active, peak, pitch, voiced = found
    bands = np.stack([np.log10(spectrum[:, a:b].sum(1) + 1e-9) for a, b in BANDS], 1)
    bands = bands - np.log10(spectrum.sum(1) + 1e-9)[:, None]
    p, e, v = pitch[voiced], energy[active], np.where(voiced)[0]
    first, last = np.where(active)[0][[0, -1]]
    seconds = (last - first + 1) * HOP / RATE
    runs = 0 if len(v) == 0 else 1 + int((np.diff(v) > 1).sum())
    steps = np.diff(p)[np.diff(v) == 1] if len(p) > 1 else np.zeros(0)
    inner = energy[first:last + 1]
    peaks = 0
    for i in range(1, len(inner) - 1):
        peaks += bool(inner[i] > inner[i - 1] and inner[i] >= inner[i + 1] and inner[i] > energy.max() - 1.5)
    changes = np.abs(np.diff(inner)) if len(inner) > 1 else np.zeros(0)
    tail = p[int(0.8 * len(p)):]
    out = [mean(p), spread(p), quantile(p, 0.1), quantile(p, 0.5), quantile(p, 0.9), quantile(p, 0.9) - quantile(p, 0.1),
           slope(p), mean(tail) - mean(p), mean(np.abs(steps)), spread(steps),
           len(v) / max(1, int(active.sum())), runs / seconds, len(v) * HOP / RATE / max(1, runs), seconds, peaks / seconds,
           mean(e) - energy.max(), spread(e), quantile(e, 0.1) - energy.max(), quantile(e, 0.5) - energy.max(),
           quantile(e, 0.9) - energy.max(), slope(e), mean(changes), spread(changes), float(active.sum()) / (last - first + 1),
           mean(peak[voiced]), spread(peak[voiced]), mean(e), energy.max()]
    chosen = bands[voiced] if len(v) else bands[active]
    for k in range(len(BANDS)):
        out += [float(chosen[:, k].mean()), spread(chosen[:, k])]
    loud = bands[active & (energy > quantile(e, 0.5))]
    loud = loud if len(loud) else bands[active]
    out += [float(loud[:, 2].mean() - loud[:, 0].mean()), float(loud[:, 3].mean() - loud[:, 1].mean()),
            float(loud[:, 4].mean() - loud[:, 1].mean()), float(loud[:, 3].mean() - loud[:, 0].mean())]
    return np.array(out, np.float32)


class Emotion(nn.Module):
    def __init__(self, hidden=64, dropout=0.3):
        super().__init__()
        self.up, self.middle, self.down = nn.Linear(NAMES, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 4)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        x = self.dropout(nn.functional.gelu(self.up(x)))
        return self.down(self.dropout(nn.functional.gelu(self.middle(x))))


def fit(x, y, seed=0, epochs=250):
    torch.manual_seed(seed)
    model = Emotion()
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=0.05)
    counts = np.bincount(y, minlength=4)
    weights = torch.tensor(len(y) / (4 * np.maximum(1, counts)), dtype=torch.float32)
    x, y = torch.tensor(x), torch.tensor(y)
    for e in range(epochs):
        for g in optimiser.param_groups:
            g["lr"] = 2e-3 * (1 - e / epochs)
        for part in torch.randperm(len(x)).split(128):
            noisy = x[part] + 0.1 * torch.randn_like(x[part])
            loss = nn.functional.cross_entropy(model(noisy), y[part], weight=weights, label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model.eval()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="data/speech/emotion_ravdess")
    p.add_argument("--out", default="data/think/emotion.pt")
    a = p.parse_args()
    torch.set_num_threads(1)
    root = pathlib.Path(a.data)
    cache = pathlib.Path(a.out).with_suffix(".npz")
    if cache.exists():
        z = np.load(cache)
        x, y, who = z["x"], z["y"], z["who"]
    else:
        import soundfile
        rows, labels, speakers = [], [], []
        random = np.random.default_rng(0)
        for line in open(root / "manifest.tsv", encoding="utf8").read().splitlines()[1:]:
            name, _, speaker, _, emotion = line.split("\t")[:5]
            emotion = "neutral" if emotion == "calm" else emotion
            if emotion not in CLASSES:
                continue
            samples, rate = soundfile.read(root / name, dtype="float32")
            if samples.ndim > 1:
                samples = samples.mean(1)
            if rate != RATE:
                import soxr
                samples = soxr.resample(samples, rate, RATE)
            # Levels differ between rooms and microphones: the level is drawn anew, so that only its shape is learned.
            f = figures(samples * 10 ** random.uniform(-0.6, 0.3))
            if f is not None:
                rows.append(f), labels.append(CLASSES.index(emotion)), speakers.append(speaker)
        x, y, who = np.stack(rows), np.array(labels), np.array(speakers)
        np.savez(cache, x=x, y=y, who=who)
    assert x.shape[1] == NAMES
    people = sorted(set(who))
    confusion = np.zeros((4, 4), int)
    for fold in range(6):
        out = np.isin(who, people[fold * 4:fold * 4 + 4])
        m, s = x[~out].mean(0), x[~out].std(0) + 1e-6
        model = fit((x[~out] - m) / s, y[~out])
        with torch.no_grad():
            guess = model(torch.tensor((x[out] - m) / s)).argmax(1).numpy()
        np.add.at(confusion, (y[out], guess), 1)
    recall = confusion.diagonal() / confusion.sum(1)
    print(json.dumps({"classes": CLASSES, "confusion": confusion.tolist(), "unweighted": round(float(recall.mean()), 4)}))
    m, s = x.mean(0), x.std(0) + 1e-6
    model = fit((x - m) / s, y)
    state = model.state_dict()  # the standardising goes into the first layer
    w = state["up.weight"] / torch.tensor(s)
    state["up.bias"] = state["up.bias"] - w @ torch.tensor(m)
    state["up.weight"] = w
    t = np.arange(16000) / 16000
    probe = 0.3 * np.sin(2 * np.pi * (150 + 40 * t) * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    torch.save({"state": state, "figures": {"confusion": confusion.tolist(), "unweighted": round(float(recall.mean()), 4)},
                "probe": figures(probe).tolist()}, a.out)


if __name__ == "__main__":
    main()
