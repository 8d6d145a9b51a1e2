"""Write hear_reference.json: what the PyTorch model answers to a made-up sound, with the weights of Models/hear.safetensors.

    python Tests/HearTests/Fixtures/hear_reference.py [Models/hear.safetensors]

Run it whenever the weights change. The INT8 weights are expanded to floats, so that Swift's fp32 path must agree closely
and its INT8 path nearly.
"""
import json
import os
import sys

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
sys.path.insert(0, os.path.join(ROOT, "Models", "training", "hear"))
from model import Hear, exported  # noqa: E402

SAMPLES = 54_450  # 3.4 s: eight full chunks, more than attention looks back over, and a partial one


def sound(count):
    """A gliding vowel with pauses and a little noise; the Swift test makes the same."""
    state, out = 12345, np.zeros(count)
    for n in range(count):
        t = n / 16000
        state = (state * 1103515245 + 12345) % 2147483648
        noise = state / 1073741824 - 1
        pitch = 120 + 60 * np.sin(2 * np.pi * 0.9 * t)
        voice = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 13))
        loud = max(0.0, np.sin(2 * np.pi * 1.7 * t))
        out[n] = 0.12 * loud * voice + 0.004 * noise
    return out.astype(np.float32)


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "Models", "hear.safetensors")
    state = exported(path)
    model = Hear(state["head.weight"].shape[0]).eval()
    model.load_state_dict(state)
    x = torch.from_numpy(sound(SAMPLES))[None]
    with torch.no_grad():
        mel = model.features(x)[0].numpy()
        scores, states, _ = model(x, torch.tensor([SAMPLES]))
        dialect = model.dialect(states)[0].numpy()
    scores, states = scores[0].numpy(), states[0].numpy()
    top = np.argsort(-scores, 1)[:, :3]
    json.dump({
        "headBias": [round(float(v), 6) for v in state["head.bias"][:4]],
        "melFrames": mel.shape[0],
        "mel": {str(j): [round(float(v), 5) for v in mel[j]] for j in (0, 1, 57, mel.shape[0] - 1)},
        "frames": scores.shape[0],
        "units": top.tolist(),
        "scores": [[round(float(scores[t, u]), 4) for u in top[t]] for t in range(len(top))],
        "states": {str(t): [round(float(v), 4) for v in states[t, ::64]] for t in (0, 19, 20, 159, len(states) - 1)},
        "dialect": [round(float(v), 4) for v in dialect[-1]],
    }, open(os.path.join(HERE, "hear_reference.json"), "w"))
    print(scores.shape, mel.shape)


if __name__ == "__main__":
    main()
