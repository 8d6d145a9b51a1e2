"""How loud every band gets in every voice's speech, added to acoustic.safetensors: what lies far below it is noise that the
voice was recorded with, and Ting makes it fainter (Sources/Speak/Expander.swift). Run after export.py.

python ceiling.py --models ../../
"""
import argparse
import os

import numpy as np

import export
import inventory
from prepare import surface
from synthesise import Reference


def run(folder):
    reference = Reference.exported(folder)
    reference.ceiling = None
    here = os.path.dirname(os.path.abspath(__file__))
    texts = [t for t in open(os.path.join(here, "replies.txt"), encoding="utf-8").read().split()[:24] if surface(t)]
    ceiling = np.full((len(inventory.SPEAKERS), 80), -30, np.float32)
    for name, (timbre, *_) in reference.voices.items():
        rows = [reference.sentence(surface(t), name)[0].numpy() for t in texts]
        ceiling[timbre] = np.percentile(np.concatenate(rows), 95, axis=0)
    path = os.path.join(folder, "acoustic.safetensors")
    from safetensors import safe_open
    with safe_open(path, "np") as f:
        items, meta = {k: f.get_tensor(k) for k in f.keys() if not k.startswith("_pad.")}, f.metadata()
    export.write(path, items | {"ceiling": ceiling}, meta)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    run(parser.parse_args().models)
