"""Features shared by the recipes of Speak: 24 kHz, hop 256 (10.67 ms), smooth spectral envelope in 80 mel bands, F0, phase.

The envelope is the short-time power spectrum averaged over one harmonic distance (the box of WORLD's CheapTrick), so that
it does not depend on the pitch; pitch lives in F0 alone. Power is divided by the window's energy: white noise of variance
1 has envelope 0 (natural logarithm of the amplitude), and so a gain of exp(envelope) on a white excitation restores it.
"""
import numpy as np

RATE, HOP, FFT, MELS = 24000, 256, 1024, 80
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


WINDOW = np.hanning(FFT + 1)[:-1].astype(np.float32)
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


def pitch(x, low, high):
    """F0 in Hz per frame, 0 where unvoiced."""
    import pyworld
    y = x.astype(np.float64)
    f, t = pyworld.dio(y, RATE, f0_floor=low, f0_ceil=high, frame_period=1000 * HOP / RATE, allowed_range=0.1)
    f = pyworld.stonemask(y, f, t, RATE)
    f[(f < low) | (f > high)] = 0
    voiced = (f > 0).astype(int)  # runs under four frames are mistakes
    edge = np.flatnonzero(np.diff(np.concatenate([[0], voiced, [0]])))
    for a, b in zip(edge[::2], edge[1::2]):
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
