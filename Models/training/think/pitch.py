"""The pitch of every 20 ms, as Sources/Think/PitchTrack.swift follows it.

Frames of 40 ms; candidates are the six highest local maxima of the autocorrelation, normalised by the window's own (Boersma 1993); the best path
through them and through "not voiced" is found by dynamic programming with a price on leaps. A maximum at the edge of the range is none: the hum
of a room correlates best at the shortest lag, and would count as a voice of 500 Hz.
"""
import numpy as np

from emotion import HIGH, LOW, RATE, frames_of

# By hand and once, looking at tracks of S0150 and of Ting's voices; 0.45 is Boersma's threshold of voicing. None was tuned further.
CANDIDATES = 6
LEAP = 1.2  # price of an octave between neighbours
UNVOICED = 0.45  # what a frame without voice is worth: a peak must be higher
SWITCH = 0.35  # price of beginning or ending a voice
QUIET = 3.0  # decades of power below the loudest twentieth: no voice


def track(samples):
    """Semitones above 100 Hz and voiced? of every frame, or None for less than a fifth of a second."""
    found = frames_of(samples)
    if found is None:
        return None
    _, energy, scaled = found
    n = len(energy)
    lags = np.arange(LOW, HIGH + 1)
    middle = scaled[:, LOW:HIGH + 1]
    peak = (middle > scaled[:, LOW - 1:HIGH]) & (middle >= scaled[:, LOW + 1:HIGH + 2])
    # Shorter lags are preferred a little, against octaves too low.
    worth = np.where(peak, middle - 0.1 * (lags - LOW) / (HIGH - LOW), -9)
    chosen = np.argsort(-worth, 1, kind="stable")[:, :CANDIDATES]
    worth = np.take_along_axis(worth, chosen, 1)
    before, at, after = (np.take_along_axis(scaled, chosen + LOW + shift, 1) for shift in (-1, 0, 1))
    bend = before - 2 * at + after
    between = np.clip(0.5 * (before - after) / np.where(np.abs(bend) < 1e-9, 1e-9, bend), -0.5, 0.5)
    semitones = 12 * np.log2(RATE / (chosen + LOW + between) / 100)
    loudest = np.sort(energy)[-max(1, n // 20):].mean()
    worth = np.where(worth > -5, np.minimum(worth, 1), -9) - np.where(energy < loudest - QUIET, 1.0, 0)[:, None]
    k = CANDIDATES
    best, back = np.append(worth[0], UNVOICED), []
    for t in range(1, n):
        leap = np.minimum(np.abs(semitones[t - 1][:, None] - semitones[t][None]), 12) / 12 * LEAP
        ways = np.full((k + 1, k + 1), -1e9)
        ways[:k, :k] = best[:k, None] - leap
        ways[k, :k], ways[:k, k], ways[k, k] = best[k] - SWITCH, best[:k] - SWITCH, best[k]
        came = ways.argmax(0)
        back.append(came)
        best = ways[came, np.arange(k + 1)] + np.append(worth[t], UNVOICED)
    place = int(best.argmax())
    path = [place]
    for came in reversed(back):
        place = int(came[place])
        path.append(place)
    path = np.array(path[::-1])
    voiced = path < k
    return np.where(voiced, semitones[np.arange(n), np.minimum(path, k - 1)], 0), voiced
