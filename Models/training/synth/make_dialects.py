"""Cantonese and Sichuanese sentences by Ting's own voices: python make_dialects.py --lang yue|sc --ting TING --models ../.. --out DIR

One man's single syllables are all the recorded Cantonese at hand, and of Sichuanese there are no recordings. Speak has learnt the
sounds of the first from him, knows the tones and sounds of Chengdu by rule and by a list of characters, and gives both every timbre
that it knows, so that the recogniser hears them run together and from several throats. Texts held out by hash, in a timbre of their
own, are left for DIR/eval.
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
from texts import EVALUATION_SHARE, TextPool, held_out

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402

# Timbre of Speak and its median pitch in hertz. The man who says the Cantonese syllables comes as often as the others together.
TIMBRES = {"yue": {"kt": 140, "yue": 248, "s0150": 183, "da": 128, "na": 242}, "sc": {"kt": 140, "yue": 248, "s0150": 183, "na": 242}}
# The timbre that measures: of Cantonese there is but the one man; that of the voice `rong` is kept from training.
MEASURING = {"yue": ("kt", 140), "sc": ("da", 122)}
PACE = {"yue": 0.62, "sc": 1}
NAMES = {"yue": "cantonese", "sc": "sichuanese"}


def with_timbres(models, folder, lang):
    """A models folder whose acoustic part lists a voice of the dialect for every timbre."""
    for name in os.listdir(models):
        if name not in ("acoustic.safetensors", "training"):
            os.symlink(os.path.join(os.path.abspath(models), name), os.path.join(folder, name))
    with open(os.path.join(models, "acoustic.safetensors"), "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        header, rest = json.loads(f.read(size)), f.read()
    for timbre, hertz in {**TIMBRES[lang], MEASURING[lang][0]: MEASURING[lang][1]}.items():
        manner = "kt" if lang == "yue" else "s0150" if timbre in ("kt", "yue") else timbre
        header["__metadata__"]["voices"] += f"\n{lang}_{timbre}|male|{lang}|{timbre}|{manner}|{hertz}|{PACE[lang]}|for training"
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(os.path.join(folder, "acoustic.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + rest)


def cantonese(shared, times, measuring):
    """Cabin commands, a tenth of them held out; each is said `times` times."""
    lines = open(os.path.join(shared, "cantonese_cabin_train.tsv"), encoding="utf-8").read().splitlines()
    found = dict.fromkeys(re.sub(r"\s", "", line.split("\t")[1]) for line in lines)
    chosen = [t for t in found if re.fullmatch("[\u4e00-\u9fff]{2,18}", t) and held_out(t, 0.1) == measuring]
    return chosen * (1 if measuring else times)


def mandarin(shared, count, measuring):
    """What the Mandarin voices read, too; held out by the same hash as for them."""
    pool, rng = TextPool(shared), random.Random(11)
    if measuring:
        return [text.replace(",", "") for _, text in pool.evaluation()[::3]]
    return [pool.draw(rng).replace(",", "") for _ in range(count)]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--lang", choices=["yue", "sc"], default="yue")
    p.add_argument("--ting", required=True)
    p.add_argument("--models", default="../..")
    p.add_argument("--text", default="data/text")
    p.add_argument("--out", default="data/synth")
    p.add_argument("--times", type=int, default=2, help="how often every Cantonese text is said")
    p.add_argument("--count", type=int, default=1000, help="how many texts are said in Sichuanese")
    p.add_argument("--evaluation", action="store_true", help="the held-out texts, once, by the timbre that measures")
    a = p.parse_args()
    rng = random.Random(5)
    writer = shards.Writer(a.out, NAMES[a.lang] + ("-eval" if a.evaluation else ""), 360)
    texts = cantonese(a.text, a.times, a.evaluation) if a.lang == "yue" else mandarin(a.text, a.count, a.evaluation)
    spell = units.cantonese_syllables if a.lang == "yue" else units.sichuan_syllables
    timbres = [MEASURING[a.lang][0]] if a.evaluation else list(TIMBRES[a.lang])
    weights = [len(timbres) - 1 if a.lang == "yue" and t == "kt" and len(timbres) > 1 else 1 for t in timbres]
    with tempfile.TemporaryDirectory() as folder:
        with_timbres(a.models, folder, a.lang)
        for text in texts:
            syllables = spell(text)
            if len(syllables) != len(text):
                continue
            timbre = rng.choices(timbres, weights)[0]
            rate, pitch = (1.0, 0.0) if a.evaluation else (rng.uniform(0.8, 1.3), rng.uniform(-3, 3))
            path = os.path.join(folder, "said.wav")
            subprocess.run([a.ting, "say", text, "--models", folder, "--voice", f"{a.lang}_{timbre}", "--rate", f"{rate:.2f}",
                            f"--pitch={pitch:.1f}", "--out", path], check=True)
            samples, at = soundfile.read(path, dtype="float32")
            samples = shards.to_16k(samples, at)
            if samples is not None:
                spelled = " ".join(syllables)
                writer.add(samples, text=text, voice="ting:" + timbre, lang=a.lang, pinyin=spelled, surface=spelled)
    writer.flush()


if __name__ == "__main__":
    main()
