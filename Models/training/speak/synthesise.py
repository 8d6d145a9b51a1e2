"""The reference of the Swift synthesis, in PyTorch and floats: tokens to samples.

python synthesise.py --text 好的，已经打开空调。 --voice lan --out x.wav
"""
import argparse

import numpy as np
import torch

import floors
import inventory
from features import BINS, FFT, HOP, RATE, WINDOW
from model import Acoustic, Vocoder, places
from prepare import surface
from prior import Context, Prior


CLOSING = 32  # frames of the last pause, as SentenceRenderer has it


def xorshift(count, seed=1):
    """The noise of the Swift synthesis: even, variance 1."""
    mask = (1 << 64) - 1
    state = (seed * 0x9E3779B97F4A7C15 & mask) | 1
    out = np.zeros(count)
    for i in range(count):
        state ^= state << 13 & mask
        state ^= state >> 7
        state ^= state << 17 & mask
        out[i] = ((state >> 11) / (1 << 53) * 2 - 1) * 3 ** 0.5
    return out


class Reference:
    def __init__(self, a, v, floor=None):
        """Checkpoints, and a floor [speakers, 80] to take away (floors.py)."""
        self.floor = floor
        self.acoustic = Acoustic(len(inventory.BASES), inventory.TONES, len(inventory.SPEAKERS), **a["config"]).eval()
        self.acoustic.load_state_dict(a["model"])
        self.vocoder = Vocoder(**v["config"]).eval()
        self.vocoder.load_state_dict(v["model"])
        self.prior = Prior(a["prior"])
        self.voices = {}
        for line in inventory.voices(a["median"]).split("\n"):
            name, _, dialect, timbre, manner, hertz, pace, _ = line.split("|")
            self.voices[name] = (inventory.SPEAKERS.index(timbre), inventory.SPEAKERS.index(manner), float(hertz), float(pace))

    @torch.no_grad()
    def sentence(self, tokens, voice):
        """Tokens without the silence before -> envelope, F0, voicing."""
        timbre, manner, hertz, pace = self.voices[voice]
        tokens = ["sil"] + [t for t in tokens]
        pairs = [inventory.split(t) for t in tokens]
        base = torch.tensor([[p[0] for p in pairs]])
        tone = torch.tensor([[p[1] for p in pairs]])
        one = torch.ones(1, len(pairs), 1)
        x = self.acoustic.encode(base, tone, torch.tensor([manner]), one)
        context = Context(*zip(*pairs))
        log = self.acoustic.durations(x, one)[0].numpy() + self.prior.durations(context, manner)
        predicted = np.maximum(0, np.expm1(log))
        durations, carry = [], 0.0
        for i, t in enumerate(tokens):
            if inventory.is_pause(t):
                durations.append(4 if i == 0 else CLOSING if i == len(tokens) - 1
                                 else int(min(40, max(6, np.floor(predicted[i] * pace + 0.5)))))
                continue
            wanted = min(120, predicted[i] * pace) + carry
            whole = max(2, int(np.floor(wanted + 0.5)))
            carry = float(np.clip(wanted - whole, -0.5, 0.5))
            durations.append(whole)
        owner, place = places(durations)
        durations = np.array(durations)
        odd = durations.sum() % 2

        def held(rows):  # an odd last frame is held, because frames are made in pairs
            return torch.from_numpy(np.concatenate([rows, rows[-1:]]) if odd else np.asarray(rows)).float()

        owner, place = torch.from_numpy(owner)[None], torch.from_numpy(place)[None]
        ones = torch.ones(1, owner.shape[1], 1)
        control = self.acoustic.prosodies(x, owner, place, torch.tensor([manner]), ones).reshape(1, -1, 3).clone()
        control += held(self.prior.controls(context, durations, manner))
        f0 = (hertz * torch.exp(control[0, :, 0])).clamp(45, 700)
        voiced = (control[0, :, 1] > 0).float()
        control[0, :, 1] = voiced
        envelope = self.acoustic.decode(x, owner, place, torch.tensor([timbre]), control.reshape(1, -1, 6), ones)[0]
        rows = self.prior.envelope(context, durations, timbre, control[0].numpy())
        last = self.prior.envelope(context, durations, timbre, np.concatenate([control[0, 1:].numpy(), control[0, -1:].numpy()]))
        envelope = envelope + torch.from_numpy(np.concatenate([rows, last[-1:]]) if odd else rows).float()
        if self.floor is not None:
            envelope = floors.above(envelope, torch.from_numpy(self.floor[timbre]))
        return envelope, f0, voiced, durations

    @torch.no_grad()
    def render(self, envelope, f0, voiced, noise_gain=1.0):
        h, n = self.vocoder.filters(envelope[None], f0[None], voiced[None])
        count = len(f0)
        at = np.arange(count * HOP + FFT // 2)
        per = np.interp(at / HOP, np.arange(count), f0.double().numpy())
        phase = np.concatenate([[0], np.cumsum(2 * np.pi * per / RATE)[:-1]])
        k = np.maximum(1, np.floor(RATE / 2 / per))
        s = np.sin(phase / 2)
        safe = np.where(np.abs(s) < 1e-4, 1, s)
        pulse = np.where(np.abs(s) < 1e-4, k, (np.sin((k + 0.5) * phase) / safe - 1) / 2) * np.sqrt(2 / k)
        noise = xorshift(len(pulse))

        def spectra(e):
            e = np.concatenate([np.zeros(FFT // 2), e])
            frames = np.lib.stride_tricks.as_strided(e, (count, FFT), (e.strides[0] * HOP, e.strides[0]))
            return np.fft.rfft(frames * WINDOW, axis=1)

        s = spectra(pulse) * h[0].numpy() + noise_gain * spectra(noise) * n[0].numpy()
        frames = np.fft.irfft(s, axis=1) * WINDOW
        out, weight = np.zeros((count - 1) * HOP + FFT), np.zeros((count - 1) * HOP + FFT)
        for t in range(count):
            out[t * HOP:t * HOP + FFT] += frames[t]
            weight[t * HOP:t * HOP + FFT] += WINDOW ** 2
        out = (out / np.maximum(weight, 1e-9))[FFT // 2:-FFT // 2]
        over = (np.abs(out) - 0.8) / 0.2
        return np.where(np.abs(out) > 0.8, np.sign(out) * (0.8 + 0.2 * over / (1 + np.maximum(over, 0))), out).astype(np.float32)

    def say(self, text, voice):
        """One sentence of Han text."""
        tokens = surface(text)
        if tokens[-1] not in inventory.PUNCTUATION:
            tokens = tokens + ["."]
        elif tokens[-1] == ",":
            tokens[-1] = "."
        envelope, f0, voiced, _ = self.sentence(tokens, voice)
        return self.render(envelope, f0, voiced)


if __name__ == "__main__":
    import soundfile
    parser = argparse.ArgumentParser()
    parser.add_argument("--acoustic", default="data/speak/acoustic/last.pt")
    parser.add_argument("--vocoder", default="data/speak/vocoder/last.pt")
    parser.add_argument("--text", default="好的，已经打开主驾车窗。")
    parser.add_argument("--voice", default="lan")
    parser.add_argument("--out", default="data/speak/say.wav")
    a = parser.parse_args()
    acoustic, vocoder = (torch.load(path, map_location="cpu", weights_only=False) for path in (a.acoustic, a.vocoder))
    soundfile.write(a.out, Reference(acoustic, vocoder, floors.measured(acoustic, vocoder)).say(a.text, a.voice), RATE)
