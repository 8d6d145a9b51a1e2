"""Opens the gates of the cross-attention: the network learns to read Hear's states, with everything that reads text frozen.

    python sounds.py speak …; python sounds.py states …
    python cross.py --sounds data/think/sounds --weights ../../think.safetensors --out ../../think.safetensors --minutes 10

The body stays as it is in the exported file, byte for byte, so that typed text means what it meant; learned are the projection of the states and
the attention into them. A training turn is shown by its states alone, or with what Hear wrote of it, or with the text as it was said. What is
heard is synthetic speech.
"""
import argparse
import collections
import glob
import json
import os
import random
import sys
import time

import numpy as np
import torch
from safetensors import safe_open

import data
from encode import COLUMNS, collate, decode, encode
from export import quantise, rounded, write
from model import LAYERS, STATE, Network
from train import Maker, loss_of

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from safetensors_aligned import dequantised  # noqa: E402

LEARNED = ("states.", "cross.")


def restored(path):
    """(network with the weights of an exported file, vocabulary, slots by domain and intent, tensors and metadata of the file)."""
    floats, metadata = dequantised(path)
    with safe_open(path, "np") as f:
        tensors = {n: f.get_tensor(n) for n in f.keys()}
    intents, tags, allowed = {}, {}, {}
    for line in metadata["intents"].split("\n"):
        domain, intent, slots = line.split("\t")
        intents.setdefault(domain, []).append(intent)
        allowed.setdefault(domain, {})[intent] = slots.split()
    for line in metadata["tags"].split("\n"):
        domain, tag = line.split("\t")
        tags.setdefault(domain, []).append(tag)
    vocabulary = data.Vocabulary(list(metadata["characters"]), list(metadata["characters.sound"]), metadata["syllables"].split(), intents, tags)
    net = Network(len(vocabulary.chars) + len(data.SPECIAL), len(vocabulary.syllables), COLUMNS, len(data.DOMAINS), vocabulary.intent_count,
                  vocabulary.tag_count, len(data.ACTS), dropout=0.1)
    for i in range(LAYERS):
        floats[f"blocks.{i}.bias"] = floats[f"blocks.{i}.relative"]
    net.load_state_dict({name: floats[name] for name in net.state_dict()})
    return net, vocabulary, allowed, tensors, metadata


class Sounds:
    """Spoken turns of some shards: rows (domain, text, heard, states [n, 512])."""

    def __init__(self, folder, name):
        self.rows = []
        for path in sorted(glob.glob(f"{folder}/{name}-[0-9][0-9][0-9].npz")):
            with np.load(path) as z, np.load(path.replace(".npz", ".states.npz")) as s:
                states, at = s["states"], s["rows"]
                self.rows += [(str(d), str(t), str(h), states[at[i]:at[i + 1]])
                              for i, (d, t, h) in enumerate(zip(z["domain"], z["text"], z["heard"]))]


def made_up(sessions):
    """Sounds without files, for the smoke run: states that tell the intent."""
    sounds = Sounds("", "")
    for turn in (t for s in sessions for t in s):
        states = np.random.normal(0, 0.3, (12, STATE)).astype(np.float16)
        states[:, len(turn[1])] += 3
        sounds.rows.append(("nlpcc2018", turn[0], turn[0], states))
    return sounds


def turns_of(maker, part):
    """(domain, text) → every place where it stands, as (turn, before, active)."""
    places = collections.defaultdict(list)
    for domain, sets in maker.sets.items():
        for session in sets[part]:
            for turn, before, active in maker.session(domain, session):
                places[domain, turn[0]].append((turn, before, active))
    return places


def shown(maker, place, domain, heard):
    """A turn as the network is shown it: `heard` may be empty; slots count where they keep their places."""
    turn, before, active = place
    same = len(heard) == len(turn[0])
    x = maker.item(domain, (heard, turn[1], turn[2] if same else [], ""), before, active, augment=False)
    if not same:
        x["tags"] = None
    x["act"] = data.ACTS.index(data.dialogue_act(domain, turn[0], turn[1], turn[2]))
    return x


def batch_of(items, states, lost=0.0):
    """Rows and states as the network takes them; `lost` of the states are hidden, so that no single one is relied on."""
    batch = collate(items)
    longest = max(len(s) for s in states)
    padded = np.zeros((len(states), longest, states[0].shape[1]), np.float32)
    mask = np.zeros((len(states), longest), bool)
    for row, keep, s in zip(padded, mask, states):
        row[:len(s)], keep[:len(s)] = s, np.random.random(len(s)) >= lost
        keep[0] = True
    batch["states"], batch["states_mask"] = torch.from_numpy(padded), torch.from_numpy(mask)
    return batch


def accuracy(net, maker, allowed, sounds, wanted):
    """Intent right in %, context withheld: by what was heard alone, by the states alone, by both, and by the text as it was said.
    `wanted`: the intent of a (domain, text)."""
    net.eval()
    rows = [r for r in sounds.rows if (r[0], r[1]) in wanted]
    right = collections.Counter()
    for at in range(0, len(rows), 64):
        some = rows[at:at + 64]
        for way, text, sound in (("heard", 2, False), ("states", None, True), ("both", 2, True), ("typed", 1, False)):
            items = [shown(maker, (("", "", [], ""), [], None), r[0], "" if text is None else r[text]) for r in some]
            batch = batch_of(items, [r[3] for r in some])
            if not sound:
                del batch["states"], batch["states_mask"]
            with torch.no_grad():
                out = {k: v.numpy() for k, v in net(batch).items()}
            for i, r in enumerate(some):
                got = decode(maker.vocabulary, allowed, r[0], out["intent"][i], out["tags"][i], items[i]["length"])[0]
                right[way] += got == wanted[r[0], r[1]]
    net.train()
    return {way: round(100 * n / max(1, len(rows)), 1) for way, n in right.items()} | {"turns": len(rows)}


def crossed(tensors, net):
    """The file's tensors with the learned ones in their place, apart by kind as export.write takes them."""
    floats = {n: w for n, w in tensors.items() if w.dtype != np.int8}
    bytes_ = {n: w for n, w in tensors.items() if w.dtype == np.int8}
    for name, value in net.state_dict().items():
        if any(part in name for part in LEARNED):
            w = value.numpy()
            if name in bytes_:
                bytes_[name], floats[name.removesuffix("weight") + "scale"] = quantise(w)
            else:
                floats[name] = w
    return floats, bytes_


FIXTURE = [("nlpcc2018", "播放周杰伦的歌"), ("nlpcc2018", ""), ("cais", "我要听小苹果"), ("smp2019", "去枣庄的火车"), ("smp2020", "")]


def fixture(net, vocabulary, features):
    """Intent logits of a few texts with made states (thirteen rows), for the Swift parity test."""
    states = np.sin(0.37 * np.arange(13)[:, None] + 0.11 * np.arange(STATE)[None]).astype(np.float32)
    lines = ["# domain, text, intent logits of the domain with states sin(0.37 · row + 0.11 · column), every row four frames"]
    for domain, text in FIXTURE:
        with torch.no_grad():
            out = net(batch_of([encode(vocabulary, features, domain, text, [], None)], [states]))["intent"][0]
        first = vocabulary.intent_offset[domain]
        logits = out[first:first + len(vocabulary.intents[domain])]
        lines.append("\t".join([domain, text, " ".join(f"{x:.3f}" for x in logits)]))
    return "\n".join(lines) + "\n"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    p.add_argument("--sounds", default="data/think/sounds")
    p.add_argument("--weights", default=os.path.join(here, "..", "..", "think.safetensors"))
    p.add_argument("--out", required=True)
    p.add_argument("--smoke", action="store_true", help="half a minute on made-up states")
    p.add_argument("--fixture", default=os.path.join(here, "parity", "cross.tsv"))
    p.add_argument("--minutes", type=float, default=10)
    p.add_argument("--rate", type=float, default=1e-3)
    p.add_argument("--items", type=int, default=64, help="turns a step")
    a = p.parse_args()
    torch.set_num_threads(1)
    random.seed(1), torch.manual_seed(1), np.random.seed(1)
    net, vocabulary, allowed, tensors, metadata = restored(a.weights)
    sets, lists = data.tiny() if a.smoke else (data.load_all(), data.load_lists(vocabulary.readings))
    features = data.ListFeatures(lists, vocabulary.readings)
    maker = Maker(sets, {}, vocabulary, features)
    learned = []
    for name, q in net.named_parameters():
        q.requires_grad = any(part in name for part in LEARNED)
        if q.requires_grad:
            learned.append(q)
    with torch.no_grad():
        for block in net.blocks:
            if block.cross is not None and not block.cross.gate.any():
                block.cross.gate.fill_(0.1)  # from a shut gate nothing behind it learns
    print(sum(q.numel() for q in learned), "parameters learn", flush=True)
    if a.smoke:
        a.minutes, a.fixture = 0.3, a.out + ".tsv"
        train, development, unheard = made_up(sets["nlpcc2018"][0]), made_up(sets["nlpcc2018"][1]), Sounds("", "")
    else:
        train, development, unheard = (Sounds(a.sounds, n) for n in ("train", "development", "unheard"))
    places = turns_of(maker, 0)
    wanted = {key: collections.Counter(turn[1] for turn, _, _ in found).most_common(1)[0][0] for key, found in turns_of(maker, 1).items()}
    rows = [r for r in train.rows if (r[0], r[1]) in places]
    print(len(rows), "spoken turns,", sum(r[1] == r[2] for r in rows), "heard as they were said", flush=True)
    optimiser = torch.optim.AdamW(learned, lr=a.rate, betas=(0.9, 0.98), weight_decay=0.02)
    start, step, losses, evaluated = time.time(), 0, [], time.time()
    net.train()
    while (spent := time.time() - start) < a.minutes * 60:
        rate = a.rate * min(1, (step + 1) / 100) * min(1, 2.5 * (1 - spent / (a.minutes * 60)) + 0.01)
        for group in optimiser.param_groups:
            group["lr"] = rate
        some = random.sample(rows, min(a.items, len(rows)))
        items = []
        for domain, text, heard, _ in some:
            place = random.choice(places[domain, text])
            if random.random() < 0.5:
                place = (place[0], [], None)
            items.append(shown(maker, place, domain, random.choice(["", "", heard, heard, text])))
        loss, parts = loss_of(net(batch_of(items, [r[3] for r in some], 0.2)), items)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        step += 1
        losses.append(parts[0].item())
        if time.time() - evaluated > 60:
            print(f"{spent / 60:.1f} min step {step} intent loss {np.mean(losses[-100:]):.3f}", accuracy(net, maker, allowed, development, wanted), flush=True)
            evaluated = time.time()
    figures = {"development": accuracy(net, maker, allowed, development, wanted), "unheard": accuracy(net, maker, allowed, unheard, wanted)}
    print(json.dumps(figures), flush=True)
    metadata["figures"] = json.dumps(json.loads(metadata["figures"]) | {"cross": figures})
    write(a.out, *crossed(tensors, net), metadata)
    net.load_state_dict(rounded(net.state_dict()))
    with open(a.fixture, "w", encoding="utf8") as f:
        f.write(fixture(net.eval(), vocabulary, features))


if __name__ == "__main__":
    main()
