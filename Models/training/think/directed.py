"""What is meant for the device: false actions an hour of speech that is not, against commands kept.

    python directed.py --ting .build/release/ting --cache CACHE --shards SHARDS [--fit] [--table ../../directed.tsv]

Not for the device: people nobody trained the understanding on, in windows as an endpointer would cut them: wake words and
other keywords, English read by learners, news sentences, Mandarin words and dictionary words (recordings, no synthetic
voice), and with --others the car logs' OTHERS as spoken by synthetic voices. For the device: spoken commands of the
shards, synthetic, half of the clips to fit and half to measure; the sets not meant for the device are halved likewise.
--fit prints logistic-regression weights for Sources/Think/DirectedScore.swift; without it the built weights are measured.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import soundfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hear"))
import corpus  # noqa: E402

NOT_MEANT = ("wakewords", "english_l2", "aishell_s0150", "words20", "hsk_words")
FIGURES = ("fit", "words", "open share", "disagreement", "spelled", "clarity")


def intents_of(ting, texts):
    """What texts mean when they are typed."""
    answers = subprocess.run([ting, "understand", "--json"], input="\n\n".join(texts), capture_output=True, text=True)
    return [json.loads(line)["intent"] for line in answers.stdout.splitlines()]


def other_people(ting, cache, seconds):
    """(set, samples) of up to `seconds` of each set, of the people or sentences held out where a set has such. A clip whose
    own text is a command of the shipped domains (some are: 播放, 饭店, 我想听歌曲…) is no example of the contrary."""
    out = []
    for name in NOT_MEANT:
        train, held = corpus.load(cache, name)
        clips, total = [c for c in (held or train) if c.text.strip()], 0.0
        clips = [c for c, w in zip(clips, intents_of(ting, [" ".join(c.text.split()) for c in clips])) if not w]
        step = max(1, int(sum(len(c.pcm) for c in clips) / 16000 / seconds))
        for clip in clips[::step]:
            out.append((name, clip.pcm.astype(np.float32) / 32768))
            total += len(clip.pcm) / 16000
            if total > seconds:
                break
    return out


def spoken_commands(ting, shards, limit):
    """Samples of commands of evaluation shards that mean something to the shipped domains, with their intents."""
    texts, sounds = [], []
    for path in sorted(glob.glob(f"{shards}/*.npz")):
        data = np.load(path, allow_pickle=True)
        pcm, offsets = data["pcm"], data["offsets"]
        for i, text in enumerate(data["text"]):
            texts.append(str(text))
            sounds.append(pcm[offsets[i]:offsets[i + 1]].astype(np.float32) / 32768)
    pairs = [(w, s) for w, s in zip(intents_of(ting, texts), sounds) if w]
    return pairs[:: max(1, len(pairs) // limit)][:limit]


def ask(ting, sounds, block=50):
    """The answers with their evidence, in order."""
    out = []
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for n, x in enumerate(sounds):
            paths.append(f"{folder}/{n:05d}.wav")
            soundfile.write(paths[-1], x, 16000, subtype="PCM_16")
        got = {}
        for at in range(0, len(paths), block):
            part = paths[at:at + block] + ([paths[at]] if len(paths[at:at + block]) == 1 else [])
            lines = subprocess.run([ting, "ask", "--json", "--evidence", *part], capture_output=True, text=True).stdout
            for line in lines.splitlines():
                answer = json.loads(line)
                got[answer["path"]] = answer
        out = [got.get(p, {"intent": None, "directed": 0}) for p in paths]
    return out


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
    p.add_argument("--commands", type=int, default=150)
    p.add_argument("--fit", action="store_true")
    p.add_argument("--table", help="write threshold, false actions an hour, share kept")
    a = p.parse_args()
    others = other_people(a.ting, a.cache, a.seconds)
    commands = spoken_commands(a.ting, a.shards, a.commands)
    heard = ask(a.ting, [x for _, x in others])
    meant = ask(a.ting, [x for _, x in commands])
    hours = {name: sum(len(x) for n, x in others if n == name) / 16000 / 3600 for name in NOT_MEANT}
    # Every second clip fits, the others measure.
    sets = [(n, h) for (n, _), h in zip(others, heard)]
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
