"""Distil Resemblyzer's speaker embedding into a small convolutional encoder; measure; export.

    python train.py --cache CACHE --ravdess DIR --synth SHARDS --out RUN --minutes 5   (CPU minutes; resumes; --device cuda)
    python train.py --measure …      cosine to the teacher and equal-error rates on held-out people
    python train.py --export Models/speaker.safetensors --fixture Tests/SpeakTests/Fixtures/speaker_reference.json
    python train.py --smoke          under a minute, on generated sound, no teacher package needed
"""
import argparse
import collections
import glob
import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from model import RATE, Encoder, Power, Teacher  # noqa: E402

SOURCES = ["words20", "english_l2", "wakewords", "hsk_words", "aishell_s0150", "cantonese_syllables"]
LENGTH = int(1.6 * RATE)


def held_out(source, speaker):
    """Speakers that no training sees; all of RAVDESS is held out as well."""
    return (source == "words20" and int(speaker[1:]) >= 18) or (source == "english_l2" and int(speaker) % 5 == 3)


def segments(clips, rng, most):
    """1.6 s pieces of one speaker: short clips are joined, pauses at the ends left as they are."""
    out, buffer = [], np.zeros(0, np.float32)
    for i in rng.permutation(len(clips)):
        buffer = np.concatenate([buffer, clips[i].astype(np.float32) / 32768])
        while len(buffer) >= LENGTH and len(out) < most:
            out.append(buffer[:LENGTH])
            buffer = np.zeros(0, np.float32) if len(clips[i]) < LENGTH else buffer[LENGTH:][: 2 * LENGTH]
        if len(out) >= most:
            break
    return out


def people(a, development):
    """{speaker: [1.6 s segments]}"""
    rng, out = np.random.default_rng(3), {}
    for source in SOURCES:
        path = f"{a.cache}/{source}.npz"
        if not os.path.exists(path) or (development and source not in ("words20", "english_l2")):
            continue
        with np.load(path) as z:
            pcm, o, rows = z["pcm"], z["offsets"], z["rows"]
        by = collections.defaultdict(list)
        for i, row in enumerate(rows):
            speaker = str(row[1])
            if held_out(source, speaker) == development:
                by[speaker].append(pcm[o[i] : o[i + 1]])
        most = {"words20": 70, "english_l2": 10, "wakewords": 1}.get(source, 220)
        for speaker, clips in by.items():
            found = segments(clips, rng, 20 if development else most)
            if found:
                out[f"{source}/{speaker}"] = found
    if not development:
        for path in sorted(glob.glob(f"{a.synth}/*.npz")):
            with np.load(path) as z:
                pcm, o, voices = z["pcm"], z["offsets"], z["voice"]
            for i, v in enumerate(voices):
                if o[i + 1] - o[i] >= LENGTH and len(out.setdefault(f"synth/{v}", [])) < 6:
                    out[f"synth/{v}"].append(pcm[o[i] : o[i] + LENGTH].astype(np.float32) / 32768)
    elif a.ravdess and os.path.exists(a.ravdess):
        import soundfile
        by = collections.defaultdict(list)
        lines = [l.split("\t") for l in open(f"{a.ravdess}/manifest.tsv", encoding="utf8").read().splitlines()[1:]]
        for i in rng.permutation(len(lines)):
            name, speaker = lines[i][0], lines[i][2]
            if len(by[speaker]) < 10:
                x, rate = soundfile.read(f"{a.ravdess}/{name}", dtype="float32")
                x = x if x.ndim == 1 else x.mean(1)
                if rate != RATE:
                    from scipy.signal import resample_poly
                    x = resample_poly(x, RATE // 100, rate // 100)
                by[speaker].append((x * 32767).astype(np.int16))
        for speaker, clips in by.items():
            out[f"ravdess/{speaker}"] = segments(clips, rng, 10)
    return out


def generated():
    rng, t = np.random.default_rng(0), np.arange(LENGTH) / RATE
    voice = lambda f: sum(np.sin(2 * np.pi * f * k * t + rng.uniform(0, 6)) / k for k in range(1, 9)) * 0.1
    return {f"made/{i}": [(voice(f * rng.uniform(0.95, 1.05)) + 0.01 * rng.standard_normal(LENGTH)).astype(np.float32)
                          for _ in range(4)] for i, f in enumerate(rng.uniform(80, 300, 8))}


def embed(net, samples, size=64):
    with torch.no_grad():
        return torch.cat([net(torch.tensor(np.stack(samples[i : i + size]))) for i in range(0, len(samples), size)])


def augment(x, rng):
    """Noise, tilt and level: the embedding should follow the throat, not the microphone."""
    n = rng.standard_normal(x.shape).astype(np.float32)
    if rng.random() < 0.5:
        n = np.cumsum(n, 1) * 0.05
        n -= n.mean(1, keepdims=True)
    gain = np.sqrt((x**2).mean(1, keepdims=True)) / (n.std(1, keepdims=True) + 1e-6)
    snr = rng.uniform(10, 50, (len(x), 1)).astype(np.float32)
    x = x + n * gain * 10 ** (-snr / 20)
    a = rng.uniform(-0.3, 0.4, (len(x), 1)).astype(np.float32)
    return (x - a * np.pad(x, ((0, 0), (1, 0)))[:, :-1]).astype(np.float32)


def train(a):
    data_path, path = os.path.join(a.out, "teacher.npz"), os.path.join(a.out, "speaker.pt")
    clock = time.process_time if a.device == "cpu" else time.time
    if a.smoke:
        pieces = [s for v in generated().values() for s in v]
        x = np.stack(pieces)
        target = F.normalize(torch.rand(len(x), 256), dim=1)
    elif os.path.exists(data_path):
        with np.load(data_path) as z:
            x, target = z["x"].astype(np.float32) / 32768, torch.tensor(z["target"])
    else:
        crowd, start = people(a, False), clock()
        pieces = [s for v in crowd.values() for s in v]
        order = np.random.default_rng(1).permutation(len(pieces))[: a.segments]
        pieces = [pieces[i] for i in order]
        target, x = embed(Teacher(), pieces), np.stack(pieces)
        np.savez(data_path, x=(x * 32767).astype(np.int16), target=target.numpy())
        print(f"{len(crowd)} speakers, {len(x)} segments, teacher {clock() - start:.0f} s", flush=True)
    power, net = Power().to(a.device), Encoder().to(a.device)
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    spent, step, rng = 0.0, 0, np.random.default_rng(0)
    if os.path.exists(path):
        saved = torch.load(path, map_location=a.device)
        net.load_state_dict(saved["net"])
        optimiser.load_state_dict(saved["optimiser"])
        spent, step = saved["spent"], saved["step"]
        rng = np.random.default_rng(step)
    else:
        l = torch.log10(torch.clamp(power(torch.tensor(x[:256]).to(a.device)), min=1e-10))
        l = (l - l.mean((1, 2), keepdim=True)).flatten(0, 1)
        net.mean.copy_(l.mean(0))
        net.deviation.copy_(l.std(0))
    before, start, saved_at, losses = spent, clock(), spent, []

    def save():
        torch.save(dict(net=net.state_dict(), optimiser=optimiser.state_dict(), spent=spent, step=step), path + ".tmp")
        os.rename(path + ".tmp", path)

    net.train()
    while spent < a.minutes and not (a.smoke and step >= 20):
        rate = float(2e-3 * min(1, (step + 1) / 20) * max(0.01, 0.5 + 0.5 * np.cos(np.pi * min(1, spent / a.minutes))))
        for group in optimiser.param_groups:
            group["lr"] = rate
        pick = rng.choice(len(x), min(64, len(x)), replace=False)
        mel = power(torch.tensor(augment(x[pick], rng)).to(a.device))
        width = int(rng.integers(100, mel.shape[1] + 1))
        at = int(rng.integers(0, mel.shape[1] - width + 1))
        y, t = net(mel[:, at : at + width]), target[pick].to(a.device)
        # Cosine to the teacher, and the same likeness between any two clips as the teacher sees.
        loss = (1 - (y * t).sum(1)).mean() + 2 * F.mse_loss(y @ y.t(), t @ t.t())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        losses.append(loss.item())
        spent = before + (clock() - start) / 60
        if step % 25 == 0:
            print(f"{spent:5.2f} min step {step} loss {np.mean(losses[-25:]):.4f}", flush=True)
        if spent - saved_at > 0.5:
            saved_at = spent
            save()
    save()


def load(a):
    net = Encoder()
    net.load_state_dict(torch.load(os.path.join(a.out, "speaker.pt"), map_location="cpu")["net"])
    return net.eval()


def equal_error(scores, same):
    order = np.argsort(-scores)
    same = same[order]
    accepted, misses = np.cumsum(~same) / (~same).sum(), 1 - np.cumsum(same) / same.sum()
    i = np.argmin(np.abs(accepted - misses))
    return 100 * (accepted[i] + misses[i]) / 2


def measure(a):
    crowd, teacher, net, power = people(a, True), Teacher(), quantised(load(a)), Power()
    result = {}
    for group in ("words20", "english_l2", "ravdess"):
        who = [k for k in crowd if k.startswith(group)]
        pieces = [s for k in who for s in crowd[k]]
        if not pieces:
            continue
        labels = np.array([k for k in who for _ in crowd[k]])
        t, s = embed(teacher, pieces), embed(lambda v: net(power(v)), pieces)
        pairs = np.triu_indices(len(pieces), 1)
        same = (labels[:, None] == labels[None])[pairs]
        row = {"speakers": len(who), "segments": len(pieces), "cosine": round(float((t * s).sum(1).mean()), 4),
               "eer": round(equal_error((s @ s.t()).numpy()[pairs], same), 2),
               "teacher_eer": round(equal_error((t @ t.t()).numpy()[pairs], same), 2)}
        # Three clips a side, as when a voice is enrolled: mean vectors of disjoint halves.
        halves = {}
        for name, v in (("", s), ("teacher_", t)):
            left, right, who3 = [], [], []
            for k in who:
                i = np.flatnonzero(labels == k)
                for j in range(0, len(i) - 5, 6):
                    left.append(F.normalize(v[i[j : j + 3]].mean(0), dim=0))
                    right.append(F.normalize(v[i[j + 3 : j + 6]].mean(0), dim=0))
                    who3.append(k)
            who3 = np.array(who3)
            m = (torch.stack(left) @ torch.stack(right).t()).numpy()
            halves[name + "eer_3x3"] = round(equal_error(m.ravel(), (who3[:, None] == who3[None]).ravel()), 2)
        row.update(halves)
        row = {k: float(v) if isinstance(v, float) else v for k, v in row.items()}
        result[group] = row
        print(group, row, flush=True)
    with open(os.path.join(a.out, "figures.json"), "w") as f:
        json.dump(result, f)


def quantised(net):
    """Batch norm folded, convolutions and output rounded to INT8 as exported: a function of mel power."""
    from safetensors_aligned import quantise
    rounded = lambda w: (lambda q, s: q.float() * s.view(-1, *[1] * (w.dim() - 1)))(*quantise(w))
    layers = [(w if i == 0 else rounded(w), b) for i, (w, b) in enumerate((w.detach(), b.detach()) for w, b in net.folded())]
    out = rounded(net.out.weight.detach())

    @torch.no_grad()
    def run(mel):
        x = net.normalise(mel).transpose(1, 2)
        for i, (w, b) in enumerate(layers):
            d = (1, 1, 2, 3, 1)[i]
            y = F.relu(F.conv1d(x, w, b, stride=2 if i == 0 else 1, padding=(w.shape[2] // 2) * d, dilation=d))
            x = x + y if i in (1, 2, 3) else y
        mean = x.mean(2)
        deviation = torch.sqrt(torch.clamp((x * x).mean(2) - mean * mean, min=1e-6))
        return F.normalize(F.relu(F.linear(torch.cat([mean, deviation], 1), out, net.out.bias)) + 1e-6, dim=1)

    return run


def export(a):
    from safetensors_aligned import quantise, save
    net, power, out = load(a), Power(), {}
    out["feature.window"], out["feature.mel"] = power.window, power.mel
    out["feature.mean"], out["feature.deviation"] = net.mean, net.deviation
    for i, (w, b) in enumerate(net.folded()):
        w = w.detach().permute(0, 2, 1).reshape(w.shape[0], -1).contiguous()
        name = f"conv{i + 1}"
        if i == 0:
            out[name + ".weight"] = w
        else:
            out[name + ".weight"], out[name + ".scale"] = quantise(w)
        out[name + ".bias"] = b.detach()
    out["output.weight"], out["output.scale"] = quantise(net.out.weight.detach())
    out["output.bias"] = net.out.bias.detach()
    figures = os.path.join(a.out, "figures.json")
    save({k: v.contiguous() for k, v in out.items()}, {
        "part": "speaker", "version": "1", "licence": "Apache-2.0; distilled from Resemblyzer (Apache-2.0)",
        "training": "words20 (18 students), english_l2 (200 readers), wakewords, hsk_words, AISHELL-1 S0150, "
                    "cantonese_syllables, synthetic voices",
        "figures": open(figures).read() if os.path.exists(figures) else "{}",
        "config": json.dumps(dict(rate=RATE, window=400, hop=160, mels=40, size=256)),
    }, a.export)
    count = sum(v.numel() for k, v in out.items() if not k.startswith("feature") and not k.endswith("scale"))
    print(a.export, os.path.getsize(a.export), "bytes,", count, "parameters")
    if a.fixture:
        t, rng = np.arange(RATE) / RATE, np.random.default_rng(2)
        phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 2 * t)) / RATE
        x = sum(np.sin(k * phase) / k**0.8 for k in range(1, 30)) * 0.03 * (1 + 0.5 * np.sin(2 * np.pi * 4 * t))
        x = np.round(np.clip(x + 0.001 * rng.standard_normal(RATE), -1, 1) * 32767).astype(np.int16)
        mel = power(torch.tensor(x / 32768.0, dtype=torch.float32)[None])
        e = quantised(net)(mel)[0]
        os.makedirs(os.path.dirname(a.fixture) or ".", exist_ok=True)
        with open(a.fixture, "w") as f:
            json.dump({"note": "int16 samples at 16 kHz; unit vector with INT8 weights and float activations",
                       "samples": x.tolist(), "frames": int(mel.shape[1]),
                       "embedding": [round(float(v), 6) for v in e]}, f)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--cache", default="data/cache")
    p.add_argument("--ravdess", default="data/speech/emotion_ravdess")
    p.add_argument("--synth", default="data/synth")
    p.add_argument("--out", default="data/speaker")
    p.add_argument("--minutes", type=float, default=4)
    p.add_argument("--segments", type=int, default=5000)
    p.add_argument("--device", default="cpu")
    p.add_argument("--measure", action="store_true")
    p.add_argument("--export")
    p.add_argument("--fixture")
    p.add_argument("--smoke", action="store_true")
    a = p.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    if a.smoke:
        a.out = a.out if a.out != p.get_default("out") else "/tmp/speaker-smoke"
    os.makedirs(a.out, exist_ok=True)
    if a.measure:
        measure(a)
    elif a.export:
        export(a)
    else:
        train(a)
        if a.smoke:
            a.export = os.path.join(a.out, "speaker.safetensors")
            export(a)


if __name__ == "__main__":
    main()
