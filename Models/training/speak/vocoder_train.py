"""Train the vocoder with spectral losses; the excitation runs in step with the recording's own fundamental, so that the
harmonic part is also compared sample by sample and learns natural phases without an adversary.

python vocoder_train.py --data data/speak/data --out data/speak/vocoder --minutes 15 [--smoke]
"""
import argparse
import json
import os
import time

import numpy as np
import torch

from features import HOP, RATE, continuous
from model import Vocoder, pulses

# corpus -> how often it is drawn for its length: the teachers' background is clean, that of the recordings is heard in the output
WIDE = {"hsk_words": 0.5, "jm_kumo": 1, "jf_alpha": 1, "cantonese_syllables": 0.3, "da": 1, "na": 1}


class Clips:
    """All clips of the wide-band corpora, cut at random; envelopes may come from a file of predicted ones."""

    def __init__(self, folder, names, predicted=None):
        self.sets, weight = [], []
        for name in names:
            path = os.path.join(folder, name + ".npz")
            if not os.path.exists(path):
                continue
            d = np.load(path)
            audio, env, f0, phase = d["audio"], d["envelope"], d["f0"], d["phase"]
            if predicted and os.path.exists(os.path.join(predicted, name + ".npy")):
                env = np.load(os.path.join(predicted, name + ".npy"))
            starts = np.cumsum([0] + [m["frames"] for m in json.loads(str(d["meta"]))])
            shift, sign = alignment(audio, f0, phase, starts)
            print(name, len(starts) - 1, "clips", round(len(f0) * HOP / RATE / 60, 1), "min; pulse at", round(shift, 2),
                  "sign", sign, flush=True)
            self.sets.append((audio, env, f0, phase - shift, sign, starts))
            weight.append(names[name] * len(f0) ** 0.7)
        self.weight = np.array(weight) / sum(weight)

    def batch(self, size, frames, random):
        out = [[], [], [], [], []]
        while len(out[0]) < size:
            audio, env, f0, phase, sign, starts = self.sets[random.choice(len(self.sets), p=self.weight)]
            # a window may span two clips: at the seam both are silent
            a = int(random.integers(0, len(f0) - frames))
            f = f0[a:a + frames]
            if (f > 0).sum() < frames // 6:
                continue
            ph = phase[a:a + frames]
            fc = continuous(f)
            jump = np.flatnonzero(np.abs(np.diff(ph)) > 2 * np.pi * 600 * HOP / RATE)
            ph = ph.copy()
            for j in jump:  # seam between clips: go on from where it was
                ph[j + 1:] += ph[j] + 2 * np.pi * fc[j] * HOP / RATE - ph[j + 1]
            ph -= 2 * np.pi * np.floor(ph[0] / (2 * np.pi))
            n = (frames - 1) * HOP
            at = np.arange(n) / HOP
            per = np.interp(at, np.arange(frames), ph)
            gain = 10 ** (random.uniform(-6, 4) / 20)
            out[0].append(audio[a * HOP:a * HOP + n].astype(np.float32) / 32768 * sign * gain)
            out[1].append(env[a:a + frames].astype(np.float32) + np.log(gain))
            out[2].append(fc)
            out[3].append((f > 0).astype(np.float32))
            out[4].append(np.stack([np.mod(per, 2 * np.pi), np.interp(at, np.arange(frames), fc)]))
        return [torch.from_numpy(np.stack(o).astype(np.float32)) for o in out]


def alignment(audio, f0, phase, starts):
    """Phase of the fundamental at which the vocal tract is struck, and the sign of that stroke, from the average
    period of the linear-prediction residual over some voiced stretches."""
    from scipy.linalg import solve_toeplitz
    from scipy.signal import lfilter
    total, count = np.zeros(64), np.zeros(64)
    for c in range(0, len(starts) - 1, max(1, len(starts) // 60)):
        a, b = starts[c], starts[c + 1]
        v = np.flatnonzero(f0[a:b] > 0)
        if len(v) < 20:
            continue
        s, e = a + v[4], a + v[-4]
        x = audio[s * HOP:e * HOP].astype(np.float64) / 32768
        x = np.append(x[0], x[1:] - 0.9 * x[:-1])
        r = np.correlate(x[:8000], x[:8000], "full")[min(len(x), 8000) - 1:][:25]
        if len(r) < 25 or r[0] <= 0:
            continue
        r[0] *= 1.0001
        coefficient = solve_toeplitz(r[:24], r[1:25])
        residual = lfilter(np.append(1, -coefficient), 1, x)
        residual /= np.sqrt((residual ** 2).mean()) + 1e-9
        per = np.interp(np.arange(len(x)) / HOP, np.arange(e - s), phase[s:e])
        good = np.interp(np.arange(len(x)) / HOP, np.arange(e - s), f0[s:e] > 0) > 0.99
        slot = (np.mod(per, 2 * np.pi) / (2 * np.pi) * 64).astype(int) % 64
        np.add.at(total, slot[good], residual[good])
        np.add.at(count, slot[good], 1)
    mean = total / np.maximum(count, 1)
    peak = int(np.argmax(np.abs(mean)))
    return (peak + 0.5) / 64 * 2 * np.pi, 1.0 if mean[peak] > 0 else -1.0


SIZES = [(512, 120), (1024, 240), (2048, 480), (240, 60)]


def spectral(y, x):
    loss = 0
    for n, hop in SIZES:
        w = torch.hann_window(n)
        a = torch.stft(y, n, hop, window=w, return_complex=True)
        b = torch.stft(x, n, hop, window=w, return_complex=True)
        scale = w.pow(2).sum().sqrt()
        a, b = a.abs() / scale, b.abs() / scale
        loss = loss + (torch.log(a + 1e-4) - torch.log(b + 1e-4)).abs().mean() + (a - b).abs().mean() / b.mean()
    return loss / len(SIZES)


def in_step(h, x, voiced):
    """Harmonic part against the recording below 4 kHz, in voiced frames, as complex spectra."""
    w = torch.hann_window(1024)
    a = torch.stft(h, 1024, HOP, window=w, return_complex=True)[:, :170]
    b = torch.stft(x, 1024, HOP, window=w, return_complex=True)[:, :170]
    n = min(a.shape[2], voiced.shape[1])
    v = voiced[:, None, :n]
    error = (a - b)[:, :, :n].abs() * v
    return error.sum() / ((b[:, :, :n].abs() * v).sum() + 1e-3)


def run(arguments):
    torch.set_num_threads(arguments.threads)
    if arguments.smoke:
        import made
        made.ready(arguments.data, aligned=False)
    random = np.random.default_rng(arguments.seed)
    clips = Clips(arguments.data, WIDE, arguments.predicted)
    model = Vocoder(blocks=2) if arguments.smoke else Vocoder()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.8, 0.99), weight_decay=0.01)
    step = 0
    last = os.path.join(arguments.out, "last.pt")
    os.makedirs(arguments.out, exist_ok=True)
    if os.path.exists(last):
        state = torch.load(last)
        model.load_state_dict(state["model"])
        if "optimiser" in state:  # not after restore.py
            optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    began, saved, cpu = time.time(), time.time(), time.process_time()
    limit = 20 if arguments.smoke else 10 ** 9
    first = step
    average = None
    while step - first < limit and time.process_time() - cpu < arguments.minutes * 60:
        done = (time.process_time() - cpu) / (arguments.minutes * 60)
        for g in optimiser.param_groups:
            g["lr"] = min(1, (step - first + 1) / 50) * (arguments.rate * (1 - done) + 2e-5)
        x, env, f0, voiced, excitation = clips.batch(arguments.batch, arguments.frames, random)
        harmonic = pulses(excitation[:, 0], excitation[:, 1])
        noise = torch.randn_like(harmonic)
        model.train()
        h, n = model(env, f0, voiced, harmonic, noise)
        m = spectral(h + n, x)
        c = in_step(h, x, voiced)
        loss = m + arguments.step_weight * c
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2)
        optimiser.step()
        step += 1
        now = np.array([m.item(), c.item()])
        average = now if average is None else 0.97 * average + 0.03 * now
        if step % 50 == 0:
            print(f"{step} {time.time() - began:.0f}s cpu {time.process_time() - cpu:.0f}s spectral {average[0]:.4f} in step {average[1]:.4f}", flush=True)
        if time.time() - saved > 240:
            save(model, optimiser, step, last)
            saved = time.time()
    save(model, optimiser, step, last)


def save(model, optimiser, step, path):
    torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step,
                "config": model.config}, path + ".tmp")
    os.replace(path + ".tmp", path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data/speak/data")
    parser.add_argument("--predicted", default="")
    parser.add_argument("--out", default="data/speak/vocoder")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--step-weight", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smoke", action="store_true")
    run(parser.parse_args())
