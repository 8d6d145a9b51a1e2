"""Checkpoints from the exported weights, so that training goes on where the shipped models are; optimiser and critic start anew.

python restore.py --models ../../ --data data/speak/data --acoustic data/speak/acoustic/last.pt --vocoder data/speak/vocoder/last.pt

The regression that the weights add to goes to --data, where training takes it from instead of solving it anew.
"""
import argparse
import os
import sys

import numpy as np
import torch

import export
import inventory
from model import Acoustic, Vocoder

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from safetensors_aligned import dequantised  # noqa: E402


def state(net, items):
    """The file's tensors under the network's own names."""
    found = {}
    for name in net.state_dict():
        stem = name.replace(".linear", "")
        if name.endswith(".depthwise"):
            stem = name + ".weight"
        elif name.endswith(".depthwise_bias"):
            stem = name[:-len("_bias")] + ".bias"
        found[name] = items[stem]
    return found


def medians(voices):
    """speaker -> hertz of the voices that have the speaker's timbre at the speaker's own pitch."""
    rows = [line.split("|") for line in voices.split("\n")]
    return {row[3]: float(row[5]) for row in reversed(rows)}


def run(arguments):
    items, meta = dequantised(os.path.join(arguments.models, "acoustic.safetensors"))
    config = {k: int(meta[k]) for k in ("width", "hidden", "encoder", "duration", "prosody", "decoder")}
    net = Acoustic(len(inventory.BASES), inventory.TONES, len(inventory.SPEAKERS), **config)
    weights = state(net, items)
    export.shrink(weights, [1 / s for s in arguments.shrink])
    prior = {k[len("prior."):]: t.numpy() for k, t in items.items() if k.startswith("prior.")}
    save(arguments.acoustic, {"model": weights, "step": 0, "config": config, "median": medians(meta["voices"]), "prior": prior})
    os.makedirs(arguments.data, exist_ok=True)
    np.savez(os.path.join(arguments.data, "prior.npz"), **prior)
    items, meta = dequantised(os.path.join(arguments.models, "vocoder.safetensors"))
    config = {k: int(meta[k]) for k in ("width", "hidden", "blocks")}
    save(arguments.vocoder, {"model": state(Vocoder(**config), items), "step": 0, "config": config})


def save(path, checkpoint):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    torch.save(checkpoint, path)
    print(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    parser.add_argument("--data", default="data/speak/data")
    parser.add_argument("--acoustic", default="data/speak/acoustic/last.pt")
    parser.add_argument("--vocoder", default="data/speak/vocoder/last.pt")
    parser.add_argument("--shrink", type=float, nargs=3, default=(0.9, 0.9, 0.9), help="as in the export that wrote them")
    run(parser.parse_args())
