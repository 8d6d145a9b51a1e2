"""Phrases out of single syllables, for a voice of whom nothing else was recorded: said faster, one after the other.

Without them the model has never seen that voice inside a sentence, and what it adds there is noise. No syllable leans on its
neighbour in them; that it must borrow from the voices that read sentences.
"""
import numpy as np

LONGEST = 7  # syllables
# Alone, the syllables last half a second and fade; in sentences of the other voices a final takes a quarter of it.
FADE = 0.12  # of a syllable's end, left out inside a phrase
PACE_INSIDE, PACE_LAST = (0.42, 0.60), (0.65, 0.9)


def shorter(values, count):
    """`values` [frames, …] as `count` frames, by linear interpolation."""
    at = np.linspace(0, len(values) - 1, count)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(values) - 1)
    share = (at - low).reshape(-1, *[1] * (values.ndim - 1))
    return values[low] * (1 - share) + values[high] * share


def joined(clips, random, count):
    """`count` phrases of clips (tokens, durations, envelope, relative log F0, voiced), each of pause, sounds, pause."""
    whole = [c for c in clips if len(c[0]) >= 3 and c[0][0] == "sil" and c[0][-1] == "."]
    for _ in range(count):
        chosen = [whole[k] for k in random.integers(0, len(whole), random.integers(2, LONGEST + 1))]
        tokens, durations, tracks = [chosen[0][0][0]], [int(chosen[0][1][0])], []
        tracks.append([t[:durations[0]] for t in chosen[0][2:]])
        for n, (names, lengths, *values) in enumerate(chosen):
            last = n == len(chosen) - 1
            pace = random.uniform(*(PACE_LAST if last else PACE_INSIDE))
            start = int(lengths[0])
            for j in range(1, len(names) - 1):
                frames = int(lengths[j])
                stop = start + frames
                if not last and j == len(names) - 2:
                    stop -= int(FADE * frames)
                # A consonant gives way less than a vowel.
                share = pace if j == len(names) - 2 else pace ** 0.5
                kept = max(2, round((stop - start) * share)) if stop - start >= 2 else stop - start
                if kept:
                    tracks.append([shorter(t[start:stop], kept) for t in values])
                tokens.append(names[j])
                durations.append(kept)
                start += frames
        tail = int(lengths[-1])  # of the last one chosen
        tokens.append(names[-1])
        durations.append(tail)
        tracks.append([t[len(t) - tail:] for t in values])
        envelope, relative, voiced = (np.concatenate([t[k] for t in tracks]) for k in range(3))
        yield tokens, durations, envelope, relative, (voiced > 0.5).astype(np.float32)
