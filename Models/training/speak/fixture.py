"""Writes the parity fixture of the Swift tests: two tiny random models and what the reference makes of one sentence.

python fixture.py --out ../../../Tests/SpeakTests/Fixtures
"""
import argparse
import os

import numpy as np
import torch

import export
import inventory
import prior
import restore
from model import Acoustic, Vocoder
from restore import dequantised
from synthesise import Reference

TOKENS = ["d", "a3", "k", "ai1", "k", "ong1", "t", "iao2", "."]


def run(folder):
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(7)
    acoustic = Acoustic(len(inventory.BASES), inventory.TONES, len(inventory.SPEAKERS), width=16, hidden=32, encoder=1,
                        duration=1, prosody=1, decoder=2)
    vocoder = Vocoder(width=16, hidden=32, blocks=2)
    with torch.no_grad():
        acoustic.duration_head.bias.fill_(2.0)
        acoustic.prosody_head.weight.mul_(0.3)
        acoustic.prosody_head.bias[1] = 0.3
        acoustic.decoder_head.bias.fill_(-4)
        vocoder.head.weight.normal_(std=0.05)
    rng = np.random.default_rng(3)
    spread = {"envelope": 0.5, "control": 0.08, "duration": 0.1}
    width = {"envelope": 80, "control": 3, "duration": 1}
    tables = {f"{g}.{k}": (rng.standard_normal((n, width[g])) * spread[g]).astype(np.float32)
              for g, sizes in (("envelope", prior.ENVELOPE), ("control", prior.CONTROL), ("duration", prior.DURATION))
              for k, n in sizes.items()}
    used = {inventory.split(t)[0] for t in ["sil"] + TOKENS}
    for name, table in tables.items():  # only what the sentence looks up, so that the file packs small
        if name.startswith("envelope.") and not name.endswith("control"):
            knots = len(table) // len(inventory.BASES)
            keep = [r for r in range(len(table))
                    if (r % len(inventory.BASES) if name.endswith("voice") else r // knots) in used]
            mask = np.zeros((len(table), 1), np.float32)
            mask[keep] = 1
            tables[name] = table * mask
    median = {"yue": 220.0, "da": 120.0}
    a = {"model": acoustic.state_dict(), "config": acoustic.config, "median": median, "prior": tables}
    v = {"model": vocoder.state_dict(), "config": vocoder.config}
    export.export(a, v, folder, (1, 1, 1), "fixture")
    # the file's INT8 weights, so that only the arithmetic differs
    written = {name: dequantised(os.path.join(folder, name + ".safetensors"))[0] for name in ("acoustic", "vocoder")}
    a["model"], v["model"] = restore.state(acoustic, written["acoustic"]), restore.state(vocoder, written["vocoder"])
    reference = Reference(a, v, written["acoustic"]["floor"].numpy())
    envelope, f0, voiced, durations = reference.sentence(TOKENS, "kai")
    samples = reference.render(envelope, f0, voiced)
    export.write(os.path.join(folder, "expected.safetensors"),
                 {"samples": samples.astype(np.float32), "pitch": f0.numpy(), "voiced": voiced.numpy(),
                  "durations": np.array(durations, np.float32)}, {"part": "fixture"})
    print("frames", len(f0), "voiced", voiced.mean().item(), "peak", np.abs(samples).max())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Tests/SpeakTests/Fixtures"))
    run(parser.parse_args().out)
