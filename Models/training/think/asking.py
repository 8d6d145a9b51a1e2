"""Was a command given, or asked about (「打开窗户？」 with a rise)? The end of the pitch against its beginning, tone by tone.

    python asking.py gather --ting ../../../.build/release/ting --cache CACHE --shards SHARDS --out data/think/asking
    python asking.py fit --out data/think/asking --weights ../../think.safetensors

What is told comes from people (S0150's sentences, dictionary and students' words), from the synthetic voices that Hear learnt from, and from
Ting's own voices in five styles. Nobody recorded here asks a command: what is asked is **synthetic**, either Ting's `--style question` or the
pitch of somebody's told sentence, raised towards its end as Mandarin questions are (Liu and Xu 2005; Yuan 2006). Half of all clips lie in noise.
"""
import argparse
import glob
import hashlib
import json
import os
import pickle
import random
import subprocess
import sys

import numpy as np
import soundfile
import torch
from safetensors import safe_open

import pitch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("common", "synth", "hear")]
import corpus  # noqa: E402
import shards  # noqa: E402
import texts  # noqa: E402

VOICES, UNSEEN = ("lan", "mei", "kai", "rong"), "yu"
RATE = pitch.RATE
PEOPLE = {"aishell_s0150": 460, "words20": 900, "seedlingo_words": 400}  # no more clips of each than this
REGISTER = np.array([0, 2.5, -1, -3, 0.8, -1.5])  # where the tones lie about a voice's middle, semitones
LEAST = 4  # syllables: words read alone end as differently told as asked
HIGHEST = 9  # semitones of a last syllable above the middle: beyond, the pitch was followed an octave off
RAISES = 3  # versions of each told clip with the pitch of a question


def syllables(units, frames):
    """(frame, tone) of every tonal final that Hear is surest of, the frames being those of `pitch.track`."""
    return [(frame, int(unit[-1])) for unit, frame in zip(units, frames) if unit[-1].isdigit() and not unit.startswith("Y_")]


def spans(said, voiced):
    """The frames of each syllable: a final is sure some 80 ms after it began; the last lasts as long as the voice, at most 320 ms."""
    last = min(len(voiced) - 1, said[-1][0] + 16)
    while last > said[-1][0] and not voiced[last]:
        last -= 1
    found = []
    for k, (frame, _) in enumerate(said):
        low = max(0, frame - 4) if k == 0 else max(said[k - 1][0] + 3, frame - 5)
        high = min(said[k + 1][0] - 4, frame + 8) if k + 1 < len(said) else last
        found.append((low, min(max(low, high), len(voiced) - 1)))
    return found


def raised(semitones, middle, where, rng):
    """The pitch as a question has it: a little higher and wider as a whole, and a rise over the last two syllables."""
    began = where[-2][0]
    full = where[-1][0] + rng.uniform(0, 0.6) * (where[-1][1] + 1 - where[-1][0])
    way = np.clip((np.arange(len(semitones)) - began) / max(1, full - began), 0, 1) ** rng.uniform(1, 2)
    return (semitones - middle) * rng.uniform(0.95, 1.2) + middle + rng.uniform(0, 1.5) + rng.uniform(3, 7) * way


def evidence(semitones, voiced, said, question=None):
    """31 figures: the last syllable and the one before against the rest of the sentence; None where too little is voiced.

    `question` is a generator of random numbers where the pitch is to be raised."""
    if len(said) < LEAST or voiced.sum() < 6:
        return None
    middle = np.sort(semitones[voiced])[voiced.sum() // 2]
    voiced = voiced & (np.abs(semitones - middle) < 13)
    where = spans(said, voiced)
    if question is not None:
        semitones = raised(semitones, middle, where, question)
    found = []
    for low, high in where:
        x = semitones[low:high + 1][voiced[low:high + 1]]
        third = max(2, len(x) // 3)
        found.append((x.mean(), x[:third].mean(), x[-third:].mean(), x.max(), x.min(), len(x)) if len(x) > 1 else None)
    end, before = found[-1], found[-2]
    heights = [(k, f[0] - REGISTER[tone]) for k, (f, (_, tone)) in enumerate(zip(found[:-1], said)) if f]
    early = [h for k, h in heights if k < len(said) - 2]
    if end is None or not early or end[0] - middle > HIGHEST:
        return None
    base = np.sort(early)[len(early) // 2]
    others = np.where(voiced)[0]
    rest = np.sort(semitones[others if end[5] + 4 > len(others) else others[:-end[5]]])
    low, high = rest[int(0.1 * (len(rest) - 1))], rest[int(0.9 * (len(rest) - 1))]
    pen = before or (base,) * 5
    k, h = np.array([k for k, _ in heights], float), np.array([h for _, h in heights])
    slope = ((k - k.mean()) * (h - h.mean())).sum() / max(1e-9, ((k - k.mean()) ** 2).sum()) if len(h) > 2 else 0.0
    expected = h.mean() + slope * (len(said) - 1 - k.mean()) if len(h) > 2 else base
    figures = [e - base for e in end[:5]] + [end[0] - low, end[2] - low, end[2] - high, end[0] - high, high - low]
    figures += [p - base for p in pen[:3]] + [end[0] - pen[0], end[1] - pen[2], 4 * float(before is None), slope]
    figures += [end[0] - REGISTER[said[-1][1]] - expected]
    lengths = [(where[-1][1] - said[-1][0]) / 10, min(len(said), 12) / 6, end[5] / 10]
    tones = [float(said[place][1] == t) for place in (-1, -2) for t in range(1, 6)]
    return np.concatenate([np.clip(np.array(figures) / 4, -4, 4), lengths, tones]).astype(np.float32)


def held_out(text):
    return int(hashlib.sha1(text.encode()).hexdigest()[:6], 16) % 4 == 0


def commands(count, seed):
    rng, pool, found = random.Random(seed), texts.TextPool(), []
    while len(found) < count:
        text = texts.command(rng, pool)
        if 3 <= len(text) <= 14 and "," not in text and text[-1] not in "吗呢吧":
            found.append(text)
    return found


def own(a, voice):
    """(samples at 16 kHz, asked) of commands in one of Ting's voices, made once."""
    rng = random.Random(voice)
    for n, text in enumerate(commands(a.count, voice)):
        manner = ["--rate", f"{rng.uniform(0.8, 1.3):.2f}", f"--pitch={rng.uniform(-3, 3):.1f}"]
        for style in ("neutral", "question", rng.choice(["exclaim", "happy", "sad", "angry"])):
            path = f"{a.out}/{voice}-{n:03d}-{style}.wav"
            if not os.path.exists(path):
                subprocess.run([a.ting, "say", text, "--voice", voice, "--style", style, *manner, "--out", path], check=True)
            samples, rate = soundfile.read(path, dtype="float32")
            yield shards.to_16k(samples, rate), int(style == "question")


def clips(a):
    """(set, samples, asked, held out) of everything, each clip once as it is or in noise."""
    index = {u: i for i, u in enumerate(corpus.read_units(os.path.join(HERE, "../hear/units.txt")))}
    rng = random.Random(1)
    for source, most in PEOPLE.items():
        training, development = corpus.load(a.cache, source)
        some = [(c, held_out(c.text) if source == "aishell_s0150" else not_seen) for part, not_seen in ((training, False), (development, True))
                for c in part if c.lang == "zh" and len(c.text) > 2 and c.text[-1] not in "吗呢吧"]
        rng.shuffle(some)
        for clip, out in some[:most]:
            yield source, clip.pcm.astype(np.float32) / 32768, 0, out
    for folder, most, out in ((a.shards, 2000, False), (f"{a.shards}/eval", 400, True)):
        some = [c for path in sorted(glob.glob(f"{folder}/ttskit*.npz"))[-8:] for c in corpus.load_shard(path, index) if len(c.text) > 2]
        rng.shuffle(some)
        for clip in some[:most]:
            yield "synthetic", clip.pcm.astype(np.float32) / 32768, 0, out
    for voice in (*VOICES, UNSEEN):
        for samples, asked in own(a, voice):
            yield voice, samples, asked, voice == UNSEEN


def noisy(samples, noises, rng):
    noise = noises[rng.integers(len(noises))].astype(np.float32) / 32768
    noise = np.tile(noise, len(samples) // len(noise) + 1)
    at = rng.integers(0, len(noise) - len(samples) + 1)
    noise = noise[at:at + len(samples)]
    return samples + noise * np.sqrt((samples ** 2).mean() / ((noise ** 2).mean() + 1e-9)) * 10 ** (-rng.uniform(5, 20) / 20)


def gather(a):
    """Writes (set, noisy?, asked, held out, pitch, voiced, syllables) of every clip."""
    import model  # that of ../hear, which stands first in the path
    torch.set_num_threads(1)
    os.makedirs(a.out, exist_ok=True)
    units = corpus.read_units(os.path.join(HERE, "../hear/units.txt"))
    net = model.Hear(len(units))
    net.load_state_dict(model.exported(a.hear))
    net.eval()
    rng = np.random.default_rng(3)
    training, measuring = ([pcm for _, pcm in part["noise"] + part["noise_esc10"] if pcm.any()] for part in corpus.noises(a.cache))
    made, edge = [], np.zeros(3200, np.float32)
    for name, samples, asked, out in clips(a):
        samples = np.concatenate([edge, samples, edge])
        in_noise = rng.random() < 0.5
        made.append((name, noisy(samples, measuring if out else training, rng) if in_noise else samples, in_noise, asked, out))
    made.sort(key=lambda clip: len(clip[1]))
    found = []
    for at in range(0, len(made), 16):
        part = made[at:at + 16]
        x = np.zeros((len(part), max(len(clip[1]) for clip in part)), np.float32)
        for row, clip in zip(x, part):
            row[:len(clip[1])] = clip[1]
        with torch.no_grad():
            logs, _, frames = net(torch.from_numpy(x), torch.tensor([len(clip[1]) for clip in part]))
        for row, n, (name, samples, in_noise, asked, out) in zip(logs.argmax(-1).numpy(), frames, part):
            began = [t for t in range(int(n)) if row[t] and (t == 0 or row[t] != row[t - 1])]
            tracked = pitch.track(samples)
            if tracked:
                found.append((name, in_noise, asked, out, *tracked, syllables([units[row[t]] for t in began], began)))
        if at % 1600 == 0:
            print(at, "of", len(made), flush=True)
    with open(f"{a.out}/measured.pkl", "wb") as file:
        pickle.dump(found, file)


class Asked(torch.nn.Module):
    def __init__(self, figures, hidden=32):
        super().__init__()
        self.up, self.down = torch.nn.Linear(figures, hidden), torch.nn.Linear(hidden, 1)

    def forward(self, x):
        return self.down(torch.nn.functional.dropout(torch.nn.functional.gelu(self.up(x)), 0.2, self.training))[:, 0]


def rows_of(found):
    """Figures (zeros where nothing can be told), asked?, held out?, set and whether something can be told of every clip, and of told ones
    with the pitch of a question."""
    rng, rows = np.random.default_rng(5), []
    for name, in_noise, asked, out, semitones, voiced, said in found:
        kind = name + (", noise" if in_noise else "")
        rows.append((evidence(semitones, voiced, said), asked, out, kind))
        if not asked and name not in (*VOICES, UNSEEN):
            rows += [(evidence(semitones, voiced, said, rng), 1, out, kind) for _ in range(RAISES)]
    figures = next(len(row[0]) for row in rows if row[0] is not None)
    x = np.stack([np.zeros(figures, np.float32) if row[0] is None else row[0] for row in rows])
    return (x, *(np.array(column) for column in list(zip(*rows))[1:]), np.array([row[0] is not None for row in rows]))


def learn(x, y, names, seed, steps=4000):
    """A network of one hidden layer; what is asked weighs as much as what is told, people as much as synthetic voices."""
    torch.manual_seed(seed)
    people = np.isin([name.split(",")[0] for name in names], list(PEOPLE))
    weight = np.zeros(len(x))
    for asked in (0, 1):
        for human in (False, True):
            chosen = (y == asked) & (people == human)
            weight[chosen] = 0.25 / max(1, chosen.sum())
    x, y, weight = (torch.tensor(np.asarray(v, np.float32)) for v in (x, y, weight * len(x)))
    net = Asked(x.shape[1])
    optimiser = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=0.1)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        part = torch.randint(len(x), (512,))
        loss = (torch.nn.functional.binary_cross_entropy_with_logits(net(x[part]), y[part], reduction="none") * weight[part]).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
    return net.eval()


def fit(a):
    torch.set_num_threads(1)
    with open(f"{a.out}/measured.pkl", "rb") as file:
        x, y, out, names, usable = rows_of(pickle.load(file))
    known = usable & ~out
    middle, spread = x[known].mean(0), x[known].std(0) + 1e-2
    nets = [learn((x[known] - middle) / spread, y[known], names[known], seed) for seed in range(a.networks)]
    with torch.no_grad():
        score = torch.stack([net(torch.tensor((x - middle) / spread)) for net in nets]).mean(0).sigmoid().numpy() * usable
    figures = {}
    for name in sorted(set(names[out])):
        told, asked = (out & (names == name) & (y == kind) for kind in (0, 1))
        figures[name] = [int((told & (score < a.threshold)).sum()), int((told & (score >= a.threshold)).sum()),
                         int((asked & (score < a.threshold)).sum()), int((asked & (score >= a.threshold)).sum())]
        print(f"{name}: told {figures[name][0]} as told, {figures[name][1]} as asked; asked {figures[name][2]} as told, {figures[name][3]} as asked")
    if not a.weights:
        return
    sys.path.insert(0, HERE)  # `gather` needs the model of ../hear, which has an export.py as well
    from export import write

    # Several networks in one: their hidden layers side by side, their answers' mean.
    up = torch.cat([net.up.weight for net in nets]) / torch.tensor(spread)
    tensors = {"asked.up.weight": up, "asked.up.bias": torch.cat([net.up.bias for net in nets]) - up @ torch.tensor(middle),
               "asked.down.weight": torch.cat([net.down.weight for net in nets], 1) / len(nets),
               "asked.down.bias": torch.stack([net.down.bias for net in nets]).mean(0)}
    fixture(os.path.join(HERE, "parity/asked.txt"), *(value.detach() for value in tensors.values()))
    with safe_open(a.weights, "np") as file:
        kept, metadata = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()
    kept |= {name: value.detach().float().numpy() for name, value in tensors.items()}
    metadata["figures"] = json.dumps(json.loads(metadata["figures"]) | {"asked": figures})
    write(a.weights, {n: w for n, w in kept.items() if w.dtype != np.int8}, {n: w for n, w in kept.items() if w.dtype == np.int8}, metadata)


def probe():
    """Four syllables of 0.26 s with eight harmonics, the last one rising, 0.04 s apart; sums that any language can repeat."""
    phase, samples = 0.0, np.zeros(19200)
    for n in range(1600, len(samples)):
        syllable, t = divmod((n - 1600) / 4800, 1)
        height = (220, 190, 200, 170 + 110 * t)[min(3, int(syllable))]
        phase += 2 * np.pi * height / RATE
        if t < 13 / 15:
            samples[n] = 0.1 * np.sin(np.pi * t * 15 / 13) * sum(np.sin(k * phase) / k for k in range(1, 9))
    return samples, [(9, 1), (24, 2), (39, 5), (54, 4)]


def fixture(path, up, up_bias, down, down_bias):
    samples, said = probe()
    semitones, voiced = pitch.track(samples)
    figures = evidence(semitones, voiced, said)
    hidden = torch.nn.functional.gelu(torch.tensor(figures) @ up.T + up_bias)
    with open(path, "w") as file:
        print("# pitch (0: no voice), figures and score of asking.probe()", file=file)
        for row in (np.where(voiced, semitones, 0), figures, [float((hidden @ down.T + down_bias).sigmoid())]):
            print(" ".join(f"{x:.4f}" for x in row), file=file)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("step", choices=["gather", "fit"])
    p.add_argument("--ting")
    p.add_argument("--cache")
    p.add_argument("--shards")
    p.add_argument("--hear", default=os.path.join(HERE, "../../hear.safetensors"))
    p.add_argument("--out", default="data/think/asking")
    p.add_argument("--weights", help="the file that the network is written into")
    p.add_argument("--count", type=int, default=100, help="commands of each of Ting's voices")
    p.add_argument("--networks", type=int, default=3)
    p.add_argument("--threshold", type=float, default=0.93)
    a = p.parse_args()
    globals()[a.step](a)


if __name__ == "__main__":
    main()
