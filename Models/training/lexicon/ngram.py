"""A trigram model with back-off from weighted counts and, where there is one, from another model's statistics.

What was counted is discounted (interpolated absolute discounting); statistics of much more text, which come as shares of its
tokens (`open_gram.py`), are added as they are, and what they leave to their own back-off is left to ours:

    p(w | h) = (max(x(h, w) - d, 0) + y(h, w)) / C + M / C · p(w | shorter h)
    M = Σ min(d, x) + rest(h) + mu,  C = Σ x + Σ y + rest(h) + mu

so that each history takes as much from either side as that side knows of it. Then entropy pruning (Stolcke 1998: what an n-gram
gains over its back-off, times how often it comes) with back-off weights recomputed.
"""
import collections
import math

DISCOUNT = (0.0, 0.75, 0.75, 0.8)
UNKNOWN, START, END = 0, 1, 2


def by_history(table):
    rows = collections.defaultdict(dict)
    for key, value in table.items():
        rows[key[:-1]][key[-1]] = value
    return rows


class Statistics:
    """Shares of the tokens of a text: `shares[n]` of n-grams, `rest[n]` of histories whose next word is not told."""

    def __init__(self):
        self.shares = [None, collections.defaultdict(float), collections.defaultdict(float), collections.defaultdict(float)]
        self.rest = [None, None, collections.defaultdict(float), collections.defaultdict(float)]


class Model:
    """Back-off tables: p1[word], p2[history][word], p3[two words][word], bow1[history], bow2[two words]."""

    def __init__(self, words, listed):
        """words: specials first; listed: a dictionary's share of each word, for those that no text has."""
        self.number = {w: i for i, w in enumerate(words)}
        self.words = words
        self.listed = listed
        self.counts = [None, collections.Counter(), collections.defaultdict(float), collections.defaultdict(float)]
        self.statistics, self.weight = Statistics(), 0.0

    def add(self, tokens, weight):
        ids = [START] + [self.number.get(t, UNKNOWN) for t in tokens] + [END]
        one, two, three = self.counts[1:]
        for i in range(1, len(ids)):
            one[ids[i]] += weight
            two[(ids[i - 1], ids[i])] += weight
            if i > 1:
                three[(ids[i - 2], ids[i - 1], ids[i])] += weight

    def take(self, statistics, weight):
        """weight: how many counted tokens the statistics are worth."""
        self.statistics, self.weight = statistics, weight

    def train(self, listed_share, least, prior, thresholds):
        """All by order: least, the smallest weighted count that an n-gram is kept with; prior, mu; thresholds, the smallest gain."""
        shares = self.statistics.shares[1]
        total = sum(self.counts[1].values()) + self.weight * sum(shares.values())
        p1 = []
        for i, w in enumerate(self.words):
            own = (self.counts[1].get(i, 0.0) + self.weight * shares.get(i, 0.0)) / total
            p1.append((1 - listed_share) * own + listed_share * (self.listed.get(w, 0.0) if i > 3 else own) + 1e-9)
        p1[START] = 1e-9
        s = sum(p1)
        self.p1 = [p / s for p in p1]
        rows, bows = self.order(2, lambda h, w: self.p1[w], total, least[2], prior[2], thresholds[2])
        self.p2, self.bow1 = {h: row for (h,), row in rows.items()}, {h: b for (h,), b in bows.items()}
        rows, bows = self.order(3, lambda h, w: self.probability2(h[1], w), total, least[3], prior[3], thresholds[3],
                                among=lambda h: h[1] in self.p2.get(h[0], {}))
        self.p3 = {h: row for h, row in rows.items() if row}
        self.bow2 = {h: bows[h] for h in self.p3}

    def order(self, n, lower, total, least, prior, threshold, among=lambda h: True):
        """The n-grams kept of each history and its back-off weight."""
        counted, told = by_history(self.counts[n]), by_history(self.statistics.shares[n])
        rest, d = self.statistics.rest[n], DISCOUNT[n]
        rows, bows = {}, {}
        for h in counted.keys() | told.keys():
            if not among(h):
                continue
            own, other = counted.get(h, {}), told.get(h, {})
            left = sum(min(d, x) for x in own.values()) + self.weight * rest.get(h, 0.0) + prior
            whole = sum(max(x - d, 0) for x in own.values()) + self.weight * sum(other.values()) + left
            kept = {}
            for w in own.keys() | other.keys():
                x, y, below = own.get(w, 0.0), self.weight * other.get(w, 0.0), left / whole * lower(h, w)
                p = (max(x - d, 0) + y) / whole + below
                if x + y >= least and (x + y) / total * math.log(p / (below + 1e-12)) > threshold:
                    kept[w] = p
            rows[h] = kept
            # What makes the distribution sum to one.
            free = 1.0 - sum(lower(h, w) for w in kept)
            bows[h] = min(1.0, max(1e-6, 1.0 - sum(kept.values())) / max(1e-6, free))
        return rows, bows

    def probability2(self, h, w):
        row = self.p2.get(h)
        if row is None:
            return self.p1[w]
        p = row.get(w)
        return p if p is not None else self.bow1[h] * self.p1[w]

    def log_probability(self, g, h, w):
        row = self.p3.get((g, h))
        if row is None:
            return math.log(self.probability2(h, w))
        p = row.get(w)
        return math.log(p if p is not None else self.bow2[(g, h)] * self.probability2(h, w))

    def perplexity(self, sentences):
        """Per character (the sentence end counted), so that segmentations can be compared."""
        nats, characters = 0.0, 0
        for tokens in sentences:
            ids = [self.number.get(t, UNKNOWN) for t in tokens] + [END]
            g, h = -1, START
            for w in ids:
                nats -= self.log_probability(g, h, w)
                g, h = h, w
            characters += 1 + sum(len(t) if t != "<en>" else 1 for t in tokens)
        return math.exp(nats / characters), characters
