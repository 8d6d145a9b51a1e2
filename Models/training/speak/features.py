"""Features shared by the recipes of Speak: 24 kHz, hop 256 (10.67 ms), smooth spectral envelope in 80 mel bands, F0, phase.

The envelope is the short-time power spectrum averaged over one harmonic distance (the box of WORLD's CheapTrick), so that
it does not depend on the pitch; pitch lives in F0 alone. Power is divided by the window's energy: white noise of variance
1 has envelope 0 (natural logarithm of the amplitude), and so a gain of exp(envelope) on a white excitation restores it.
"""
import functools

import numpy as np

RATE, HOP, FFT, MELS = 24000, 256, 1024, 80
SPAN = 512  # samples that a frame looks at, in the middle of FFT: over 1024 a man's consonants were smeared (README)
BINS = FFT // 2 + 1
FLOOR = -9.0  # log amplitude below which nothing is heard


def hz_to_mel(f):
    """Slaney: linear below 1 kHz, logarithmic above."""
    f = np.asarray(f, np.float64)
    return np.where(f < 1000, f * 3 / 200, 15 + np.log(np.maximum(f, 1e-9) / 1000) * 27 / np.log(6.4))


def mel_to_hz(m):
    m = np.asarray(m, np.float64)
    return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))


EDGES = mel_to_hz(np.linspace(0, hz_to_mel(RATE / 2), MELS + 2))
FREQ = np.linspace(0, RATE / 2, BINS)


def mel_filters():
    """[MELS, BINS], each row sums to one."""
    lo, mid, hi = EDGES[:-2, None], EDGES[1:-1, None], EDGES[2:, None]
    w = np.maximum(0, np.minimum((FREQ - lo) / (mid - lo), (hi - FREQ) / (hi - mid)))
    return (w / np.maximum(w.sum(1, keepdims=True), 1e-12)).astype(np.float32)


def mel_to_bins():
    """[BINS, MELS]: linear interpolation between the bands' centres, flat beyond the first and last."""
    centre = EDGES[1:-1]
    out = np.zeros((BINS, MELS), np.float32)
    for b, f in enumerate(FREQ):
        j = np.searchsorted(centre, f)
        if j == 0:
            out[b, 0] = 1
        elif j == MELS:
            out[b, -1] = 1
        else:
            a = (f - centre[j - 1]) / (centre[j] - centre[j - 1])
            out[b, j - 1], out[b, j] = 1 - a, a
    return out


WINDOW = np.pad(np.hanning(SPAN + 1)[:-1], (FFT - SPAN) // 2).astype(np.float32)
MEL = mel_filters()


def frames_of(x, length, count):
    """[count, length] windows centred on sample HOP·t, zeros outside."""
    pad = np.concatenate([np.zeros(length // 2, np.float32), x, np.zeros(length + HOP, np.float32)])
    return np.lib.stride_tricks.as_strided(pad, (count, length), (pad.strides[0] * HOP, pad.strides[0]))


def envelope(x, f0):
    """x [N] float32, f0 [T] Hz (0 unvoiced) -> [T, MELS] log amplitude."""
    spec = np.fft.rfft(frames_of(x, FFT, len(f0)) * WINDOW, axis=1)
    power = (spec.real ** 2 + spec.imag ** 2) / (WINDOW ** 2).sum()
    mirrored = np.concatenate([power[:, 64:0:-1], power, power[:, -2:-66:-1]], 1)
    total = np.concatenate([np.zeros((len(power), 1)), np.cumsum(mirrored, 1)], 1)
    half = np.where(f0 > 0, f0, 150.0)[:, None] / 2 / (RATE / FFT)
    row = np.arange(len(power))[:, None]

    def area(position):  # integral of the spectrum up to a fractional bin edge
        position = np.clip(position, 0, mirrored.shape[1] - 1e-3)
        i = position.astype(int)
        return total[row, i] + (position - i) * mirrored[row, i]

    at = np.arange(BINS)[None] + 64.5
    smooth = (area(at + half) - area(at - half)) / (2 * half)
    return np.maximum(0.5 * np.log(np.maximum(smooth @ MEL.T.astype(np.float64), 1e-12)), FLOOR).astype(np.float32)


LAG_RATE = 12000  # what the correlation is computed at; stonemask then finds the exact period in the recording itself
VOICED = 0.5  # likeness of two periods from which a frame counts as voiced: vowels of the recordings lie over 0.8, fricatives under 0.4
QUIET = 28.0  # dB under the loud frames, below 1 kHz: closures and what a room hums are no voice
CHANGE = 0.2  # price of starting or ending voice, in likeness
BEND = 1.2  # price of an octave from one frame to the next; tones fall by a tenth of that


def likeness(x, lags, count):
    """[count, lags]: how alike two neighbouring periods around each frame are, for each length of a period (normalised
    cross-correlation, Talkin 1995, laid symmetrically so that it does not lead or lag), and the level below 1 kHz in dB."""
    from scipy.signal import butter, sosfiltfilt
    import soxr
    y = sosfiltfilt(butter(4, (50, 1000), "band", fs=LAG_RATE, output="sos"), soxr.resample(x, RATE, LAG_RATE).astype(np.float64))
    margin = 4 * int(lags[-1])
    y = np.concatenate([np.zeros(margin), y, np.zeros(margin + count)])
    power = np.concatenate([[0], np.cumsum(y * y)])
    centre = margin + np.round(np.arange(count) * HOP * LAG_RATE / RATE).astype(int)
    out = np.zeros((count, len(lags)))
    for k, lag in enumerate(lags):
        both = np.concatenate([[0], np.cumsum(y[:-lag] * y[lag:])])
        width = int(lag) + LAG_RATE // 100
        start = np.minimum(centre - (lag + width) // 2, len(both) - 1 - width)
        energy = (power[start + width] - power[start]) * (power[start + lag + width] - power[start + lag])
        out[:, k] = (both[start + width] - both[start]) / np.sqrt(energy + 1e-12)
    half = LAG_RATE // 100
    return out, 10 * np.log10((power[centre + half] - power[centre - half]) / (2 * half) + 1e-10)


@functools.cache
def tracker():
    import numba

    @numba.njit(cache=True)
    def track(score, position):
        """The path through voiced periods (position: their octave) and silence (-1) that is worth most."""
        frames, lags = score.shape
        best, back = np.zeros((frames, lags + 1)), np.zeros((frames, lags + 1), np.int32)
        best[0, :lags], best[0, lags] = score[0], VOICED
        for t in range(1, frames):
            loudest = 0
            for k in range(lags):
                if best[t - 1, k] > best[t - 1, loudest]:
                    loudest = k
            for k in range(lags):
                value, before = best[t - 1, lags] - CHANGE, lags
                for j in range(lags):
                    if abs(position[j] - position[k]) < 0.35:
                        v = best[t - 1, j] - BEND * abs(position[j] - position[k])
                        if v > value:
                            value, before = v, j
                best[t, k], back[t, k] = value + score[t, k], before
            if best[t - 1, loudest] - CHANGE > best[t - 1, lags]:
                best[t, lags], back[t, lags] = best[t - 1, loudest] - CHANGE + VOICED, loudest
            else:
                best[t, lags], back[t, lags] = best[t - 1, lags] + VOICED, lags
        path = np.zeros(frames, np.int32)
        path[-1] = np.argmax(best[-1])
        for t in range(frames - 1, 0, -1):
            path[t - 1] = back[t, path[t]]
        return path

    return track


def pitch(x, low, high):
    """F0 in Hz per frame, 0 where unvoiced.

    DIO (pyworld) took the beginnings of a man's vowels for whispered, and voices learnt that.
    """
    import pyworld
    octaves = np.log2(high / low)
    lags = np.unique(np.round(LAG_RATE / high * 2 ** np.linspace(0, octaves, int(octaves * 30))).astype(int))
    count = len(x) // HOP + 1
    score, level = likeness(x, lags, count)
    position = np.log2(lags / lags[0])
    # twice the period is as alike as the period itself, so the shorter is preferred a little
    score = np.where((level > np.percentile(level, 95) - QUIET)[:, None], score - 0.03 * position, -1.0)
    path = tracker()(score, position)
    f = np.where(path < len(lags), LAG_RATE / lags[np.minimum(path, len(lags) - 1)], 0.0)
    refined = pyworld.stonemask(x.astype(np.float64), f, np.arange(count) * HOP / RATE, RATE)
    f = np.where((f > 0) & (np.abs(refined / np.maximum(f, 1) - 1) < 0.1), refined, f)
    edge = np.flatnonzero(np.diff(np.concatenate([[0], f > 0, [0]])))
    for a, b in zip(edge[::2], edge[1::2]):  # runs under four frames are mistakes
        if b - a < 4:
            f[a:b] = 0
    return f.astype(np.float32)


def continuous(f0, otherwise=200.0):
    """F0 interpolated (in the logarithm) over the unvoiced frames."""
    v = np.flatnonzero(f0 > 0)
    if len(v) == 0:
        return np.full(len(f0), otherwise, np.float32)
    return np.exp(np.interp(np.arange(len(f0)), v, np.log(f0[v]))).astype(np.float32)


def fundamental_phase(x, f0):
    """Phase of the recorded fundamental at each frame centre [T], radians unwrapped along the continuous F0, and the
    phase advance that the F0 alone gives. With it an excitation can be laid in step with the recording."""
    count = len(f0)
    fc = continuous(f0).astype(np.float64)
    at = np.arange(count * HOP)
    advance = 2 * np.pi * np.cumsum(np.interp(at / HOP, np.arange(count), fc)) / RATE
    y = np.zeros(count * HOP, np.float64)
    n = min(len(y), len(x))
    y[:n] = x[:n]
    base = y * np.exp(-1j * advance)
    length = 768
    window = np.hanning(length)
    pad = np.concatenate([np.zeros(length // 2), base, np.zeros(length + HOP)])
    frames = np.lib.stride_tricks.as_strided(pad, (count, length), (pad.strides[0] * HOP, pad.strides[0]))
    local = frames @ window
    local[f0 <= 0] = 0
    smooth = np.convolve(local, [0.25, 0.5, 0.25], "same")
    # hold the correction over the unvoiced stretches
    angle = np.angle(smooth)
    ok = np.flatnonzero(f0 > 0)
    if len(ok):
        unwrapped = np.unwrap(angle[ok])
        angle = np.interp(np.arange(count), ok, unwrapped)
    return (advance[::HOP][:count] + angle).astype(np.float64)
