"""Can pitch tell a command that is asked (「打开窗户？」) from one that is given? Not well enough to ship: see README.md.

    python asking.py --ting .build/release/ting --cache CACHE --out WORK

What is asked is synthetic: Ting's own voices with `--style question`. What is told comes from them as well and from people: sentences, words
and phrases read as statements. A logistic regression over how the last 0.25 s lie and move against the rest, apart for each tone of the last
syllable; fitted on three voices and two sets of people, measured on the fourth voice and on people who were in neither.
"""
import argparse
import os
import random
import subprocess
import sys

import numpy as np
import soundfile
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("common", "synth", "hear")]
import corpus  # noqa: E402
import emotion  # noqa: E402
import shards  # noqa: E402
import texts  # noqa: E402

FITTED, HELD_OUT = ("lan", "mei", "kai"), ("yu",)
PEOPLE_FITTED, PEOPLE_HELD_OUT = ("aishell_s0150", "hsk_words"), ("words20", "seedlingo_words")
END = 12  # voiced frames of 20 ms that count as the end
OCTAVE = 9.5  # semitones from the median beyond which a frame's pitch is an octave error


def evidence(samples, tone):
    """Nine figures of the end of the pitch, and the same again for each of four tones; None where too little is voiced."""
    found = emotion.tracks(samples)
    if found is None or not found[-1].any():
        return None
    pitch = found[4][found[5]]
    middle = np.median(pitch)
    pitch = pitch[np.abs(pitch - middle) < OCTAVE]
    if len(pitch) < END:
        return None
    end, low, high = pitch[-END:], np.quantile(pitch, 0.1), np.quantile(pitch, 0.9)
    curve = np.polyfit(np.linspace(-1, 1, END), end, 2)
    base = np.array([end[-2:].mean() - middle, end[-1] - low, end[-4:].mean() - high, curve[0], curve[1],
                     end[-2:].mean() - end.min(), end[-4:].mean() - end[:4].mean(), high - low, np.median(end) - middle]) / 4
    tones = [float(tone == t) for t in (1, 2, 3, 4)]
    return np.concatenate([base, tones, *(t * base for t in tones)])


def last_tone(text):
    syllables = corpus.mandarin_syllables(text)
    return int(syllables[-1][-1]) if syllables else None


def commands(count, seed):
    rng, pool = random.Random(seed), texts.TextPool()
    found = []
    while len(found) < count:
        text = texts.command(rng, pool)
        if 3 <= len(text) <= 14 and "," not in text and text[-1] not in "吗呢吧":
            found.append(text)
    return found


def made(path, make):
    """A clip at 16 kHz, made once."""
    if not os.path.exists(path):
        make(path)
    samples, rate = soundfile.read(path, dtype="float32")
    return shards.to_16k(samples, rate)


def own(a, voice, count):
    rng = random.Random(voice)
    for n, text in enumerate(commands(count, voice)):
        rate, pitch = f"{rng.uniform(0.8, 1.3):.2f}", f"{rng.uniform(-3, 3):.1f}"
        for asks, style in enumerate(("neutral", "question")):
            def say(path):
                subprocess.run([a.ting, "say", text, "--voice", voice, "--style", style, "--rate", rate, f"--pitch={pitch}", "--out", path],
                               check=True)
            yield made(f"{a.out}/{voice}-{n:03d}-{style}.wav", say), last_tone(text), asks


def people(a, source, most):
    training, development = corpus.load(a.cache, source)
    clips = [c for c in training + development if c.lang == "zh" and 2 <= len(c.text)]
    random.Random(1).shuffle(clips)
    for clip in clips[:most]:
        tone = last_tone(clip.text)
        if tone and clip.text[-1] not in "吗呢吧":
            yield clip.pcm.astype(np.float32) / 32768, tone, 0


def gather(clips):
    rows = [(evidence(x, tone), asks) for x, tone, asks in clips if x is not None and tone]
    rows = [(e, asks) for e, asks in rows if e is not None]
    return np.array([e for e, _ in rows]), np.array([asks for _, asks in rows])


def fit(sets):
    """Logistic regression; what is asked weighs as much as what is told."""
    x = torch.tensor(np.concatenate([x for x, _ in sets]))
    y = torch.tensor(np.concatenate([y for _, y in sets]), dtype=torch.float64)
    weight = torch.where(y == 1, 0.5 / (y == 1).sum(), 0.5 / (y == 0).sum())
    w, b = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True), torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([w, b], max_iter=500, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ w + b, y, weight, reduction="sum") + 1e-4 * (w ** 2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return w.detach().numpy(), float(b)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ting", required=True)
    p.add_argument("--cache", required=True)
    p.add_argument("--out", default="data/asking")
    p.add_argument("--count", type=int, default=120, help="commands of each voice, said both ways")
    p.add_argument("--threshold", type=float, default=0.8)
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    measured = {voice: gather(own(a, voice, a.count)) for voice in FITTED + HELD_OUT}
    measured |= {source: gather(people(a, source, 800)) for source in PEOPLE_FITTED + PEOPLE_HELD_OUT}
    w, b = fit([measured[name] for name in FITTED + PEOPLE_FITTED])
    for name, (x, y) in measured.items():
        score = 1 / (1 + np.exp(-(x @ w + b)))
        says = score >= a.threshold
        print(f"{name}: told {np.sum(~says & (y == 0))} as told, {np.sum(says & (y == 0))} as asked; "
              f"asked {np.sum(~says & (y == 1))} as told, {np.sum(says & (y == 1))} as asked", flush=True)


if __name__ == "__main__":
    main()
