"""Write acoustic.safetensors and vocoder.safetensors: INT8 per output channel, norms, depthwise, small inputs and heads in
floats; every tensor on 64 bytes. With them goes the floor of each timbre (floors.py).

python export.py --acoustic data/speak/acoustic/last.pt --vocoder data/speak/vocoder/last.pt --models ../../
"""
import argparse
import json
import os
import struct

import numpy as np
import torch

import floors
import inventory

TRAINING = ("hsk_words (Yue Tan, CC BY-SA), aishell_s0150 (AISHELL-1 sample, Apache-2.0), cantonese_syllables (jyutnet, CC BY-SA), "
            "sentences spoken by Kokoro-82M (Apache-2.0) and by ttskit (package MIT; part of "
            "what ttskit was trained on is non-commercial)")
LICENCE = "CC-BY-SA-4.0 (weights), from data under CC BY-SA and Apache-2.0 and a teacher under MIT"


def tensors(state, keep):
    """Torch names to the file's: linear layers INT8 unless their name begins with one of `keep`."""
    out = {}
    for name, value in state.items():
        v = value.detach().float().numpy()
        if name.endswith(".depthwise"):
            out[name + ".weight"] = v
        elif name.endswith(".depthwise_bias"):
            out[name[:-len("_bias")] + ".bias"] = v
        elif name.endswith(".weight") and v.ndim == 2:
            stem = name[:-7].replace(".linear", "")
            if stem in ("base", "tone", "manner", "voice") or any(stem.startswith(k) for k in keep):
                out[stem + ".weight"] = v
            else:
                scale = np.maximum(np.abs(v).max(1), 1e-8) / 127
                out[stem + ".weight"] = np.clip(np.round(v / scale[:, None]), -127, 127).astype(np.int8)
                out[stem + ".scale"] = scale.astype(np.float32)
        else:
            out[name.replace(".linear", "")] = v
    return out


def write(path, items, metadata):
    header, offset, chunks = {"__metadata__": metadata}, 0, []
    for name in sorted(items, key=lambda n: (items[n].dtype == np.int8, n)):
        v = np.ascontiguousarray(items[name])
        data = v.tobytes()
        header[name] = {"dtype": "I8" if v.dtype == np.int8 else "F32", "shape": list(v.shape),
                        "data_offsets": [offset, offset + len(data)]}
        pad = -len(data) % 64
        if pad:  # safetensors allows no holes: the gap is a tensor of its own
            header[f"_pad.{len(chunks)}"] = {"dtype": "I8", "shape": [pad],
                                            "data_offsets": [offset + len(data), offset + len(data) + pad]}
        chunks.append(data + b"\0" * pad)
        offset += len(data) + pad
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(path + ".tmp", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for c in chunks:
            f.write(c)
    os.replace(path + ".tmp", path)
    count = sum(v.size for n, v in items.items() if not n.endswith(".scale"))
    print(path, f"{count / 1e6:.2f} M parameters, {os.path.getsize(path) / 1e6:.2f} MB")


def shrink(state, factors):
    """Scale what the networks add to the regression (duration, prosody, envelope): acoustic_measure.py finds that held-out
    sentences are best foretold with nine tenths of it; with half an hour of a voice it was three quarters."""
    for head, factor in zip(("duration_head", "prosody_head", "decoder_head"), factors):
        for part in (".weight", ".bias"):
            state[head + part] = state[head + part] * factor


def export(a, v, models, factors, version, figures="{}"):
    """Both files from checkpoints; what the acoustic one adds to the regression is shrunk in place."""
    shrink(a["model"], factors)
    common = {"version": version, "licence": LICENCE, "training": TRAINING, "figures": figures}
    meta = dict(common, part="acoustic", bases=" ".join(inventory.BASES), speakers=" ".join(inventory.SPEAKERS),
                voices=inventory.voices(a["median"]), **{k: str(x) for k, x in a["config"].items()})
    tables = {"prior." + k: t.astype(np.float32) for k, t in a["prior"].items()} | {"floor": floors.measured(a, v)}
    write(os.path.join(models, "acoustic.safetensors"),
          tables | tensors(a["model"], ("duration_head", "prosody_place", "prosody_head", "decoder_place", "control", "decoder_head")), meta)
    meta = dict(common, part="vocoder", **{k: str(x) for k, x in v["config"].items()})
    write(os.path.join(models, "vocoder.safetensors"), tensors(v["model"], ("input", "head")), meta)


def run(arguments):
    a, v = (torch.load(path, map_location="cpu", weights_only=False) for path in (arguments.acoustic, arguments.vocoder))
    figures = open(arguments.figures).read().strip() if arguments.figures else "{}"
    export(a, v, arguments.models, arguments.shrink, arguments.version, figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--acoustic", default="data/speak/acoustic/last.pt")
    parser.add_argument("--vocoder", default="data/speak/vocoder/last.pt")
    parser.add_argument("--models", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    parser.add_argument("--figures", default="")
    parser.add_argument("--shrink", type=float, nargs=3, default=(0.9, 0.9, 0.9), help="duration, prosody, envelope")
    parser.add_argument("--version", default="1")
    run(parser.parse_args())
