"""Cantonese sentences by Ting's own voices: python make_cantonese.py --ting TING --models ../.. --out DIR

One man's single syllables are all the recorded Cantonese at hand. Speak has learnt its sounds from him and gives them every timbre
that it knows, so that the recogniser hears them run together and from other throats. Each tenth text by hash, and what his own
timbre says of them, is left for DIR/eval.
"""
import argparse
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

import soundfile

import shards
from texts import held_out

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402

EVALUATION_SHARE = 0.1
# Timbre of Speak and its median pitch in hertz; the man who says the syllables comes as often as the others together.
TIMBRES = {"kt": 140, "yue": 248, "s0150": 183, "da": 128, "na": 242}


def with_timbres(models, folder):
    """A models folder whose acoustic part lists a Cantonese voice for every timbre."""
    for name in os.listdir(models):
        if name not in ("acoustic.safetensors", "training"):
            os.symlink(os.path.join(os.path.abspath(models), name), os.path.join(folder, name))
    with open(os.path.join(models, "acoustic.safetensors"), "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        header, rest = json.loads(f.read(size)), f.read()
    header["__metadata__"]["voices"] += "".join(
        f"\ncantonese_{timbre}|male|yue|{timbre}|kt|{hertz}|0.62|for training" for timbre, hertz in TIMBRES.items())
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(os.path.join(folder, "acoustic.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + rest)


def texts(shared):
    lines = open(os.path.join(shared, "cantonese_cabin_train.tsv"), encoding="utf-8").read().splitlines()
    found = dict.fromkeys(re.sub(r"\s", "", line.split("\t")[1]) for line in lines)
    return [t for t in found if re.fullmatch("[\u4e00-\u9fff]{2,18}", t)]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ting", required=True)
    p.add_argument("--models", default="../..")
    p.add_argument("--text", default="data/text")
    p.add_argument("--out", default="data/synth")
    p.add_argument("--times", type=int, default=2, help="how often every text is said")
    p.add_argument("--evaluation", action="store_true", help="the held-out texts, once, by the man's own timbre")
    a = p.parse_args()
    rng = random.Random(5)
    names = ["kt"] if a.evaluation else list(TIMBRES)
    writer = shards.Writer(a.out, "cantonese-eval" if a.evaluation else "cantonese", 360)
    chosen = [t for t in texts(a.text) if held_out(t, EVALUATION_SHARE) == a.evaluation]
    with tempfile.TemporaryDirectory() as folder:
        with_timbres(a.models, folder)
        for text in chosen * (1 if a.evaluation else a.times):
            syllables = units.cantonese_syllables(text)
            if len(syllables) != len(text):
                continue
            timbre = rng.choices(names, [len(names) - 1 if n == "kt" else 1 for n in names])[0] if len(names) > 1 else "kt"
            rate, pitch = (1.0, 0.0) if a.evaluation else (rng.uniform(0.8, 1.3), rng.uniform(-3, 3))
            path = os.path.join(folder, "said.wav")
            subprocess.run([a.ting, "say", text, "--models", folder, "--voice", "cantonese_" + timbre, "--rate", f"{rate:.2f}",
                            f"--pitch={pitch:.1f}", "--out", path], check=True)
            samples, at = soundfile.read(path, dtype="float32")
            samples = shards.to_16k(samples, at)
            if samples is not None:
                spelled = " ".join(syllables)
                writer.add(samples, text=text, voice="ting:" + timbre, lang="yue", pinyin=spelled, surface=spelled)
    writer.flush()


if __name__ == "__main__":
    main()
