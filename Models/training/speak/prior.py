"""What linear regression already knows: additive tables over sounds, tones and places, solved in closed form in seconds.

The networks learn what these leave. A table's row is chosen by the context of a frame (or token) and its place in the token
by linear interpolation between knots, so Swift needs no more than look-ups. Names, sizes and meanings:

envelope [80]   own (base, 6 knots) · before, after (neighbouring base, 3 knots) · voice (speaker, base) · control (3)
control [3]     own, before, after as above · tone_before (kind, tone before, tone, 5 knots) · tone_after (kind, tone, tone
                after, 5 knots) · manner (speaker, tone, 4 knots) · ending (sign, syllables to the end 0-2, 4 knots) · way (3 knots)
duration [1]    own, before, after (base) · tone · manner (speaker, kind, edge) · count (kind, size class) · ending (sign, edge)
"""
import numpy as np
import scipy.linalg
import scipy.sparse

import inventory

BASES, SPEAKERS, TONES = len(inventory.BASES), len(inventory.SPEAKERS), inventory.TONES
PAUSES = len(inventory.PUNCTUATION)
ENGLISH = np.array([b.startswith("E_") for b in inventory.BASES])
VOWEL = np.array([b.startswith("E_") and b[2] in "AEIOU" for b in inventory.BASES])
ENVELOPE = {"own": BASES * 6, "before": BASES * 3, "after": BASES * 3, "voice": SPEAKERS * BASES, "control": 3}
CONTROL = {"own": BASES * 6, "before": BASES * 3, "after": BASES * 3, "tone_before": 2 * TONES * TONES * 5,
           "tone_after": 2 * TONES * TONES * 5, "manner": SPEAKERS * TONES * 4, "ending": 3 * 3 * 4, "way": 3}
DURATION = {"own": BASES, "before": BASES, "after": BASES, "tone": TONES, "manner": SPEAKERS * 3 * 3, "count": 3 * 6,
            "ending": 3 * 3}
RIDGE = {"own": 3, "before": 8, "after": 8, "voice": 40, "control": 1, "tone_before": 15, "tone_after": 15, "manner": 15,
         "ending": 15, "way": 1, "tone": 3, "count": 3}


class Context:
    """What each token is among its neighbours: bases and tones are index lists."""

    def __init__(self, base, tone):
        self.base, tone = np.asarray(base), list(tone)
        n = len(tone)
        pause = self.base < PAUSES
        english = ENGLISH[self.base]
        nucleus = np.array([tone[i] > 0 or VOWEL[self.base[i]] for i in range(n)])
        self.kind = np.where(pause, 2, np.where((np.array(tone) == 0) & ~english, 0, 1))  # initial, final or English, pause
        self.tone, self.tone_before, self.tone_after = np.zeros(n, int), np.zeros(n, int), np.zeros(n, int)

        def search(i, step):
            while 0 <= i < n and not pause[i] and not english[i]:
                if tone[i] > 0:
                    return tone[i]
                i += step
            return 0

        for i in range(n):
            if pause[i] or english[i]:
                continue
            k = i if tone[i] > 0 else i + 1  # the nucleus of this syllable
            self.tone[i] = tone[k] if k < n else 0
            self.tone_before[i] = search(i - 1, -1)
            self.tone_after[i] = search(k + 1, 1)
        after = np.cumsum(nucleus[::-1])[::-1]  # nuclei from here on
        total = int(nucleus.sum())
        self.left = np.clip(after - 1, 0, 2)
        self.way = np.clip((total - after) / max(1, total - 1), 0, 1)
        last = inventory.BASES[self.base[-1]]
        self.ending = {"?": 1, "!": 2}.get(last, 0)
        self.before = np.concatenate([[0], self.base[:-1]])
        self.after = np.concatenate([self.base[1:], [0]])
        # edge: 2 directly before a pause, 1 one further, 0 inside
        soon = np.concatenate([pause[1:], [True]])
        self.edge = np.where(soon, 2, np.where(np.concatenate([soon[1:], [True]]), 1, 0))
        self.size = min(total, 4) if total <= 4 else 4 + (total > 7)  # 0 … 5


def hat(u, knots):
    p = np.clip(u, 0, 1) * (knots - 1)
    k = np.minimum(p.astype(int), knots - 2)
    return k, p - k


class Rows:
    """A sparse design matrix in the making: one row a frame."""

    def __init__(self, tables):
        self.offset, at = {}, 0
        for name, size in tables.items():
            self.offset[name] = at
            at += size
        self.width = at
        self.columns, self.weights = [], []

    def add(self, name, row, weight=None):
        self.columns.append(self.offset[name] + row)
        self.weights.append(np.ones(len(row)) if weight is None else weight)

    def place(self, name, row, u, knots):
        k, w = hat(u, knots)
        self.add(name, row * knots + k, 1 - w)
        self.add(name, row * knots + k + 1, w)

    def matrix(self):
        c, w = np.stack(self.columns, 1), np.stack(self.weights, 1)
        n, k = c.shape
        return scipy.sparse.csr_matrix((w.ravel(), c.ravel(), np.arange(0, n * k + 1, k)), shape=(n, self.width))


def frames(durations):
    """Token and place 0…1 of each frame."""
    d = np.asarray(durations)
    owner = np.repeat(np.arange(len(d)), d)
    start = np.cumsum(d) - d
    return owner, (np.arange(len(owner)) - start[owner] + 0.5) / d[owner]


def sounds(rows, c, owner, u):
    rows.place("own", c.base[owner], u, 6)
    rows.place("before", c.before[owner], u, 3)
    rows.place("after", c.after[owner], u, 3)


def control_rows(c, durations, manner):
    owner, u = frames(durations)
    rows = Rows(CONTROL)
    sounds(rows, c, owner, u)
    kind = np.minimum(c.kind, 1)
    rows.place("tone_before", ((kind * TONES + c.tone_before) * TONES + c.tone)[owner], u, 5)
    rows.place("tone_after", ((kind * TONES + c.tone) * TONES + c.tone_after)[owner], u, 5)
    rows.place("manner", (manner * TONES + c.tone)[owner], u, 4)
    rows.place("ending", (c.ending * 3 + c.left)[owner], u, 4)
    rows.place("way", np.zeros(len(owner), int), c.way[owner], 3)
    return rows.matrix()


def envelope_rows(c, durations, voice, control):
    owner, u = frames(durations)
    rows = Rows(ENVELOPE)
    sounds(rows, c, owner, u)
    rows.add("voice", voice * BASES + c.base[owner])
    for k in range(3):
        rows.add("control", np.full(len(owner), k), control[:len(owner), k])
    return rows.matrix()


def duration_rows(c, manner):
    rows = Rows(DURATION)
    for name, value in (("own", c.base), ("before", c.before), ("after", c.after), ("tone", c.tone)):
        rows.add(name, value)
    rows.add("manner", (manner * 3 + c.kind) * 3 + c.edge)
    rows.add("count", c.kind * 6 + c.size)
    rows.add("ending", c.ending * 3 + c.edge)
    return rows.matrix()


def solve(tables, x, y, weight):
    """Weighted ridge regression; returns {table: [rows, outputs]}."""
    ridge = np.concatenate([np.full(size, float(RIDGE[name])) for name, size in tables.items()])
    xw = x.multiply(weight[:, None]).tocsr()
    normal = (xw.T @ x).toarray() + np.diag(ridge)
    w = scipy.linalg.solve(normal, xw.T @ y, assume_a="pos")
    out, at = {}, 0
    for name, size in tables.items():
        out[name] = w[at:at + size].astype(np.float32)
        at += size
    return out


def fit(items):
    """items: ((voice, manner), tokens as (base, tone), durations, envelope, control [T,3], weight, narrow)."""
    ex, ey, ew, en, cx, cy, dx, dy, dw = [], [], [], [], [], [], [], [], []
    for (voice, manner), tokens, durations, envelope, control, weight, narrow in items:
        c = Context(*zip(*tokens))
        ex.append(envelope_rows(c, durations, voice, control))
        ey.append(envelope)
        ew.append(np.full(len(envelope), weight))
        en.append(np.full(len(envelope), 0.0 if narrow else 1.0))
        cx.append(control_rows(c, durations, manner))
        cy.append(np.stack([control[:, 0], 6 * control[:, 1] - 3, control[:, 2]], 1))
        dx.append(duration_rows(c, manner))
        dy.append(np.log1p(durations)[:, None])
        dw.append(np.full(len(durations), weight))
    ew, en = np.concatenate(ew), np.concatenate(en)
    x, y = scipy.sparse.vstack(ex).tocsr(), np.concatenate(ey)
    low = solve(ENVELOPE, x, y[:, :67], ew)
    high = solve(ENVELOPE, x, y[:, 67:], ew * en + 1e-6)
    out = {"envelope." + k: np.concatenate([low[k], high[k]], 1) for k in low}
    cx, cy = scipy.sparse.vstack(cx).tocsr(), np.concatenate(cy)
    voiced = cy[:, 1] > 0
    pitch = solve(CONTROL, cx, cy[:, :1], ew * np.where(voiced, 1.0, 0.05))
    rest = solve(CONTROL, cx, cy[:, 1:], ew)
    out.update({"control." + k: np.concatenate([pitch[k], rest[k]], 1) for k in pitch})
    out.update({"duration." + k: v for k, v in solve(DURATION, scipy.sparse.vstack(dx).tocsr(), np.concatenate(dy),
                                                     np.concatenate(dw)).items()})
    return share_english(out, [inventory.SPEAKERS.index(s) for s in ("kumo", "alpha")])


def share_english(tables, teachers):
    """English was heard from `teachers` (speaker numbers) alone, so the cheapest solution puts its level into their manner. What
    their manner has beyond that of the others goes over to the English sounds, where every manner finds it: the teachers' own
    English stays as it is."""
    others = [s for s in range(SPEAKERS) if s not in teachers]
    sounds = np.flatnonzero(ENGLISH)
    manner = tables["control.manner"].reshape(SPEAKERS, TONES, 4, -1)
    beyond = manner[teachers, 0].mean(0) - manner[others, 0].mean(0)  # knots, outputs
    knots = np.stack([np.interp(np.linspace(0, 1, 6), np.linspace(0, 1, 4), column) for column in beyond.T], 1)
    tables["control.own"].reshape(BASES, 6, -1)[sounds] += knots
    manner[teachers, 0] -= beyond
    manner = tables["duration.manner"].reshape(SPEAKERS, 3, 3, -1)
    beyond = (manner[teachers, 1] - manner[others, 1].mean(0)).mean((0, 1))
    tables["duration.own"][sounds] += beyond
    manner[teachers, 1] -= beyond
    return tables


def stacked(tables, prior, group):
    return np.concatenate([prior[group + "." + k] for k in tables])


class Prior:
    """The solved tables at work."""

    def __init__(self, tables):
        self.tables = tables
        self.envelope_table = stacked(ENVELOPE, tables, "envelope")
        self.control_table = stacked(CONTROL, tables, "control")
        self.duration_table = stacked(DURATION, tables, "duration")

    def durations(self, c, manner):
        return (duration_rows(c, manner) @ self.duration_table)[:, 0]

    def controls(self, c, durations, manner):
        return control_rows(c, durations, manner) @ self.control_table

    def envelope(self, c, durations, voice, control):
        return envelope_rows(c, durations, voice, control) @ self.envelope_table
