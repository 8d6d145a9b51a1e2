"""Write Hear's averaged weights as the INT8 safetensors file that Sources/Hear maps (layout: README.md here).

    python export.py --checkpoint RUN/hear.pt [OTHER/hear.pt] [--halfway ../../hear.safetensors [--share 0.4]] --out ../../hear.safetensors [--figures figures.json]

Several checkpoints, of runs from the same start with other seeds, are averaged (Wortsman et al. 2022, model soups).

--halfway: weights between those that training started from and those it came to (Wortsman et al. 2022): what a short run on a few
voices forgets of the rest comes back, and most of what it learnt stays.
"""
import argparse
import json
import os
import sys

import torch

import model

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from safetensors_aligned import quantise, save  # noqa: E402

KEEP_FLOAT = ("conv1", "head", "dialect")


def tap_major(weight):
    """(out, in, taps) -> (out, taps * in): a window of a (time, channels) matrix is one row."""
    return weight.permute(0, 2, 1).reshape(weight.shape[0], -1).contiguous()


def tensors(state):
    out = {}
    for name, value in state.items():
        value = value.float()
        base = name.rsplit(".", 1)[0]
        if name.endswith("depthwise.weight"):
            out[name] = value[:, 0].T.contiguous()
        elif name in ("conv1.weight", "conv2.weight"):
            value = tap_major(value)
        if name in out:
            continue
        if name.endswith(".weight") and value.dim() == 2 and base not in KEEP_FLOAT:
            out[name], out[base + ".scale"] = quantise(value)
        else:
            out[name] = value
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--checkpoint", required=True, nargs="+")
    p.add_argument("--out", required=True)
    p.add_argument("--halfway", help="weights that training started from")
    p.add_argument("--share", type=float, default=0.5, help="how much of the way to go with --halfway")
    p.add_argument("--figures")
    a = p.parse_args()
    runs = [torch.load(path, map_location="cpu") for path in a.checkpoint]
    saved = runs[0]
    state = {name: sum(run["average"][name] for run in runs) / len(runs) if value.is_floating_point() else value
             for name, value in saved["average"].items()}
    if a.halfway:
        net = model.Hear(len(saved["units"]))
        model.transfer(net, a.halfway, saved["units"])
        began = net.state_dict()
        state = {name: a.share * value + (1 - a.share) * began[name] if value.is_floating_point() else value for name, value in state.items()}
    metadata = {
        "part": "hear", "version": "1", "units": "\n".join(saved["units"]),
        "licence": "Apache-2.0; encoder derived from OpenAI Whisper base (MIT)",
        "training": f"{sum(run['heard'] for run in runs) / 3600:.1f} h heard in {sum(run['step'] for run in runs)} steps: "
                    "AISHELL-1 S0150, words20 (18 students), hsk_words, mandarin_syllables, gcin_syllables, english_l2, cantonese_syllables, wakewords, synthetic voices",
        "figures": open(a.figures).read() if a.figures else "{}",
    }
    save(tensors(state), metadata, a.out)
    print(a.out, os.path.getsize(a.out), "bytes")


if __name__ == "__main__":
    main()
