"""What is meant for the device: false actions an hour of speech that is not, against commands kept.

    python directed.py --ting .build/release/ting --cache CACHE --shards EVAL [--fit] [--table ../../directed.tsv]

Not for the device: people nobody trained the understanding on, in windows as an endpointer would cut them: wake words and
other keywords, English read by learners, news sentences, Mandarin words and dictionary words (recordings; Hear was trained
on most of these voices). For the device: spoken commands of the evaluation shards, synthetic, clean and in noise. Half of
the clips fit, the other half measures.
--fit prints logistic-regression weights for Sources/Think/DirectedScore.swift; without it the built weights are measured.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hear"))
import corpus  # noqa: E402
import evaluate  # noqa: E402

NOT_MEANT = ("wakewords", "english_l2", "aishell_s0150", "words20", "hsk_words")
FIGURES = ("fit", "words", "open share", "disagreement", "spelled", "words beside an open slot", "spelled without one")


def intents_of(ting, texts):
    """What texts mean when they are typed."""
    answers = subprocess.run([ting, "understand", "--json"], input="\n\n".join(texts), capture_output=True, text=True)
    return [json.loads(line)["intent"] for line in answers.stdout.splitlines()]


def other_people(ting, cache, seconds):
    """Clips of up to `seconds` of each set, spread over it. One whose own text is a command of the shipped domains (some are: 播放,
    想听歌曲…) is no example of the contrary."""
    out = []
    for name in NOT_MEANT:
        train, held = corpus.load(cache, name)
        clips, total = [c for c in train + held if c.text.strip()], 0.0
        step = max(1, int(sum(len(c.pcm) for c in clips) / 16000 / seconds))
        clips = clips[::step]
        for clip, intent in zip(clips, intents_of(ting, [" ".join(c.text.split()) for c in clips])):
            if not intent and total < seconds:
                out.append(clip)
                total += len(clip.pcm) / 16000
    return out


def heard_as(ting, clips, snr=None, noise=None):
    """The answers with their evidence, in order."""
    with tempfile.TemporaryDirectory() as folder:
        paths = evaluate.write(clips, folder, snr, noise)
        answers = evaluate.asked(ting, paths, "--evidence")
        return [answers.get(path, {"intent": None, "directed": 0}) for path in paths]


def fit(x, y, weight, steps=3000, rate=0.05, decay=1e-3):
    """Logistic regression by gradient descent on standardised figures; answers bias and weights of the plain ones."""
    mean, spread = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / spread
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(z @ w + b)))
        g = weight * (p - y)
        w -= rate * (z.T @ g / weight.sum() + decay * w)
        b -= rate * g.sum() / weight.sum()
    return b - (w * mean / spread).sum(), w / spread


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--ting", required=True)
    p.add_argument("--cache", required=True)
    p.add_argument("--shards", required=True, help="evaluation shards of ../synth")
    p.add_argument("--seconds", type=float, default=900, help="of each set that is not meant for the device")
    p.add_argument("--commands", type=int, default=1000, help="at most, each clean, at 10 and at 5 dB")
    p.add_argument("--fit", action="store_true")
    p.add_argument("--table", help="write threshold, false actions an hour, share kept")
    a = p.parse_args()
    others = other_people(a.ting, a.cache, a.seconds)
    spoken = evaluate.shard_clips(a.shards)
    spoken = [clip for clip, intent in zip(spoken, intents_of(a.ting, [c.text for c in spoken])) if intent][:a.commands]
    noise = evaluate.noise_pool(a.cache)
    heard = heard_as(a.ting, others)
    meant = [m for snr in evaluate.NOISY for m in heard_as(a.ting, spoken, snr, noise)]
    hours = {name: sum(len(c.pcm) for c in others if c.source == name) / 16000 / 3600 for name in NOT_MEANT}
    # Every second clip fits, the others measure.
    sets = [(c.source, h) for c, h in zip(others, heard)]
    if a.fit:
        rows = [(h["evidence"], 0, 1.0) for _, h in sets[::2] if h.get("evidence")]
        rows += [(m["evidence"], 1, 1.0) for m in meant[::2] if m.get("evidence")]
        x, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
        share = y.mean()
        bias, weights = fit(x, y, np.where(y == 1, 0.5 / share, 0.5 / max(1e-6, 1 - share)))
        print("bias", round(float(bias), 2), dict(zip(FIGURES, np.round(weights, 2).tolist())))
        score = lambda h: 1 / (1 + np.exp(-(np.dot(weights, h["evidence"]) + bias))) if h.get("evidence") else 0.0
    else:
        score = lambda h: h["directed"]
    measured, kept = sets[1::2], meant[1::2]
    total = sum(hours.values()) / 2
    print(f"{total:.2f} h not meant for the device, {len(kept)} commands")
    lines = []
    for threshold in np.round(np.concatenate([np.arange(0, 0.9, 0.05), np.arange(0.9, 1, 0.01), [0.995, 0.999]]), 3):
        false = sum(bool(h["intent"]) and score(h) >= threshold for _, h in measured)
        share = sum(bool(m["intent"]) and score(m) >= threshold for m in kept) / max(1, len(kept))
        lines.append((threshold, false / total, share))
    for threshold, rate, share in lines:
        print(f"threshold {threshold:.3f}: {rate:.2f} false actions an hour, {100 * share:.1f} % of commands kept")
    for name in NOT_MEANT:
        rows = [h for n, h in measured if n == name]
        false = [h for h in rows if h["intent"]]
        print(f"  {name}: {hours[name] / 2:.2f} h, {len(rows)} clips, without a threshold {len(false)} actions:",
              ", ".join(f"{h['text']}={h['intent']}" for h in false[:6]))
    if a.table:
        with open(a.table, "w", encoding="utf-8") as f:
            f.write(f"# threshold, false actions an hour, share of commands kept: {total:.2f} h of recordings not meant for the\n"
                    f"# device ({', '.join(NOT_MEANT)}) and {len(kept)} synthetic commands; training/think/directed.py\n")
            f.writelines(f"{t:g}\t{r:.3f}\t{s:.3f}\n" for t, r, s in lines)


if __name__ == "__main__":
    main()
