"""Train, measure and export the gate.

    python train.py --cache CACHE --out RUN --minutes 10      (CPU minutes; resumes from RUN/gate.pt; --device cuda;
                                                               --start ../../gate.safetensors goes on from shipped weights)
    python train.py --measure --cache CACHE --out RUN         (ROC-AUC beside silero-vad on unseen people and noises)
    python train.py --export Models/gate.safetensors --fixture Tests/HearTests/Fixtures/gate_reference.json --out RUN
    python train.py --smoke                                   (under a minute, on generated sound)
"""
import argparse
import json
import os
import sys
import time

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from mixes import HOP, RATE, Mixer, Pools  # noqa: E402
from model import LOOK_AHEAD, Features, Gate  # noqa: E402


def auc(labels, scores):
    """Area under the ROC curve by ranks, ties shared."""
    labels, scores = np.asarray(labels, bool), np.asarray(scores, np.float64)
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    p, n = labels.sum(), (~labels).sum()
    return float((ranks[labels].sum() - p * (p + 1) / 2) / (p * n))


def batch(mixer, size, seconds):
    rows = [mixer.stream(seconds) for _ in range(size)]
    return torch.tensor(np.stack([r[0] for r in rows])), torch.tensor(np.stack([r[1] for r in rows]), dtype=torch.float32)


def train(a):
    pools = Pools.generated() if a.smoke else Pools(a.cache, False)
    features, net = Features().to(a.device), Gate().to(a.device)
    average = Gate().to(a.device)
    path, spent, step = os.path.join(a.out, "gate.pt"), 0.0, 0
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-3)
    if os.path.exists(path):
        saved = torch.load(path, map_location=a.device)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        spent, step = saved["spent"], saved["step"]
        print(f"resumed at step {step}, {spent:.1f} min")
    mixer = Mixer(pools, 1000 + step)
    if step == 0 and a.start:
        for n in (net, average):
            n.load_state_dict(shipped(a.start))
    elif step == 0:
        mel = features(batch(mixer, 8 if a.smoke else 32, 8)[0].to(a.device)).flatten(0, 1)
        for n in (net, average):
            n.mean.copy_(mel.mean(0))
            n.deviation.copy_(mel.std(0) + 1e-3)
        average.load_state_dict(net.state_dict())
    clock = time.process_time if a.device == "cpu" else time.time
    before, start, saved_at, losses = spent, clock(), spent, []

    def save():
        torch.save(dict(net=net.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(), spent=spent,
                        step=step), path + ".tmp")
        os.rename(path + ".tmp", path)

    while spent < a.minutes and not (a.smoke and step >= 20):
        rate = float(a.rate * min(1, (step + 1) / 30) * max(0.02, 0.5 + 0.5 * np.cos(np.pi * min(1, spent / a.minutes))))
        for group in optimiser.param_groups:
            group["lr"] = rate
        x, y = batch(mixer, 4 if a.smoke else a.batch, a.seconds)
        x, y = x.to(a.device), y.to(a.device)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(features(x))[:, LOOK_AHEAD:], y[:, :-LOOK_AHEAD])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        keep = min(0.98, step / (step + 20))
        with torch.no_grad():
            for p, q in zip(average.parameters(), net.parameters()):
                p.lerp_(q, 1 - keep)
        losses.append(loss.item())
        spent = before + (clock() - start) / 60
        if step % 20 == 0:
            print(f"{spent:5.1f} min step {step} loss {np.mean(losses[-20:]):.3f} rate {rate:.1e}", flush=True)
        if spent - saved_at > 0.25:
            saved_at = spent
            save()
    save()
    return average


def load(a):
    net = Gate()
    net.load_state_dict(torch.load(os.path.join(a.out, "gate.pt"), map_location="cpu")["average"])
    return net.eval()


def quantised(net):
    """The same net with INT8 weights where the export has them (weights only; activations stay float)."""
    from safetensors_aligned import quantise
    for name, p in net.named_parameters():
        if p.dim() > 1 and not name.startswith(("conv1", "output")):
            q, s = quantise(p.data)
            p.data = q.float() * s.view(-1, *[1] * (p.dim() - 1))
    return net


@torch.no_grad()
def measure(a):
    """Held-out speakers and noise files, no synthetic noise, fixed seed; Silero's 32 ms answers count for both frames."""
    pools, features = Pools(a.cache, True, most=600), Features()
    nets = {"gate": load(a), "gate INT8 weights": quantised(load(a))}
    try:
        from silero_vad import load_silero_vad
        silero = load_silero_vad(onnx=False)
    except ImportError:
        silero = None
    mixer, table = Mixer(pools, 99), {}
    for snr in (0, 5, 10, 20):
        for _ in range(a.streams):
            x, y, _ = mixer.stream(12.0, snr=snr, synthetic=0.0, plain=True)
            row = table.setdefault(snr, {"labels": []})
            m = (len(y) - LOOK_AHEAD) // 2 * 2
            row["labels"].append(y[:m])
            for name, net in nets.items():
                row.setdefault(name, []).append(net(features(torch.tensor(x)[None]))[0].numpy()[LOOK_AHEAD:][:m])
            if silero:
                silero.reset_states()
                p = [silero(torch.tensor(x[i : i + 512]), RATE).item() for i in range(0, m * HOP, 512)]
                row.setdefault("silero", []).append(np.repeat(p, 2)[:m])
    result = {}
    names = [n for n in next(iter(table.values())) if n != "labels"]
    for name in names:
        parts = {s: [np.concatenate(r["labels"]), np.concatenate(r[name])] for s, r in table.items()}
        result[name] = {f"{s} dB": round(auc(*v), 4) for s, v in parts.items()}
        result[name]["all"] = round(auc(np.concatenate([v[0] for v in parts.values()]),
                                        np.concatenate([v[1] for v in parts.values()])), 4)
        print(f"{name:18s}", result[name], flush=True)
        half = 0.5 if name == "silero" else 0.0  # the gates answer with log odds
        print("  at 0.5, speech found and others taken for speech:", {
            f"{level} dB": [round(float((score[frames] > half).mean()), 3) for frames in (said, ~said)]
            for level, (said, score) in parts.items()}, flush=True)
    with open(os.path.join(a.out, "figures.json"), "w") as f:
        json.dump({"frame_roc_auc": result, "streams": f"{a.streams} x 12 s at each of 0, 5, 10, 20 dB"}, f)


def tensors(net):
    from safetensors_aligned import quantise
    features, state, out = Features(), net.state_dict(), {}
    out["feature.window"], out["feature.mel"] = features.window, features.mel
    out["feature.mean"], out["feature.deviation"] = state["mean"], state["deviation"]
    plain = {"output.weight": state["output.weight"], "output.bias": state["output.bias"]}
    for name in ("conv1", "conv2"):
        w = state[name + ".weight"]
        plain[name + ".weight"] = w.permute(0, 2, 1).reshape(w.shape[0], -1).contiguous()
        plain[name + ".bias"] = state[name + ".bias"]
    for i in (0, 1):
        for part, key in (("input", "ih"), ("hidden", "hh")):
            plain[f"gru{i + 1}.{part}.weight"] = state[f"gru.weight_{key}_l{i}"]
            plain[f"gru{i + 1}.{part}.bias"] = state[f"gru.bias_{key}_l{i}"]
    for name, value in plain.items():
        base = name.rsplit(".", 1)[0]
        if name.endswith(".weight") and base not in ("conv1", "output"):
            out[name], out[base + ".scale"] = quantise(value)
        else:
            out[name] = value
    return {k: v.contiguous() for k, v in out.items()}


def shipped(path):
    """The state of the net that an exported file holds; what was quantised comes back as its rounded floats."""
    from safetensors_aligned import dequantised
    held, _ = dequantised(path)
    state = {"mean": held["feature.mean"], "deviation": held["feature.deviation"],
             "output.weight": held["output.weight"], "output.bias": held["output.bias"]}
    for name in ("conv1", "conv2"):
        w = held[name + ".weight"]
        state[name + ".weight"] = w.reshape(w.shape[0], 3, -1).permute(0, 2, 1).contiguous()
        state[name + ".bias"] = held[name + ".bias"]
    for i in (0, 1):
        for part, key in (("input", "ih"), ("hidden", "hh")):
            state[f"gru.weight_{key}_l{i}"] = held[f"gru{i + 1}.{part}.weight"]
            state[f"gru.bias_{key}_l{i}"] = held[f"gru{i + 1}.{part}.bias"]
    return state


@torch.no_grad()
def export(a):
    from safetensors_aligned import save
    net, figures = load(a), os.path.join(a.out, "figures.json")
    save(tensors(net), {
        "part": "gate", "version": "1", "licence": "Apache-2.0",
        "training": "words20 (18 students), english_l2 (200 of 250 readers), wakewords, hsk_words, AISHELL-1 S0150, "
                    "cantonese_syllables with two thirds of noise and noise_esc10, ambience, music, generated music and coloured noise",
        "figures": open(figures).read() if os.path.exists(figures) else "{}",
        "config": json.dumps(dict(rate=RATE, window=512, hop=HOP, mels=40, taps=3, hidden=128, look_ahead=LOOK_AHEAD)),
    }, a.export)
    print(a.export, os.path.getsize(a.export), "bytes,", sum(p.numel() for p in net.parameters()), "parameters")
    if a.fixture:
        x = reference_sound()
        p = torch.sigmoid(quantised(net)(Features()(torch.tensor(x / 32768.0, dtype=torch.float32)[None])))[0, LOOK_AHEAD:]
        os.makedirs(os.path.dirname(a.fixture) or ".", exist_ok=True)
        with open(a.fixture, "w") as f:
            json.dump({"note": "int16 samples at 16 kHz; speech probability of every 256-sample hop, INT8 weights, float "
                               "activations", "samples": x.tolist(),
                       "mel0": [round(float(v), 5) for v in Features()(torch.tensor(x / 32768.0, dtype=torch.float32)[None])
                                [0, 30]],
                       "probabilities": [round(float(v), 5) for v in p]}, f)


def reference_sound():
    """One second: faint noise, a voiced buzz with moving formants from 0.3 to 0.8 s, faint noise again."""
    t, rng = np.arange(RATE) / RATE, np.random.default_rng(1)
    f0 = 140 + 40 * np.sin(2 * np.pi * 1.5 * t)
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    voice = np.zeros(RATE)
    for k in range(1, 26):
        f = k * f0
        gain = sum(g / (1 + ((f - c) / b) ** 2) for c, b, g in ((500 + 250 * np.sin(7 * t), 90, 1), (1500, 130, 0.6),
                                                                  (2600, 200, 0.3)))
        voice += gain * np.sin(k * phase)
    x = 0.15 * voice / np.abs(voice).max() * ((t > 0.3) & (t < 0.8)) + 0.002 * rng.standard_normal(RATE)
    return np.round(np.clip(x, -1, 1) * 32767).astype(np.int16)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--cache", default="data/cache")
    p.add_argument("--out", default="data/gate")
    p.add_argument("--minutes", type=float, default=10)
    p.add_argument("--seconds", type=float, default=6.0)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--streams", type=int, default=30)
    p.add_argument("--device", default="cpu")
    p.add_argument("--start", help="an exported gate.safetensors to go on from")
    p.add_argument("--measure", action="store_true")
    p.add_argument("--export")
    p.add_argument("--fixture")
    p.add_argument("--smoke", action="store_true")
    a = p.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    if a.smoke:
        a.out, a.seconds = (a.out if a.out != p.get_default("out") else "/tmp/gate-smoke"), 2.0
    os.makedirs(a.out, exist_ok=True)
    if a.measure:
        measure(a)
    elif a.export:
        export(a)
    else:
        train(a)
        if a.smoke:
            a.export = os.path.join(a.out, "gate.safetensors")
            export(a)


if __name__ == "__main__":
    main()
