"""What the network learns from Hear's states with: the training texts spoken by Ting's own voices, in rooms and noise, and heard.

    python sounds.py speak --ting ../../../.build/release/ting --cache CACHE --out data/think/sounds --count 12000
    python sounds.py unheard --ting ../../../.build/release/ting --shards SHARDS --out data/think/sounds
    python sounds.py states --weights ../../hear.safetensors --out data/think/sounds

`speak` makes shards of noisy clips with what was said and what `ting transcribe` wrote; `unheard` takes the clips of spoken.py, in voices
that no training knows; `states` adds what Hear's encoder makes of them (means of four frames, as the network takes them), which belongs
to one set of weights and is made anew for others. Everything is synthetic.
"""
import argparse
import glob
import os
import random
import re
import subprocess
import sys
import tempfile

import numpy as np
import soundfile

import data

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "hear"))
sys.path.append(os.path.join(HERE, "..", "synth"))
import evaluate  # noqa: E402
import shards  # noqa: E402
VOICES = ["lan", "mei", "yu", "kai", "rong"]
COUNTS = {"nlpcc2018": 0.6, "cais": 0.2, "smp2019": 0.08, "smp2020": 0.12}  # shares of the clips


def wanted(count, rng):
    """(domain, text) of training turns alone; the car logs' development texts come apart, as (domain, text) too."""
    import texts
    chosen, apart = [], []
    for domain, (train, dev) in data.load_all().items():
        dev_texts = {t[0] for s in dev for t in s}
        pool = sorted({t[0] for s in train for t in s} - dev_texts)
        pool = [t for t in pool if len(t) <= 24 and re.search("[\u4e00-\u9fff]", t) and not texts.held_out(t, texts.EVALUATION_SHARE)]
        rng.shuffle(pool)
        chosen += [(domain, t) for t in pool[:int(count * COUNTS[domain])]]
        if domain == "nlpcc2018":
            pool = sorted(t for t in dev_texts - {t[0] for s in train for t in s} if len(t) <= 24 and re.search("[\u4e00-\u9fff]", t))
            rng.shuffle(pool)
            apart = [(domain, t) for t in pool[:count // 20]]
    rng.shuffle(chosen)
    return chosen, apart


def say(ting, text, rng):
    """16 kHz samples of a text in one of the voices, or None."""
    with tempfile.TemporaryDirectory() as folder:
        command = [ting, "say", text, "--voice", rng.choice(VOICES), "--rate", f"{rng.uniform(0.85, 1.3):.2f}",
                   f"--pitch={rng.uniform(-2.5, 2.5):.1f}", "--out", f"{folder}/said.wav"]
        if subprocess.run(command, capture_output=True).returncode:
            return None
        return shards.to_16k(*soundfile.read(f"{folder}/said.wav", dtype="float32"))


def transcribed(ting, clips):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for n, x in enumerate(clips):
            paths.append(f"{folder}/{n}.wav")
            soundfile.write(paths[-1], x, 16000, subtype="PCM_16")
        return evaluate.run(ting, ["transcribe", "--lang", "zh"], paths)


def speak(a):
    import augment
    import corpus
    rng = random.Random(a.seed)
    noises = [(1, [pcm for _, pcm in source if pcm.any()]) for source in corpus.noises(a.cache)[0].values()]
    augmenter = augment.Augmenter(noises, a.seed)
    chosen, apart = wanted(a.count, rng)
    for name, pairs in (("development", apart), ("train", chosen)):
        writer = shards.Writer(a.out, name, 900)
        done = sum(len(np.load(p)["text"]) for p in glob.glob(f"{a.out}/{name}-[0-9][0-9][0-9].npz"))
        for at in range(done, len(pairs), 100):
            spoken = []
            for domain, text in pairs[at:at + 100]:
                # Half of the clips as they are and half in a room, in noise, through a line.
                x = say(a.ting, text, rng)
                if x is not None:
                    spoken.append((augmenter.channel(augmenter.voice(x, 0.7), rng.choice([0, 1])), domain, text))
            for (x, domain, text), heard in zip(spoken, transcribed(a.ting, [x for x, _, _ in spoken])):
                writer.add(x, domain=domain, text=text, heard=heard)
        writer.flush()


def unheard(a):
    """The car logs in voices that no training knows (spoken.py makes the shards), for measuring."""
    clips = [(c.pcm.astype(np.float32) / 32768, c.text) for c in evaluate.shard_clips(a.shards, "nlpcc")]
    writer = shards.Writer(a.out, "unheard", 3600)
    for (x, text), heard in zip(clips, transcribed(a.ting, [x for x, _ in clips])):
        writer.add(x, domain="nlpcc2018", text=text, heard=heard)
    writer.flush()


def states(a):
    import torch

    import model  # that of ../hear, which stands first in the path
    torch.set_num_threads(1)
    state = model.exported(a.weights)
    net = model.Hear(state["head.weight"].shape[0])
    net.load_state_dict(state)
    net.eval()
    for path in sorted(glob.glob(f"{a.out}/*-[0-9][0-9][0-9].npz")):
        with np.load(path) as z:
            pcm, offsets = z["pcm"], z["offsets"]
        order = np.argsort(np.diff(offsets), kind="stable")
        found = {}
        for at in range(0, len(order), 16):
            some = order[at:at + 16]
            x = np.zeros((len(some), int(np.diff(offsets)[some].max()) + 4800), np.float32)
            for row, i in zip(x, some):
                row[1600:1600 + offsets[i + 1] - offsets[i]] = pcm[offsets[i]:offsets[i + 1]] / 32768
            with torch.no_grad():
                _, out, frames = net(torch.from_numpy(x), torch.tensor([int(offsets[i + 1] - offsets[i]) + 4800 for i in some]))
            for y, n, i in zip(out, frames, some):
                n = int(n) // 4 * 4
                found[i] = y[:n].view(-1, 4, model.WIDTH).mean(1).half().numpy()
        parts = [found[i] for i in range(len(order))]
        rows = np.cumsum([0] + [len(part) for part in parts])
        np.savez(path.replace(".npz", ".states.npz"), states=np.concatenate(parts), rows=rows)
        print(path, rows[-1], "rows", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("step", choices=["speak", "unheard", "states"])
    p.add_argument("--ting")
    p.add_argument("--cache", help="where ../hear/corpus.py put the noises")
    p.add_argument("--shards", help="where spoken.py put its clips")
    p.add_argument("--weights", default=os.path.join(HERE, "..", "..", "hear.safetensors"))
    p.add_argument("--out", default="data/think/sounds")
    p.add_argument("--count", type=int, default=12000)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    {"speak": speak, "unheard": unheard, "states": states}[a.step](a)


if __name__ == "__main__":
    main()
