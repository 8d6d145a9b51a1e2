"""Multi-speaker Mandarin from the ttskit weights: python make_ttskit.py --out DIR --hours 3 [--smoke] [--device cuda]

Resumes: shards already in DIR are kept and counted, new ones are numbered on. Voices: AISHELL-3 speaker names, the package's
named voices, and random convex mixtures of two vectors. Four voices are never drawn for training.
"""
import argparse
import glob
import json
import os
import random
import sys
import time

import numpy as np
import torch

import judge
import shards
import ttskit_engine
from texts import TextPool, pronounce
from voices import AISHELL3, EVALUATION, HELD_OUT, NAMED

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from quick import quick  # noqa: E402


class Ears:
    """Judges every clip with the CTC baseline and remembers each voice's errors, so that bad voices are soon left out."""

    def __init__(self, path, limit=0.5):
        self.path, self.limit, self.model = path, limit, judge.Baseline(judge.BASELINE)
        self.table = json.load(open(path)) if os.path.exists(path) else {}

    def good(self, name, samples, pinyin):
        truth = judge.spelled(pinyin)
        with quick():
            heard = judge.toneless(self.model(samples))
        wrong = min(len(truth), judge.distance(truth, heard))
        row = self.table.setdefault(name, [0, 0, 0])
        for i, v in enumerate((wrong, len(truth), 1)):
            row[i] += v
        return wrong <= self.limit * len(truth)

    def bad(self):
        return {v for v, (wrong, total, clips) in self.table.items() if clips >= 2 and wrong > 0.45 * total}

    def save(self):
        with open(self.path + ".tmp", "w") as f:
            json.dump(self.table, f)
        os.rename(self.path + ".tmp", self.path)


def filter_shards(a, ears):
    """Judges the shards present and drops their bad clips (they are rewritten in place)."""
    for path in sorted(glob.glob(f"{a.out}/{a.name}-*.npz")):
        with np.load(path) as z:
            data = {k: z[k] for k in z.files}
        o, pcm = data["offsets"], data["pcm"]
        keep = [i for i in range(len(o) - 1) if ears.good(data["voice"][i].split(":")[1], pcm[o[i] : o[i + 1]].astype(
            np.float32) / 32768, str(data["pinyin"][i]))]
        out = {k: v[keep] for k, v in data.items() if k not in ("pcm", "offsets")}
        clips = [pcm[o[i] : o[i + 1]] for i in keep]
        with open(path + ".tmp", "wb") as f:
            np.savez(f, pcm=np.concatenate(clips), offsets=np.cumsum([0] + [len(c) for c in clips]).astype(np.int64), **out)
        os.rename(path + ".tmp", path)
        print(path, f"kept {len(keep)} of {len(o) - 1}", flush=True)
        ears.save()


def voice(rng, bad):
    kind = rng.random()
    pool = [v for v in AISHELL3 if v not in HELD_OUT and v not in bad]
    if kind < 0.62:
        name = rng.choice(pool)
        return name, ttskit_engine.speaker_vector(name)
    if kind < 0.72:
        name = rng.choice([v for v in NAMED if v not in HELD_OUT and v not in bad])
        return name, ttskit_engine.speaker_vector(name)
    a, b, mix = *rng.sample(pool, 2), rng.choice([0.25, 0.4, 0.5])
    vector = mix * ttskit_engine.speaker_vector(a) + (1 - mix) * ttskit_engine.speaker_vector(b)
    return f"{a}*{mix}+{b}", vector.astype(np.float32)


def synthesise(jobs, tacotron, vocoder, writer, stats, ears):
    """jobs: (text, voice name, vector, citation, surface, ids, spans), one batch."""
    with quick():
        mels = tacotron([j[5] for j in jobs], [j[2] for j in jobs])
    for job, result in zip(jobs, mels):
        stats["tried"] += 1
        if result is None:
            continue
        mel, seen = result
        if not ttskit_engine.went_through(seen, job[6]):
            continue
        with quick():
            samples = vocoder(mel)
        samples = shards.to_16k(samples, ttskit_engine.SAMPLE_RATE)
        if samples is None or not np.isfinite(samples).all():
            continue
        stats["made"] += len(samples) / shards.RATE
        if ears and not ears.good(job[1], samples, " ".join(job[3])):
            continue
        stats["kept"] += 1
        stats["seconds"] += len(samples) / shards.RATE
        writer.add(samples, text=job[0].replace(",", ""), voice="ttskit:" + job[1], lang="zh", pinyin=" ".join(job[3]),
                   surface=" ".join(s for s in job[4] if s != ","))


def prepare(text, name, vector, phones):
    citation, surface = pronounce(text)
    if len(citation) != len(text.replace(",", "")):
        return None
    coded = phones(surface + ["."])
    return None if coded is None else (text, name, vector, citation, surface, *coded)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--out", default="data/synth")
    p.add_argument("--hours", type=float, default=3.5)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--seed", type=int, default=None, help="default: differs with the number of shards present")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--name", default="ttskit")
    p.add_argument("--sample", type=int, default=0, help="instead: N fixed clips for every voice, to judge the voices")
    p.add_argument("--evaluation", action="store_true", help="instead: the held-out texts in the held-out voices")
    p.add_argument("--no-judge", action="store_true", help="keep every clip whose attention came to its end")
    p.add_argument("--filter", action="store_true", help="instead: judge the shards present and drop their bad clips")
    p.add_argument("--smoke", action="store_true", help="one batch of four clips into --out")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    os.makedirs(a.out, exist_ok=True)
    ears = None if a.no_judge else Ears(os.path.join(a.out, "voices.json"))
    if a.filter:
        return filter_shards(a, ears)
    pool, phones = TextPool(), ttskit_engine.Phones()
    tacotron, vocoder = ttskit_engine.Tacotron(device=a.device), ttskit_engine.MelGAN(device=a.device)
    writer = shards.Writer(a.out, a.name, 60 if a.smoke else 360)
    stats, start = dict(tried=0, kept=0, seconds=0.0, made=0.0), time.time()
    rng = random.Random(writer.next * 7919 + 11 if a.seed is None else a.seed)
    torch.manual_seed(rng.randrange(1 << 30))

    def run(jobs):
        jobs.sort(key=lambda j: len(j[5]))
        for i in range(0, len(jobs), a.batch):
            synthesise(jobs[i : i + a.batch], tacotron, vocoder, writer, stats, ears)

    if a.evaluation:
        jobs, texts = [], pool.evaluation()
        with open(os.path.join(a.out, "texts.tsv"), "w", encoding="utf8") as f:
            f.writelines(f"{kind}\t{text.replace(',', '')}\n" for kind, text in texts)
        for k, (kind, text) in enumerate(texts):
            name = EVALUATION[k % len(EVALUATION)]
            job = prepare(text, name, ttskit_engine.speaker_vector(name), phones)
            if job:
                jobs.append(job)
        run(jobs)
    elif a.sample:
        for name in AISHELL3 + NAMED:
            vector = ttskit_engine.speaker_vector(name)
            run([j for t in (pool.draw(rng) for _ in range(a.sample)) if (j := prepare(t, name, vector, phones))])
    else:
        present = 0.0
        for f in glob.glob(f"{a.out}/{a.name}-*.npz"):
            with np.load(f) as z:
                present += z["offsets"][-1] / shards.RATE / 3600
        while present + stats["seconds"] / 3600 < a.hours:
            jobs, bad = [], ears.bad() if ears else set()
            while len(jobs) < (4 if a.smoke else 4 * a.batch):
                job = prepare(pool.draw(rng), *voice(rng, bad), phones)
                if job:
                    jobs.append(job)
            run(jobs)
            rtf = (time.time() - start) / max(stats["seconds"], 1)
            print(f"kept {stats['kept']}/{stats['tried']}, {stats['seconds']:.0f} of {stats['made']:.0f} s, {len(bad)} voices "
                  f"dropped, wall RTF {rtf:.2f}", flush=True)
            if ears:
                ears.save()
            if a.smoke:
                break
    writer.flush()


if __name__ == "__main__":
    main()
