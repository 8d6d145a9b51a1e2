"""Fine-tune Hear's streaming Conformer with CTC. Resumes from its checkpoint; runs on a CPU core or a GPU.

    python train.py --cache CACHE --synth SHARDS --units units.txt --start first.safetensors --out RUN --minutes 90
    python train.py --smoke          # a minute on generated tones: does the whole recipe run?
"""
import argparse
import copy
import glob
import math
import multiprocessing
import os
import time

import numpy as np
import torch

import augment
import corpus
import model as shape
from quick import quick
from score import greedy, syllable_errors

# Share of clips by source: real sentences and many voices weigh more than their hours, single syllables less.
SHARES = {"aishell_s0150": 0.12, "words20": 0.09, "hsk_words": 0.13, "mandarin_syllables": 0.02, "gcin_syllables": 0.02,
          "english_l2": 0.05, "cantonese_syllables": 0.05, "wakewords": 0.01, "cantonese": 0.05, "sichuanese": 0.04,
          "synthetic": 0.46}
SHORT = {"words20", "hsk_words", "mandarin_syllables", "gcin_syllables", "cantonese_syllables"}
# Share of noises by source: the appliances a product stands beside before four hundred short sounds, weather and music.
NOISE_SHARES = {"noise": 0.45, "noise_esc10": 0.25, "ambience": 0.2, "music": 0.1}
MADE = {"synthetic": "ttskit", "cantonese": "cantonese", "sichuanese": "sichuanese"}  # shards of ../synth that measure
SPOKEN = {"zh": "synthetic", "en": "synthetic", "yue": "cantonese", "sc": "sichuanese"}  # where a clip of a shard belongs
LANGUAGES = ["zh", "yue", "sc", "en"]


class Mixer:
    """Endless augmented batches; picks up new synthetic shards as they appear."""

    def __init__(self, a, seed):
        self.a, self.index = a, {u: i for i, u in enumerate(corpus.read_units(a.units))}
        self.rng = np.random.default_rng(seed)
        self.pools = {s: corpus.load(a.cache, s)[0] for s in SHARES if os.path.exists(f"{a.cache}/{s}.npz")}
        noises = [(NOISE_SHARES[name], [pcm for _, pcm in source if pcm.any()])
                  for name, source in corpus.noises(a.cache)[0].items()]
        self.augmenter = augment.Augmenter(noises or [(1, [np.ones(16000, np.int16)])], seed)
        self.seen, self.checked = set(), 0

    def refresh(self):
        if time.time() - self.checked < 120:
            return
        self.checked = time.time()
        for path in sorted(glob.glob(f"{self.a.synth}/*.npz")):
            if path not in self.seen:
                try:
                    for clip in corpus.load_shard(path, self.index):
                        self.pools.setdefault(SPOKEN[clip.lang], []).append(clip)
                    self.seen.add(path)
                except Exception as problem:  # a shard still being written
                    print("skipped", path, problem, flush=True)

    def plenty(self, source):
        """Synthetic clips count in full only once there are some 3,000, so that a few are not learnt by heart."""
        return min(1.0, len(self.pools[source]) / 3000) if source == "synthetic" else 1.0

    def utterance(self):
        rng = self.rng
        names = [s for s in SHARES if self.pools.get(s)]
        shares = np.array([SHARES[s] * self.plenty(s) for s in names])
        source = names[rng.choice(len(names), p=shares / shares.sum())]
        pool = self.pools[source]
        clip = pool[rng.integers(len(pool))]
        clips = [clip]
        if source in SHORT and rng.random() < 0.6:
            same = [pool[rng.integers(len(pool))] for _ in range(rng.integers(1, 5))]
            clips += [c for c in same if c.speaker == clip.speaker or rng.random() < 0.3]
        parts, ids = [np.zeros(int(rng.uniform(0, 0.5) * 16000), np.float32)], []
        for c in clips:
            x = c.pcm.astype(np.float32) / 32768
            if len(clips) > 1:
                x = x / (np.abs(x).max() + 1e-4) * rng.uniform(0.4, 0.9)
            parts += [x, np.zeros(int(rng.uniform(0, 0.15) * 16000), np.float32)]
            ids += c.ids
        parts.append(np.zeros(int(rng.uniform(0, 0.3) * 16000), np.float32))
        x = self.augmenter.channel(self.augmenter.voice(np.concatenate(parts)))
        return x, ids, LANGUAGES.index(clip.lang)

    def batch(self):
        self.refresh()
        items = []
        while len(items) < 96:
            item = self.utterance()
            if len(item[0]) < 16000 * 12 and 2 * len(item[1]) < len(item[0]) / 320:
                items.append(item)
        items.sort(key=lambda i: len(i[0]))
        groups, group = [], []
        for item in items:
            if group and (len(group) + 1) * len(item[0]) > self.a.seconds * 16000:
                groups.append(group)
                group = []
            group.append(item)
        groups.append(group)
        self.rng.shuffle(groups)
        for group in groups:
            x = np.zeros((len(group), max(len(i[0]) for i in group)), np.float32)
            for row, item in zip(x, group):
                row[:len(item[0])] = item[0]
            yield (torch.from_numpy(x), torch.tensor([len(i[0]) for i in group]),
                   torch.tensor([u for i in group for u in i[1]]), torch.tensor([len(i[1]) for i in group]),
                   torch.tensor([i[2] for i in group]))


def produce(a, seed, out):
    os.nice(5)
    torch.set_num_threads(1)
    mixer = Mixer(a, seed)
    while True:
        for batch in mixer.batch():
            out.put(tuple(t.numpy() for t in batch))


def evaluate(net, a, units, limit, device):
    """Greedy tonal-syllable error on clips held out by speaker, voice or sentence."""
    net.eval()
    figures = {}
    index = {u: i for i, u in enumerate(units)}
    for source in ("aishell_s0150", "words20", "hsk_words", "seedlingo_words", "gcin_syllables", "cantonese_syllables", *MADE):
        if source in MADE:
            clips = [c for path in sorted(glob.glob(f"{a.synth}/eval/{MADE[source]}*.npz")) for c in corpus.load_shard(path, index)]
        else:
            clips = corpus.load(a.cache, source)[1] if os.path.exists(f"{a.cache}/{source}.npz") else []
        if not clips:
            continue
        clips = clips[:: max(1, len(clips) // limit)]
        wrong = toneless = total = 0
        for at in range(0, len(clips), 16):
            part = clips[at:at + 16]
            x = np.zeros((len(part), max(len(c.pcm) for c in part) + 4800), np.float32)
            for row, c in zip(x, part):
                row[1600:1600 + len(c.pcm)] = c.pcm / 32768
            with torch.no_grad(), quick(device):
                logs, _, frames = net(torch.from_numpy(x).to(device),
                                      torch.tensor([len(c.pcm) + 4800 for c in part]).to(device))
            for row, n, c in zip(logs.cpu(), frames, part):
                e, t, k = syllable_errors([units[u] for u in c.ids], [units[u] for u in greedy(row[:n])])
                wrong, toneless, total = wrong + e, toneless + t, total + k
        figures[source] = f"{100 * wrong / max(total, 1):.1f}/{100 * toneless / max(total, 1):.1f}"
    net.train()
    return figures


def main():
    p = argparse.ArgumentParser()
    for name in ("cache", "synth", "units", "start", "out"):
        p.add_argument("--" + name)
    p.add_argument("--minutes", type=float, default=90, help="length of the schedule, over all runs")
    p.add_argument("--seconds", type=float, default=90, help="padded audio a batch")
    p.add_argument("--rate", type=float, default=2.5e-4)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--rounded", action="store_true", help="products in INT8 as on the board: for the last stretch before export")
    p.add_argument("--seed", type=int, default=0, help="another draw of clips and noises, for runs whose weights are averaged")
    p.add_argument("--smoke", action="store_true")
    a = p.parse_args()
    if a.smoke:
        import smoke
        smoke.fill(a)
    torch.set_num_threads(a.threads)
    shape.Linear.rounds = a.rounded
    device = "cuda" if torch.cuda.is_available() else "cpu"
    units = corpus.read_units(a.units)
    net = shape.Hear(len(units)).to(device)
    os.makedirs(a.out, exist_ok=True)
    if a.start:
        print("transferred", shape.transfer(net, a.start, units), "tensors", flush=True)
    average = copy.deepcopy(net)
    new = [q for n, q in net.named_parameters() if ".conv." in n or n.startswith(("head", "dialect"))]
    low = [q for n, q in net.named_parameters() if n.startswith(("conv1", "conv2", "blocks.0", "blocks.1"))
           and ".conv." not in n]
    chosen = {id(q) for q in new + low}
    rest = [q for q in net.parameters() if id(q) not in chosen]
    optimiser = torch.optim.AdamW([{"params": new, "scale": 2.0}, {"params": low, "scale": 0.5},
                                   {"params": rest, "scale": 1.0}], lr=a.rate, betas=(0.9, 0.98), weight_decay=0.01,
                                  fused=True)
    spent, step, heard = 0.0, 0, 0.0
    path = f"{a.out}/hear.pt"
    if os.path.exists(path):
        saved = torch.load(path, map_location=device)
        net.load_state_dict(saved["net"]), average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        spent, step, heard = saved["spent"], saved["step"], saved["heard"]
        print(f"resumed at {spent / 60:.1f} min, step {step}", flush=True)
    batches = multiprocessing.Queue(12)
    worker = multiprocessing.Process(target=produce, args=(a, a.seed + step + 1, batches), daemon=True)
    worker.start()
    rng = np.random.default_rng(a.seed + step)
    ctc = torch.nn.CTCLoss(0, "sum", zero_infinity=True)
    began, last_eval, losses, waited = time.time() - spent, spent, [], 0.0
    while spent < a.minutes * 60:
        t0 = time.time()
        x, lengths, ids, counts, lang = (torch.from_numpy(t).to(device) for t in batches.get())
        waited += time.time() - t0
        with torch.no_grad():
            mel = net.features(x)
            augment.mask(mel, lengths // 160, rng)
        progress = spent / (a.minutes * 60)
        rate = a.rate * min(1, (step + 1) / 150) * max(0.02, 0.5 * (1 + math.cos(math.pi * progress)))
        for g in optimiser.param_groups:
            g["lr"] = rate * g["scale"]
        with quick(device):
            states, frames = net.encode(mel, lengths // 160, int(rng.integers(0, 1500)) // 20 * 20)
            logits = net.head(states)
        logs = logits.float().log_softmax(-1)
        loss = ctc(logs.transpose(0, 1), ids, frames, counts) / counts.sum()
        keep = (torch.arange(states.shape[1], device=device)[None] < frames[:, None]).float()
        pooled = (states.float() * keep[..., None]).sum(1) / keep.sum(1, keepdim=True)
        total = loss + 0.05 * torch.nn.functional.cross_entropy(net.dialect(pooled), lang)
        optimiser.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        step, heard = step + 1, heard + float(lengths.sum()) / 16000
        decay = min(0.9985, (step + 1) / (step + 7))
        with torch.no_grad():
            for p1, p2 in zip(average.parameters(), net.parameters()):
                p1.lerp_(p2, 1 - decay)
        losses.append(loss.item())
        spent = time.time() - began
        if step % 20 == 0 or a.smoke:
            print(f"{spent / 60:5.1f} min step {step} loss {np.mean(losses[-20:]):.3f} heard {heard / 3600:.2f} h "
                  f"waited {waited:.0f} s rate {rate:.1e}", flush=True)
        if spent - last_eval > 480 or spent >= a.minutes * 60:
            last_eval = spent
            torch.save({"net": net.state_dict(), "average": average.state_dict(), "spent": spent, "step": step,
                        "optimiser": optimiser.state_dict(), "heard": heard, "units": units}, path + ".part")
            os.replace(path + ".part", path)
            print(f"{spent / 60:5.1f} min", evaluate(average, a, units, 64, device), flush=True)
            began = time.time() - spent
    worker.terminate()


if __name__ == "__main__":
    main()
