"""safetensors with every tensor on a 64-byte boundary, F32 before I8, so that the file can be used where it is mapped."""
import json
import struct

import numpy as np
import torch
from safetensors import safe_open

KINDS = {torch.float32: "F32", torch.float16: "F16", torch.int8: "I8", torch.int32: "I32"}


def quantise(weight):
    """Symmetric INT8 per output row: (int8 tensor, float scale per row)."""
    flat = weight.reshape(weight.shape[0], -1)
    scale = flat.abs().amax(1).clamp_min(1e-8) / 127
    q = (weight / scale.reshape(-1, *[1] * (weight.dim() - 1))).round().clamp(-127, 127).to(torch.int8)
    return q, scale.float()


def dequantised(path):
    """(the tensors of an exported file by name, in floats, without scales and padding; its metadata)."""
    with safe_open(path, "pt") as f:
        names = set(f.keys())
        out = {n: f.get_tensor(n).float() for n in names if not n.startswith("_pad") and not n.endswith(".scale")}
        for name in out:
            scale = name.removesuffix("weight") + "scale"
            if scale in names:
                out[name] = out[name] * f.get_tensor(scale)[:, None]
        return out, f.metadata()


def save(tensors, metadata, path):
    """Every gap is filled by a named `_pad` tensor of bytes, since the format allows no holes."""
    order = sorted(tensors, key=lambda n: (tensors[n].dtype == torch.int8, n))
    header, blobs, at = {"__metadata__": {k: str(v) for k, v in metadata.items()}}, [], 0
    for name in order:
        t = tensors[name].contiguous()
        raw = t.numpy().tobytes()
        header[name] = {"dtype": KINDS[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        blobs.append(raw)
        at += len(raw)
        gap = -at % 64
        if gap:
            header[f"_pad.{at}"] = {"dtype": "I8", "shape": [gap], "data_offsets": [at, at + gap]}
            blobs.append(bytes(gap))
            at += gap
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)))
        f.write(text)
        for blob in blobs:
            f.write(blob)
