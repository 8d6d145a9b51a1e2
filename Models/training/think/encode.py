"""From a turn with what came before it to the network's rows, and from the network's answers to a frame."""

import math
import random

import numpy as np
import torch

from data import CONTEXT_CHARS, CONTEXT_TURNS, DOMAINS, FLAGS, LISTS, MAX_TEXT, normalise

COLUMNS = len(LISTS) * FLAGS
NOTHING = ("OTHERS",)  # intents that leave what is active as it was


def encode(vocabulary, features, domain, text, before, active, noise=None):
    """before: [(text, intent index over all domains or None, whether it had slots)], oldest first. active: None for a
    session's first turn, −1 for nothing yet, else an intent index. noise: a function that changes normalised text,
    lengths kept."""
    plain = normalise(text)[:MAX_TEXT]
    shown = noise(plain) if noise else plain
    columns = features.columns(shown) if features else [()] * len(shown)
    rows = [(2, 0, 0, ())] + [(*vocabulary.token(c), columns[i]) for i, c in enumerate(shown)]
    turns = []
    for t, intent, slots in before[-CONTEXT_TURNS:]:
        turns.append(([vocabulary.token(c) for c in normalise(t)[:CONTEXT_CHARS]],
                      1 if intent is None else 2 + 2 * intent + bool(slots)))
    return {"rows": rows, "turns": turns, "domain": DOMAINS.index(domain), "active": 0 if active is None else active + 2,
            "length": len(shown)}


def collate(items):
    b, t = len(items), max(len(x["rows"]) for x in items)
    k = max(len(x["turns"]) for x in items)
    n = max([1] + [len(c) for x in items for c, _ in x["turns"]])
    own = np.zeros((3, b, t), np.int64)
    lists = np.zeros((b, t, COLUMNS), np.float32)
    said = np.zeros((3, b, k, n), np.int64)
    marks = np.zeros((2, b, k), np.int64)
    for i, x in enumerate(items):
        for j, row in enumerate(x["rows"]):
            own[:, i, j] = row[:3]
            for c in row[3]:
                lists[i, j, c] = 1
        for j, (characters, mark) in enumerate(reversed(x["turns"])):
            for m, c in enumerate(characters):
                said[:, i, k - 1 - j, m] = c
            marks[:, i, k - 1 - j] = mark, j + 1
    names = ["chars", "syllables", "tones"]
    batch = {name: torch.from_numpy(own[z]) for z, name in enumerate(names)}
    batch.update({"turn_" + name: torch.from_numpy(said[z]) for z, name in enumerate(names)})
    batch["lists"] = torch.from_numpy(lists)
    batch["before"], batch["turn_segment"] = torch.from_numpy(marks[0]), torch.from_numpy(marks[1])
    batch["position"] = torch.arange(t)[None].expand(b, t)
    batch["domain"] = torch.tensor([x["domain"] for x in items])
    batch["active"] = torch.tensor([x["active"] for x in items])
    return batch


def best_path(scores, allowed):
    """Viterbi over BIO: scores [T, tags] of log-probabilities, `allowed` the tag columns that may be used (O, then
    B and I pairs). Inside may only follow Begin or Inside of the same slot."""
    columns = np.array(allowed)
    s = scores[:, columns]
    t, n = s.shape
    inside = np.array([c > 0 and c % 2 == 0 for c in columns])
    predecessor = np.array([np.where(columns == c - 1)[0][0] if i else -1 for c, i in zip(columns, inside)])
    total = np.where(inside, -math.inf, s[0])
    back = np.zeros((t, n), np.int64)
    for k in range(1, t):
        best = int(total.argmax())
        new = np.full(n, -math.inf)
        for j in range(n):
            if inside[j]:
                p = predecessor[j]
                source = j if total[j] >= total[p] else p
            else:
                source = best
            new[j] = total[source] + s[k, j]
            back[k, j] = source
        total = new
    j = int(total.argmax())
    score, path = float(total[j]), []
    for k in range(t - 1, -1, -1):
        path.append(int(columns[j]))
        j = back[k, j]
    return path[::-1], score


def spans_of(path, names):
    spans, start = [], None
    for i, tag in enumerate(list(path) + [0]):
        if start is not None and not (tag > 0 and tag % 2 == 0):
            spans.append((names[path[start]][2:], start, i))
            start = None
        if tag % 2 == 1:
            start = i
    return spans


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


CANDIDATES, SLOT_WEIGHT = 3, 0.5


def decode(vocabulary, allowed_slots, domain, intent_logits, tag_logits, length, joint=SLOT_WEIGHT):
    """(intent name, spans, log-probability of the intent). Intent and slots are chosen together: each of the likeliest
    intents is scored with the best path through the slots that it was ever seen with."""
    names, tags = vocabulary.intents[domain], vocabulary.tags[domain]
    a, b = vocabulary.intent_offset[domain], vocabulary.tag_offset[domain]
    li = log_softmax(intent_logits[a:a + len(names)])
    lt = log_softmax(tag_logits[1:1 + length, b:b + len(tags)]) if length else None
    best = None
    for i in np.argsort(-li, kind="stable")[:CANDIDATES]:
        allowed = [0] + sorted(c for s in allowed_slots[domain].get(names[i], ()) for c in slot_columns(tags, s))
        path, score = best_path(lt, allowed) if length else ([], 0.0)
        total = li[i] + joint * score
        if best is None or total > best[0]:
            best = (total, names[i], spans_of(path, tags), float(li[i]))
    return best[1], best[2], best[3]


def slot_columns(tags, slot):
    at = tags.index("B-" + slot)
    return [at, at + 1]


def allowed_table(sets):
    table = {}
    for d, (train, _) in sets.items():
        seen = {}
        for s in train:
            for t in s:
                seen.setdefault(t[1], set()).update(n for n, _, _ in t[2])
        table[d] = {i: sorted(v) for i, v in seen.items()}
    return table


class Homophones:
    """Replaces characters by others of the same sound, as a recogniser would."""

    def __init__(self, vocabulary):
        self.groups, self.loose = {}, {}
        r = vocabulary.readings
        for c in vocabulary.chars:
            if c in r.syllable:
                self.groups.setdefault((r.syllable[c], r.tone[c]), []).append(c)
                self.loose.setdefault(r.syllable[c], []).append(c)
        self.readings = r

    def __call__(self, text, rate, rng=random):
        out = []
        for c in text:
            if c in self.readings.syllable and rng.random() < rate:
                s, t = self.readings.syllable[c], self.readings.tone[c]
                group = self.groups.get((s, t), [c]) if rng.random() < 0.7 else self.loose.get(s, [c])
                c = rng.choice(group)
            out.append(c)
        return "".join(out)
