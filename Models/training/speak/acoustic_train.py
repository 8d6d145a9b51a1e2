"""Train the acoustic model on the aligned corpora.

python acoustic_train.py --data data/speak/data --out data/speak/acoustic --minutes 25 [--smoke]
With --predict FOLDER it writes the envelopes it predicts from true durations and F0 (for tuning the vocoder) and stops.
"""
import argparse
import json
import os
import time

import numpy as np
import torch
from torch.nn import functional as F

import inventory
import borrowed
from adversary import Critic, critic_loss, maker_loss
from features import HOP, MELS, RATE, continuous
from model import Acoustic, places
from phrases import joined
import prior as linear

NAMES = {"hsk_words": "yue", "aishell_s0150": "s0150", "cantonese_syllables": "kt",
         "jm_kumo": "kumo", "jf_alpha": "alpha", "da": "da", "na": "na"}
# So that each voice is drawn about as often as its clips and its part in the replies deserve.
WEIGHT = {"hsk_words": 0.7, "aishell_s0150": 2.5, "cantonese_syllables": 0.35, "jm_kumo": 1.0,
          "jf_alpha": 1.0, "da": 1.4, "na": 1.4}
# Single words are also shown as if those said them of whom there are only sentences: so they learn how a word alone sounds.
BORROWED = {"hsk_words": 2}  # every so many clips
BORROWERS = [inventory.SPEAKERS.index(s) for s in ("s0150", "da", "na")]
NARROW = inventory.SPEAKERS.index("s0150")  # her recordings end at 8 kHz
JOINED = {"cantonese_syllables": 1800}  # phrases put together from the syllables of whom nothing else is recorded
HELD_OUT = 40  # last sentences of each of MEASURED
MEASURED = ("aishell_s0150", "da", "na", "jm_kumo")
EDGE_BEFORE, EDGE_AFTER = 8, 14
MADE, LENT = -1, -2  # instead of a clip's first frame in the corpus: put together, shown in another voice
# The envelope's error is about 0.15; with these the critic has a third of the say.
FOOL, MATCH = 0.05, 0.15


class Corpus:
    """The aligned clips as they are trained on; with `measured` only those that never are."""

    def __init__(self, folder, held_out=HELD_OUT, measured=False):
        self.items, self.weights = [], []
        self.median, said = {}, {}
        for name, speaker in NAMES.items():
            path = os.path.join(folder, name + ".npz")
            aligned = os.path.join(folder, name + ".align.json")
            if not (os.path.exists(path) and os.path.exists(aligned)) or (measured and name not in MEASURED):
                continue
            d = np.load(path)
            env, f0, meta = d["envelope"], d["f0"], json.loads(str(d["meta"]))
            marks = json.load(open(aligned))
            middle = float(np.exp(np.median(np.log(f0[f0 > 0]))))
            self.median[speaker] = middle
            starts = np.cumsum([0] + [m["frames"] for m in meta])
            kept = sorted(int(k) for k in marks)
            if name in MEASURED:
                kept = kept[-held_out:] if measured else kept[:-held_out]
            own, clips = inventory.SPEAKERS.index(speaker), []
            for i in kept:
                tokens, durations, _ = marks[str(i)]
                durations = list(durations)
                a, b = starts[i], starts[i + 1]
                cut = max(0, durations[0] - EDGE_BEFORE)
                a, durations[0] = a + cut, durations[0] - cut
                cut = max(0, durations[-1] - EDGE_AFTER)
                b, durations[-1] = b - cut, durations[-1] - cut
                if b - a < 20 or b - a > 1000 or not (f0[a:b] > 0).any():
                    continue
                f = f0[a:b]
                clips.append((tokens, durations, env[a:b].astype(np.float32), np.log(continuous(f) / middle), (f > 0).astype(np.float32)))
                every = BORROWED.get(name)
                for manner in [own, BORROWERS[i // every % 3]] if every and i % every == 0 else [own]:
                    self.add((own, manner), *clips[-1], name, a)
            if name in JOINED and clips:
                for phrase in joined(clips, np.random.default_rng(1), JOINED[name]):
                    self.add((own, own), *phrase, name, MADE)
            said[speaker] = clips
        recorded = len(self.items)
        if not measured:
            self.borrow(said)
        rows = [(x[0], x[1], x[2], x[3], np.stack([x[4], x[5], x[6]], 1), min(2.0, WEIGHT[x[9]]), x[0][0] == NARROW)
                for x in self.items]
        known = os.path.join(folder, "prior.npz")
        if os.path.exists(known):
            tables = dict(np.load(known))
        else:
            tables = linear.fit(rows[:recorded])
            np.savez(known, **tables)
        self.prior = linear.Prior(tables)
        error = np.zeros(4)
        for k, ((voice, manner), tokens, d, e, control, _, narrow) in enumerate(rows):
            c = linear.Context(*zip(*tokens))
            guess = self.prior.controls(c, d, manner)
            own = (self.prior.durations(c, manner).astype(np.float32), guess.astype(np.float32),
                   self.prior.envelope(c, d, voice, control).astype(np.float16))
            self.items[k] = self.items[k] + own
            error += [np.abs(own[2][:, :67] - e[:, :67]).mean() / 2.5, np.abs(own[0] - np.log1p(d)).mean(),
                      np.abs(guess[:, 0] - control[:, 0])[control[:, 1] > 0].mean(), ((guess[:, 1] > 0) != control[:, 1]).mean()]
        print("linear regression leaves: envelope, log duration, F0, voicing", error / len(rows), flush=True)
        self.weights = np.array(self.weights) * np.array([len(x[3]) for x in self.items]) ** 0.5
        self.weights /= self.weights.sum()
        seconds = sum(len(x[3]) for x in self.items) * HOP / RATE
        print(len(self.items), "clips", round(seconds / 60), "min", self.median, flush=True)

    def borrow(self, said):
        """Clips in voices that never said such a thing."""
        middle = {speaker: borrowed.middle(clips) for speaker, clips in said.items() if clips}
        for teacher in [t for t in borrowed.OTHERS if t in middle]:
            name = next(n for n, s in NAMES.items() if s == teacher)
            for voice, manner in [o for o in borrowed.OTHERS[teacher] if o[0] in middle]:
                who = inventory.SPEAKERS.index(voice), inventory.SPEAKERS.index(manner)
                clips = said[teacher][::borrowed.EVERY.get(teacher, 1)]
                for clip in borrowed.shown(clips, middle[teacher], middle[voice]):
                    self.add(who, *clip, name, LENT)

    def add(self, who, tokens, durations, e, relative, voiced, name, start):
        """Keeps a clip; `start` is its first frame in the corpus, or MADE or LENT."""
        energy = e[:, :60].mean(1) / 2.5 + 2
        owner, place = places(durations)
        self.items.append((who, [inventory.split(t) for t in tokens], durations, e, relative.astype(np.float32), voiced, energy,
                           owner, place, name, start))
        self.weights.append(WEIGHT[name])

    def batches(self, frames, random):
        while True:
            pick = random.choice(len(self.items), 400, p=self.weights)
            pick = sorted(pick, key=lambda i: len(self.items[i][3]))
            group, groups = [], []
            for i in pick:
                if group and (len(group) + 1) * len(self.items[i][3]) > frames:
                    groups.append(group)
                    group = []
                group.append(i)
            groups.append(group)
            for j in random.permutation(len(groups)):
                yield collate([self.items[i] for i in groups[j]])


def collate(items):
    L = max(len(x[1]) for x in items)
    P = max(len(x[7]) for x in items)
    B = len(items)
    base, tone = np.zeros((B, L), np.int64), np.zeros((B, L), np.int64)
    duration, tmask = np.zeros((B, L), np.float32), np.zeros((B, L, 1), np.float32)
    owner, place = np.zeros((B, P), np.int64), np.zeros((B, P, 5), np.float32)
    pmask = np.zeros((B, P, 1), np.float32)
    env, control = np.zeros((B, 2 * P, MELS), np.float32), np.zeros((B, 2 * P, 3), np.float32)
    fmask = np.zeros((B, 2 * P), np.float32)
    own_d, own_c, own_e = np.zeros((B, L), np.float32), np.zeros((B, 2 * P, 3), np.float32), np.zeros((B, 2 * P, MELS), np.float32)
    for i, (s, tokens, d, e, f, v, g, o, p, name, a, pd, pc, pe) in enumerate(items):
        own_d[i, :len(pd)], own_c[i, :len(pc)], own_e[i, :len(pe)] = pd, pc, pe
        n, t, k = len(tokens), len(e), len(o)
        base[i, :n], tone[i, :n] = np.array(tokens).T
        duration[i, :n], tmask[i, :n] = d, 1
        owner[i, :k], place[i, :k], pmask[i, :k] = o, p, 1
        env[i, :t] = e
        control[i, :t] = np.stack([f, v, g], 1)
        if t % 2:
            env[i, t], control[i, t] = e[-1], control[i, t - 1]
        fmask[i, :t] = 1
    voice, manner = np.array([x[0] for x in items], np.int64).T
    narrow = np.array([x[0][0] == NARROW or x[10] == LENT and NAMES[x[9]] in borrowed.NARROW for x in items], np.float32)
    return [torch.from_numpy(x) for x in (np.stack([voice, manner]), base, tone, duration, tmask, owner, place, pmask, env, control, fmask, narrow,
                                          own_d, own_c, own_e)]


def losses(model, batch):
    (s, manner), base, tone, duration, tmask, owner, place, pmask, env, control, fmask, narrow, own_d, own_c, own_e = batch
    x = model.encode(base, tone, manner, tmask)
    log = model.durations(x, tmask) + own_d
    d = (F.smooth_l1_loss(log, torch.log1p(duration), reduction="none", beta=0.2) * tmask.squeeze(2)).sum() / tmask.sum()
    guess = model.prosodies(x, owner, place, manner, pmask).reshape(len(s), -1, 3) + own_c
    voiced, total = control[..., 1] * fmask, fmask.sum()
    # F0: both the value and its movement, the latter being what makes a tone
    weight = fmask * (0.1 + 0.9 * control[..., 1])
    f = ((guess[..., 0] - control[..., 0]).abs() * weight).sum() / weight.sum()
    step = (guess[:, 4:, 0] - guess[:, :-4, 0]) - (control[:, 4:, 0] - control[:, :-4, 0])
    both = voiced[:, 4:] * voiced[:, :-4]
    f = f + (step.abs() * both).sum() / both.sum().clamp(min=1)
    v = (F.binary_cross_entropy_with_logits(guess[..., 1], control[..., 1], reduction="none") * fmask).sum() / total
    g = ((guess[..., 2] - control[..., 2]).abs() * fmask).sum() / total
    out = model.decode(x, owner, place, s, control.reshape(len(s), -1, 6), pmask) + own_e
    band = torch.ones(len(s), 1, MELS)
    band[:, :, 67:] = (1 - narrow)[:, None, None]
    w = fmask.unsqueeze(2) * band
    e = ((out - env).abs() * w).sum() / w.sum() / 2.5
    motion = (out[:, 2:] - out[:, :-2]) - (env[:, 2:] - env[:, :-2])
    e2 = (motion.abs() * w[:, 2:]).sum() / w.sum() / 2.5
    return e + 0.3 * e2 + d + 2 * f + 0.5 * v + 0.5 * g, [e, d, f, v, g], (out, env, w)


def looks(critic, out, env, w):
    """What the critic says of the recorded and of the made envelopes, as it sees them: bands first, nothing where nothing is."""
    def shown(e):
        return ((e + 5) / 2.5 * w).transpose(1, 2)

    return critic(shown(env)), critic(shown(out))


def predict(model, corpus, folder, data):
    os.makedirs(folder, exist_ok=True)
    out = {}
    model.eval()
    with torch.no_grad():
        for item in corpus.items:
            (s, manner), base, tone, _, tmask, owner, place, pmask, env, control, *_, own_e = collate([item])
            x = model.encode(base, tone, manner, tmask)
            e = (model.decode(x, owner, place, s, control.reshape(1, -1, 6), pmask) + own_e)[0, :len(item[3])]
            name, a = item[9], item[10]
            if a < 0:
                continue
            if name not in out:
                out[name] = np.load(os.path.join(data, name + ".npz"))["envelope"]
            out[name][a:a + len(e)] = e.numpy().astype(np.float16)
    for name, e in out.items():
        np.save(os.path.join(folder, name + ".npy"), e)


def run(arguments):
    torch.set_num_threads(arguments.threads)
    if arguments.smoke:
        import made
        made.ready(arguments.data)
    random = np.random.default_rng(int(time.time()))
    corpus = Corpus(arguments.data, 2 if arguments.smoke else HELD_OUT)
    model = Acoustic(len(inventory.BASES), inventory.TONES, len(inventory.SPEAKERS))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01)
    critic = Critic()
    judges = torch.optim.AdamW(critic.parameters(), lr=5e-4, betas=(0.8, 0.99), weight_decay=0.01)
    os.makedirs(arguments.out, exist_ok=True)
    last = os.path.join(arguments.out, "last.pt")
    step = 0
    if os.path.exists(last):
        state = torch.load(last, weights_only=False)
        model.load_state_dict(state["model"])
        if "optimiser" in state:  # not after restore.py
            optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
        if "critic" in state:
            critic.load_state_dict(state["critic"])
            judges.load_state_dict(state["judges"])
    if arguments.predict:
        return predict(model, corpus, arguments.predict, arguments.data)
    if step == 0:
        save(model, optimiser, 0, corpus, last, critic, judges)
    first, began, saved = step, time.time(), time.time()
    cpu = time.process_time()
    budget = arguments.minutes * 60
    average = None
    for batch in corpus.batches(arguments.frames, random):
        done = max((time.process_time() - cpu) / budget, (time.time() - began) / (60 * arguments.wall))
        if done >= 1 or (arguments.smoke and step - first >= 10):
            break
        for g in optimiser.param_groups:
            g["lr"] = min(1, (step - first + 1) / 50) * (arguments.rate * (1 - done) + 3e-5)
        model.train()
        loss, parts, seen = losses(model, batch)
        fool = match = torch.zeros(())
        if arguments.critic < 1 and done > arguments.critic - 0.05 or arguments.smoke:  # the critic begins a little earlier
            out, env, w = seen
            judges.zero_grad()
            critic_loss(*looks(critic, out.detach(), env, w)).backward()
            judges.step()
            if done > arguments.critic or arguments.smoke:
                fool, match = maker_loss(*looks(critic, out, env, w))
                loss = loss + FOOL * fool + MATCH * match
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimiser.step()
        step += 1
        now = np.array([p.item() for p in parts + [fool, match]])
        average = now if average is None else 0.98 * average + 0.02 * now
        if step % 25 == 0:
            print(f"{step} {time.time() - began:.0f}s cpu {time.process_time() - cpu:.0f}s envelope {average[0]:.4f} "
                  f"duration {average[1]:.4f} f0 {average[2]:.4f} voicing {average[3]:.4f} energy {average[4]:.4f} fooled {average[5]:.3f} matched {average[6]:.3f}", flush=True)
        if time.time() - saved > 120:
            save(model, optimiser, step, corpus, last, critic, judges)
            saved = time.time()
    save(model, optimiser, step, corpus, last, critic, judges)


def save(model, optimiser, step, corpus, path, critic, judges):
    torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "config": model.config,
                "median": corpus.median, "prior": corpus.prior.tables, "critic": critic.state_dict(),
                "judges": judges.state_dict()}, path + ".tmp")
    os.replace(path + ".tmp", path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data/speak/data")
    parser.add_argument("--out", default="data/speak/acoustic")
    parser.add_argument("--predict", default="")
    parser.add_argument("--minutes", type=float, default=12, help="of processor time")
    parser.add_argument("--wall", type=float, default=1e6, help="minutes on the clock after which it ends as well")
    parser.add_argument("--critic", type=float, default=1, help="share of the time after which the critic is heard; 1: never")
    parser.add_argument("--frames", type=int, default=2600, help="frames in a batch")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--smoke", action="store_true")
    run(parser.parse_args())
