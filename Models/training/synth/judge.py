"""Toneless syllable errors per voice, as the provided Mandarin CTC baseline hears them.

    python judge.py SHARD... [--clips 2] [--limit 40] [--write bad_voices.txt]

Prints voices, worst first; `--write FILE` keeps the names over the limit, which make_ttskit.py then leaves out. The baseline
itself gets 17 % of toneless syllables wrong on people it does not know.
"""
import argparse
import collections
import math

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open

import shards

BASELINE = "data/checkpoints/hear_transfer_baseline.safetensors"
INITIALS = "zh ch sh b p m f d t n l g k h j q x r z c s".split()


class Baseline:
    def __init__(self, path):
        import librosa
        with safe_open(path, "pt") as f:
            self.units = f.metadata()["units"].strip("[]").replace('"', "").replace(",", " ").split()
            self.w = {k: f.get_tensor(k).float() for k in f.keys()}
        self.mel = torch.tensor(librosa.filters.mel(sr=16000, n_fft=400, n_mels=80, fmin=0, fmax=8000))
        position, frequency = torch.arange(1500)[:, None], torch.exp(-math.log(10000) / 255 * torch.arange(256))
        self.positions = torch.cat([torch.sin(position * frequency), torch.cos(position * frequency)], 1)

    def line(self, x, name):
        return F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))

    def norm(self, x, name):
        return F.layer_norm(x, (512,), self.w[name + ".weight"], self.w[name + ".bias"])

    def pick(self, *names):
        return next(n for n in names if n + ".weight" in self.w)

    @torch.no_grad()
    def __call__(self, samples):
        x = F.pad(torch.tensor(samples), (2400, 3200))
        spectrum = torch.stft(x, 400, 160, window=torch.hann_window(400), return_complex=True)[:, :-1].abs() ** 2
        l = torch.log10(torch.clamp(self.mel @ spectrum, min=1e-10))
        l = ((torch.maximum(l, l.max() - 8) + 4) / 4)[None]
        for i in (1, 2):
            l = F.gelu(F.conv1d(l, self.w[f"conv{i}.weight"], self.w[f"conv{i}.bias"], stride=i, padding=1))
        y = l[0].t() + self.positions[: l.shape[2]]
        for i in range(6):
            b = next(p for p in (f"blocks.{i}", f"layers.{i}") if any(k.startswith(p + ".") for k in self.w))
            y = self.block(y, b)
        y = self.norm(y, "norm")
        name = self.pick("depthwise", "conv", "head.depthwise", "local")
        y = y + F.conv1d(y.t()[None], self.w[name + ".weight"], self.w.get(name + ".bias"), padding=2, groups=512)[0].t()
        path = self.line(y, "head.units").argmax(1).tolist()
        return [self.units[u] for i, u in enumerate(path) if u and (i == 0 or u != path[i - 1])]

    def block(self, y, b):
        w = self.w
        names = [k[len(b) + 1 : -7] for k in w if k.startswith(b + ".") and k.endswith(".weight")]
        get = lambda *options: b + "." + next(n for n in options if n in names)
        q, k, v = self.line(self.norm(y, get("norm1", "attention.norm", "ln1")), get("qkv", "attention.qkv")).chunk(3, 1)
        heads = lambda t: t.view(len(t), 8, 64).transpose(0, 1)
        a = F.scaled_dot_product_attention(heads(q), heads(k), heads(v)).transpose(0, 1).reshape(len(y), 512)
        y = y + self.line(a, get("out", "attention.out", "proj"))
        h = F.gelu(self.line(self.norm(y, get("norm2", "ffn.norm", "ln2")), get("up", "ffn.up", "fc1")))
        return y + self.line(h, get("down", "ffn.down", "fc2"))


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def toneless(units):
    """Units to syllables of initial + final without tone."""
    out, initial = [], ""
    for u in units:
        if u[-1].isdigit():
            out.append(initial + u[:-1])
            initial = ""
        else:
            initial = u
    return out


def spelled(pinyin):
    """Pinyin (zhong1 yao4) in the spelling of the units, toneless."""
    from pypinyin.contrib.tone_convert import to_finals, to_initials
    out = []
    for s in pinyin.split():
        base = s[:-1]
        initial, final = to_initials(base, strict=True), to_finals(base, strict=True, v_to_u=False)
        final = {"ue": "ve"}.get(final, final)
        if final == "i" and initial in ("z", "c", "s"):
            final = "ii"
        elif final == "i" and initial in ("zh", "ch", "sh", "r"):
            final = "iii"
        out.append(initial + final)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("shards", nargs="+")
    p.add_argument("--model", default=BASELINE)
    p.add_argument("--clips", type=int, default=2)
    p.add_argument("--limit", type=float, default=40)
    p.add_argument("--most", type=int, default=600, help="clips judged in all")
    p.add_argument("--write")
    p.add_argument("--show", action="store_true")
    a = p.parse_args()
    torch.set_num_threads(1)
    model, by_voice, judged, table = Baseline(a.model), collections.defaultdict(list), 0, {}
    for path in a.shards:
        for samples, row in shards.read(path):
            if len(row["text"]) >= 4:
                by_voice[row["voice"]].append((samples, row))
    for voice in sorted(by_voice, key=lambda v: ("+" in v, v)):
        if judged >= a.most:
            break
        wrong = total = 0
        for samples, row in sorted(by_voice[voice], key=lambda c: -len(c[1]["text"]))[: a.clips]:
            truth, heard = spelled(row["pinyin"]), toneless(model(samples))
            wrong, total, judged = wrong + distance(truth, heard), total + len(truth), judged + 1
            if a.show:
                print(row["text"], " ".join(truth), "|", " ".join(heard))
        table[voice] = 100 * wrong / total
    for voice, error in sorted(table.items(), key=lambda x: -x[1]):
        print(f"{error:6.1f} %  {voice}")
    print(f"mean {np.mean(list(table.values())):.1f} %, median {np.median(list(table.values())):.1f} %, voices {len(table)}")
    if a.write:
        with open(a.write, "w", encoding="utf8") as f:
            f.writelines(v.split(":", 1)[1] + "\n" for v, e in sorted(table.items()) if e > a.limit and "+" not in v)


if __name__ == "__main__":
    main()
