"""How well does the acoustic model foretell sentences it never heard, and how much of what the network adds should be kept?

python acoustic_measure.py --data data/speak/data --acoustic data/speak/acoustic/last.pt

The last 40 sentences of one reader and of three teachers, and all together: envelope error in nepers (true durations and controls), error of log duration, of log F0
in voiced frames, share of frames with the wrong voicing, for shares of the network's answer; export.py --shrink takes the best.
"""
import argparse
import collections

import numpy as np
import torch

import inventory
from acoustic_train import Corpus, collate
from model import Acoustic

SHARES = (0.0, 0.5, 0.75, 0.9, 1.0)


@torch.no_grad()
def run(arguments):
    state = torch.load(arguments.acoustic, map_location="cpu", weights_only=False)
    model = Acoustic(len(inventory.BASES), inventory.TONES, len(inventory.SPEAKERS), **state["config"]).eval()
    model.load_state_dict(state["model"])
    errors = collections.defaultdict(lambda: {share: [] for share in SHARES})
    for item in Corpus(arguments.data, measured=True).items:
        (voice, manner), base, tone, duration, tmask, owner, place, pmask, env, control, _, _, own_d, own_c, own_e = collate([item])
        x = model.encode(base, tone, manner, tmask)
        d = model.durations(x, tmask)
        c = model.prosodies(x, owner, place, manner, pmask).reshape(1, -1, 3)
        e = model.decode(x, owner, place, voice, control.reshape(1, -1, 6), pmask)
        voiced = control[..., 1] > 0
        for share in SHARES:
            guess = own_c + share * c
            row = [(own_e + share * e - env)[..., :67].abs().mean().item(), (own_d + share * d - torch.log1p(duration)).abs().mean().item(),
                   (guess[..., 0] - control[..., 0])[voiced].abs().mean().item(),
                   ((guess[..., 1] > 0) != voiced).float().mean().item()]
            for name in (item[9], "all"):
                errors[name][share].append(row)
    print("share of the network: envelope, log duration, log F0, voicing")
    for name, shares in errors.items():
        for share, rows in shares.items():
            print(f"{name} {share:.2f}: " + ", ".join(f"{v:.3f}" for v in np.mean(rows, 0)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data/speak/data")
    parser.add_argument("--acoustic", default="data/speak/acoustic/last.pt")
    run(parser.parse_args())
