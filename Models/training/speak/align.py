"""Durations of every unit: a hidden Markov model of sounds over a small frame classifier, trained by its own alignments.

Isolated words start flat (equal shares of the speech); the sentences are then aligned with what was learnt from the words,
and all of it is learnt again. Long silences found inside sentences without punctuation become a comma.
Writes <corpus>.align.json beside the features: tokens, durations (frames), score per clip.

python align.py --data data/speak/data [--smoke]
"""
import argparse
import json
import os
import time

import numba
import numpy as np
import torch
from torch import nn

import inventory
from features import continuous

NAMES = ["hsk_words", "cantonese_syllables", "aishell_s0150", "jm_kumo", "jf_alpha", "da", "na"]
WORDS = NAMES[:2]
CONTEXT = 3
EDGE_BEFORE, EDGE_AFTER = 5, 8  # frames in which a sound may begin or fade out below 30 dB under the loudest
HUM = 8  # bands under 350 Hz, in which a room may be as loud as a voice
FORCED = 30.0  # more than any likelihood ratio of the classifier


def state_table():
    first, count = {}, {}
    n = 0
    for b in inventory.BASES:
        k = 1 if b in inventory.PUNCTUATION else 2 if b in inventory.INITIAL or b.startswith("E_") else 3
        first[b], count[b] = n, k
        n += k
    for p in inventory.PUNCTUATION:
        first[p] = 0
    return first, count, n


FIRST, COUNT, STATES = state_table()


@numba.njit(cache=True)
def viterbi(score, states, optional, penalty):
    """score [T, S] log likelihoods; states [L]; optional [L] may be skipped. Returns the place in states per frame."""
    T, L = score.shape[0], len(states)
    best = np.full((T, L), -1e30)
    back = np.zeros((T, L), np.int32)
    best[0, 0] = score[0, states[0]]
    if L > 1 and optional[0]:
        best[0, 1] = score[0, states[1]]
    for t in range(1, T):
        for l in range(min(L, 2 * t + 2)):
            b, k = best[t - 1, l], l
            if l > 0 and best[t - 1, l - 1] > b:
                c = best[t - 1, l - 1] - (penalty if optional[l] else 0.0)
                if c > b:
                    b, k = c, l - 1
            if l > 1 and optional[l - 1] and best[t - 1, l - 2] > b:
                b, k = best[t - 1, l - 2], l - 2
            best[t, l] = b + score[t, states[l]]
            back[t, l] = k
    path = np.zeros(T, np.int32)
    l = L - 1
    if L > 1 and optional[L - 1] and best[T - 1, L - 2] > best[T - 1, L - 1]:
        l = L - 2
    total = best[T - 1, l]
    for t in range(T - 1, -1, -1):
        path[t] = l
        l = back[t, l]
    return path, total


class Clip:
    """One clip: its features, and its places: (state, token number, optional)."""

    def __init__(self, corpus, index, features, tokens, loud):
        self.corpus, self.index, self.features, self.loud = corpus, index, features, loud
        self.tokens = ["sil"] + tokens
        self.free = corpus in ("aishell_s0150", "da", "na")  # readers who pause where nothing is written
        self.labels = None
        self.places(False)

    def places(self, nearest):
        out = []
        last = len(self.tokens) - 1
        for i, t in enumerate(self.tokens):
            base = inventory.name(t)
            if inventory.is_pause(t):
                out.append((0, i, True))
                continue
            if nearest and base.startswith("E_"):
                other = inventory.NEAREST[base[2:]]
                other = "eng" if other == "ng" else other
                shift = 1 if other == "eng" else 0
                out += [(FIRST[other] + min(j + shift, COUNT[other] - 1), i, False) for j in range(2)]
            else:
                out += [(FIRST[base] + j, i, False) for j in range(COUNT[base])]
            final = base not in inventory.INITIAL
            if self.free and final and i + 1 < last and not inventory.is_pause(self.tokens[i + 1]):
                out.append((0, -i - 1, True))
        self.states = np.array([o[0] for o in out], np.int32)
        self.owner = np.array([o[1] for o in out])
        self.optional = np.array([o[2] for o in out])

    def flat(self):
        """Equal shares between the first and last loud frame."""
        a, b = self.loud
        inner = np.flatnonzero(~self.optional)
        where = np.zeros(len(self.features), np.int64)
        share = np.linspace(0, len(inner) - 1e-6, b - a).astype(int)
        where[a:b] = inner[share]
        where[b:] = len(self.states) - 1
        self.path = where
        self.labels = self.states[where]


def load(folder):
    clips = []
    for corpus in NAMES:
        path = os.path.join(folder, corpus + ".npz")
        if not os.path.exists(path):
            continue
        d = np.load(path)
        env, f0, meta = d["envelope"].astype(np.float32), d["f0"], json.loads(str(d["meta"]))
        bands = env.reshape(len(env), 20, 4).mean(2)
        feature = np.concatenate([bands, env.mean(1, keepdims=True), env[:, :60].max(1, keepdims=True)], 1)
        if corpus == "aishell_s0150":
            feature[:, 18:20] = feature[:, 17:18]
        speech = feature[:, -1] > np.percentile(feature[:, -1], 50)
        # a teacher's sound may end below the highest bands: there is nothing to divide by
        feature = (feature - feature[speech].mean(0)) / np.maximum(feature[speech].std(0), 0.05)
        feature = np.concatenate([feature, (f0 > 0)[:, None]], 1)
        at = 0
        for i, m in enumerate(meta):
            f = feature[at:at + m["frames"]]
            p = np.pad(f, ((CONTEXT, CONTEXT), (0, 0)), "edge")
            x = np.concatenate([p[k:k + len(f)] for k in range(2 * CONTEXT + 1)], 1).astype(np.float32)
            level = env[at:at + m["frames"], HUM:60].max(1)
            loud = np.flatnonzero(level > np.percentile(level, 95) - 3.5)
            at += m["frames"]
            if m["tokens"] is None or len(loud) < 2 * len(m["tokens"]):
                continue
            try:
                clips.append(Clip(corpus, i, x, m["tokens"], (loud[0], loud[-1] + 1)))
            except KeyError:
                continue
    return clips


def learn(model, clips, epochs, rate=2e-3):
    x = torch.from_numpy(np.concatenate([c.features for c in clips]))
    y = torch.from_numpy(np.concatenate([c.labels for c in clips]).astype(np.int64))
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate)
    for e in range(epochs):
        order = torch.randperm(len(x))
        total = 0.0
        for k in range(0, len(x), 2048):
            j = order[k:k + 2048]
            loss = nn.functional.cross_entropy(model(x[j]), y[j], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(j)
    prior = torch.bincount(y, minlength=STATES).float() + 50
    return total / len(x), torch.log(prior / prior.sum())


def realign(model, prior, clips):
    changed = 0
    for c in clips:
        with torch.no_grad():
            score = torch.log_softmax(model(torch.from_numpy(c.features)), 1) - 0.7 * prior
        score = score.numpy().astype(np.float64)
        # before the first and after the last loud frame there is silence, whatever the room's noise resembles
        score[:max(0, c.loud[0] - EDGE_BEFORE), 1:] -= FORCED
        score[c.loud[1] + EDGE_AFTER:, 1:] -= FORCED
        path, total = viterbi(score, c.states, c.optional, 6.0)
        if c.labels is not None:
            changed += (c.states[path] != c.labels).mean()
        c.path, c.labels, c.score = path, c.states[path], total / len(path)
    return changed / max(1, len(clips))


def result(c):
    """Tokens and durations; a pause of seven frames or more where none was written becomes a comma, shorter ones go to
    the sound that follows."""
    count = np.bincount(c.path, minlength=len(c.states))
    tokens, durations = [], []
    carry = 0
    previous = None
    for place in range(len(c.states)):
        o = c.owner[place]
        if o < 0:
            if count[place] >= 7:
                tokens.append(",")
                durations.append(int(count[place]))
            else:
                carry += int(count[place])
            continue
        if o != previous:
            tokens.append(c.tokens[o])
            durations.append(carry)
            carry = 0
            previous = o
        durations[-1] += int(count[place])
    return tokens, durations


def run(arguments):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    began = time.time()
    clips = [c for c in load(arguments.data) if not arguments.only or c.corpus in arguments.only.split(",")]
    words = [c for c in clips if c.corpus in WORDS]
    others = [c for c in clips if c.corpus not in WORDS]
    print(len(words), "words", len(others), "sentences", f"{time.time() - began:.0f}s", flush=True)
    width = (2 * CONTEXT + 1) * 23
    model = nn.Sequential(nn.Linear(width, 224), nn.ReLU(), nn.Linear(224, 160), nn.ReLU(), nn.Linear(160, STATES))
    for c in words:
        c.flat()
    for stage in range(3):
        loss, prior = learn(model, words, 2)
        changed = realign(model, prior, words)
        print(f"words {stage} loss {loss:.3f} moved {changed:.3f} {time.time() - began:.0f}s", flush=True)
    for c in others:
        c.places(True)
    realign(model, prior, others)
    for c in others:
        path = c.path
        c.places(False)
        c.path, c.labels = path, c.states[path]
    for stage in range(3 if others else 0):
        loss, prior = learn(model, clips, 2, 1.5e-3)
        changed = realign(model, prior, clips)
        print(f"all {stage} loss {loss:.3f} moved {changed:.3f} {time.time() - began:.0f}s", flush=True)
    for corpus in NAMES:
        mine = [c for c in clips if c.corpus == corpus]
        if not mine:
            continue
        floor = np.percentile([c.score for c in mine], 2)
        out = {}
        for c in mine:
            tokens, durations = result(c)
            if c.score >= floor:
                out[c.index] = [tokens, durations, round(float(c.score), 3)]
        json.dump(out, open(os.path.join(arguments.data, corpus + ".align.json"), "w"), ensure_ascii=False)
        print(corpus, len(out), "of", len(mine), "mean score", np.mean([c.score for c in mine]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data/speak/data")
    parser.add_argument("--only", default="", help="corpora to align by themselves")
    parser.add_argument("--smoke", action="store_true", help="on recordings made of nothing")
    arguments = parser.parse_args()
    if arguments.smoke:
        import made
        made.ready(arguments.data)
    else:
        run(arguments)
