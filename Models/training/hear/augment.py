"""What a clip meets on its way to a microphone: room, noise, level, band, codec-like narrowing, speed, pitch."""
import numpy as np
from scipy.signal import fftconvolve, resample_poly


def room_responses(count, rng):
    """Exponentially decaying noise tails with early reflections: cheap, varied rooms of 0.1 to 0.6 s."""
    out = []
    for _ in range(count):
        seconds = rng.uniform(0.08, 0.6)
        n = int(16000 * seconds)
        tail = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * rng.uniform(0.02, 0.25)
        tail[: int(rng.uniform(16, 120))] = 0
        for _ in range(rng.integers(2, 7)):
            tail[rng.integers(16, min(n, 900))] += rng.uniform(-0.5, 0.5)
        tail[0] = 1
        out.append((tail / np.sqrt((tail ** 2).sum())).astype(np.float32))
    return out


def speed(x, factor):
    """Resampling: tempo and pitch together, like a smaller or larger speaker."""
    n = int(len(x) / factor)
    return np.interp(np.arange(n) * factor, np.arange(len(x)), x).astype(np.float32)


def stretch(x, rate, window=480, search=120):
    """WSOLA (Verhelst and Roelands 1993): tempo times `rate`, pitch and formants kept; x at 16 kHz."""
    hop = window // 2
    count = int((len(x) - window - 2 * search) / (hop * rate))
    if count < 3:
        return x
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    out = np.zeros(count * hop + window, np.float32)
    at = search
    for k in range(count):
        ideal = int(k * hop * rate) + search
        if k:
            target = x[at + hop:at + hop + window]
            area = x[ideal - search:ideal + search + window]
            if len(target) < window or len(area) < window:
                break
            at = ideal - search + int(np.argmax(np.correlate(area, target, "valid")))
        out[k * hop:k * hop + window] += shape * x[at:at + window]
    return out


class Augmenter:
    """`noises`: (share, recordings) of every source."""

    def __init__(self, noises, seed):
        self.rng = np.random.default_rng(seed)
        self.noises, self.rooms = [clips for _, clips in noises], room_responses(200, self.rng)
        self.shares = np.array([share for share, _ in noises]) / sum(share for share, _ in noises)

    def noise(self, n):
        rng = self.rng
        kind = rng.random()
        if kind < 0.08:
            return self.clatter(n)
        if kind < 0.18:
            white = rng.standard_normal(n).astype(np.float32)
            slope = rng.uniform(0, 1.2)
            spectrum = np.fft.rfft(white) / np.maximum(np.arange(n // 2 + 1), 20) ** slope
            return np.fft.irfft(spectrum, n).astype(np.float32)
        recordings = self.noises[rng.choice(len(self.noises), p=self.shares)]
        source = recordings[rng.integers(len(recordings))]
        factor = rng.uniform(0.7, 1.4) if rng.random() < 0.5 else 1  # larger and smaller machines, slower and faster hands
        taken = int(n * factor) + 1
        if len(source) < taken:
            source = np.tile(source, taken // len(source) + 1)
        at = rng.integers(0, len(source) - taken + 1)
        noise = speed(source[at:at + taken].astype(np.float32) / 32768, factor)[:n]
        return self.coloured(noise) if rng.random() < 0.5 else noise

    def clatter(self, n):
        """Dishes and cutlery: one to nine blows a second, each a few damped partials (modal synthesis), over a weak noise."""
        rng = self.rng
        out = rng.standard_normal(n) * 0.003
        for at in rng.integers(0, n, max(1, rng.poisson(n / 16000 * rng.uniform(1, 9)))):
            t = np.arange(min(n - at, 4800)) / 16000
            partials = np.exp(rng.uniform(np.log(400), np.log(7500), rng.integers(3, 8)))
            decay = rng.uniform(15, 250) * (partials / partials.min()) ** 0.5  # a second's worth of e-folds; higher ones die sooner
            blow = (rng.uniform(0.2, 1, len(partials))[:, None] * np.exp(-decay[:, None] * t) * np.sin(2 * np.pi * partials[:, None] * t))
            out[at:at + len(t)] += blow.sum(0) * rng.uniform(0.1, 1)
        return out.astype(np.float32)

    def coloured(self, noise):
        """Another appliance of the kind: a smooth random response over frequency, up to 8 dB (standard deviation) at nine points."""
        spectrum = np.fft.rfft(noise)
        points = self.rng.normal(0, self.rng.uniform(2, 8), 9)
        # The nine points lie an octave apart, from 31 Hz to 8 kHz.
        octave = np.log2(np.maximum(np.arange(len(spectrum)) / len(spectrum) * 256, 1))
        return np.fft.irfft(spectrum * 10 ** (np.interp(octave, np.arange(9), points) / 20), len(noise)).astype(np.float32)

    def voice(self, x, strength=1.0):
        """Changes that belong to the speaker."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.4 * strength:  # another throat at about the same tempo: most real voices at hand are women's
            factor = rng.uniform(0.70, 1.25)
            x = stretch(speed(x, factor), rng.uniform(0.9, 1.12) / factor)
        elif kind < 0.8 * strength:
            x = speed(x, rng.uniform(0.88, 1.14))
        return x

    def channel(self, x, strength=1.0):
        """Changes that belong to the room, the microphone and the line."""
        rng = self.rng
        if rng.random() < 0.4 * strength:
            x = fftconvolve(x, self.rooms[rng.integers(len(self.rooms))])[: len(x)].astype(np.float32)
        if rng.random() < 0.3 * strength:  # a microphone's tilt
            a = rng.uniform(-0.5, 0.6)
            x = x - a * np.concatenate([[0], x[:-1]]).astype(np.float32)
        if rng.random() < 0.18 * strength:  # 8 kHz telephone-like devices
            x = resample_poly(resample_poly(x, 1, 2), 2, 1).astype(np.float32)[: len(x)]
        if rng.random() < 0.85 * strength:
            n = self.noise(len(x))
            if rng.random() < 0.3:
                n = n + self.noise(len(x))
            # A clip's pauses count as well: speech itself lies one to three decibels higher. Below 10 dB is drawn four times in five.
            snr = rng.uniform(-4, 25 if rng.random() < 0.4 else 10)
            gain = np.sqrt((x ** 2).mean() / ((n ** 2).mean() + 1e-9)) * 10 ** (-snr / 20)
            x = x + n * gain
        peak = np.abs(x).max() + 1e-6
        x = x / peak * 10 ** (rng.uniform(-32, 0) / 20)
        if rng.random() < 0.05 * strength:
            x = np.clip(x * rng.uniform(1, 4), -1, 1)
        return x.astype(np.float32)


def mask(mel, lengths, rng):
    """SpecAugment in place on (b, t, 80): two bands, and short time stripes."""
    for b, length in enumerate(lengths):
        for _ in range(2):
            w = int(rng.integers(0, 14))
            f = int(rng.integers(0, 80 - w))
            mel[b, :, f:f + w] = -0.5
        for _ in range(max(1, int(length) // 150)):
            w = int(rng.integers(0, 16))
            t = int(rng.integers(0, max(1, int(length) - w)))
            mel[b, t:t + w] = -0.5
