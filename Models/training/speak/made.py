"""A tiny corpus made of nothing: pulses and noise through two resonances a sound, so that the recipes can be run from end to
end without a recording. Used by --smoke only.

python made.py --out FOLDER        writes FOLDER/aishell_s0150 and FOLDER/hsk_words as prepare.py reads them
"""
import argparse
import os

import numpy as np
import soundfile

from features import RATE
from prepare import surface

TEXTS = {"hsk_words": ["打开", "关闭", "音乐", "空调", "你好", "天气", "窗户", "导航", "电话", "时间", "名字", "上海"],
         "aishell_s0150": ["打开空调", "今天天气怎么样", "请播放音乐", "把窗户关上", "导航到上海", "现在的时间", "给妈妈打电话", "空调二十四度"]}
CONTOUR = {"1": (1.15, 1.15), "2": (0.9, 1.15), "3": (0.85, 0.8), "4": (1.25, 0.8), "5": (0.95, 0.9)}


def resonance(x, hertz, width):
    from scipy.signal import lfilter
    r = np.exp(-np.pi * width / RATE)
    return lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * hertz / RATE), r * r], x)


def sound(token, middle, rng):
    """One unit: noise for an initial, pulses with the tone's contour for a final; the resonances come from its letters."""
    letters = sum(ord(c) * (i + 1) for i, c in enumerate(token.rstrip("12345")))
    if not token[-1].isdigit():
        x = rng.standard_normal(int(RATE * 0.06)) * 0.3
        return resonance(x, 2500 + 400 * (letters % 10), 900)
    count = int(RATE * rng.uniform(0.16, 0.24))
    a, b = CONTOUR[token[-1]]
    phase = np.cumsum(np.linspace(a, b, count) * middle) / RATE
    x = np.diff(np.floor(phase), prepend=0) * 8 + 0.01 * rng.standard_normal(count)
    x = resonance(resonance(x, 300 + 70 * (letters % 9), 90), 900 + 190 * (letters % 11), 120)
    return x * np.hanning(count) ** 0.3


def clip(text, middle, rng):
    quiet = np.zeros(int(RATE * 0.15))
    x = np.concatenate([quiet] + [sound(t, middle, rng) for t in surface(text) if t not in ",.?!"] + [quiet])
    return (0.3 * x / np.abs(x).max() + 1e-4 * rng.standard_normal(len(x))).astype(np.float32)


def write(folder):
    """The recordings and their manifests."""
    rng = np.random.default_rng(4)
    for corpus, texts in TEXTS.items():
        place = os.path.join(folder, corpus)
        os.makedirs(place, exist_ok=True)
        rows = ["file\tseconds\tspeaker\tlang\ttext"]
        for n, text in enumerate(texts * 2):
            x = clip(text, 210 if corpus == "hsk_words" else 190, rng)
            soundfile.write(os.path.join(place, f"{n:03d}.wav"), x, RATE)
            rows.append(f"{n:03d}.wav\t{len(x) / RATE:.2f}\tmade\tzh\t{text}")
        with open(os.path.join(place, "manifest.tsv"), "w", encoding="utf-8") as f:
            f.write("\n".join(rows) + "\n")


def ready(data, aligned=True):
    """Whatever of recordings, features and alignments is missing in a recipe's data folder."""
    import types

    import align
    import prepare
    if not os.path.exists(os.path.join(data, "hsk_words.npz")):
        speech = os.path.join(data, "recordings")
        write(speech)
        prepare.run(types.SimpleNamespace(speech=speech, teachers="", out=data, only=",".join(TEXTS), percent=100))
    if aligned and not os.path.exists(os.path.join(data, "hsk_words.align.json")):
        align.run(types.SimpleNamespace(data=data, only=""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="data/made")
    write(parser.parse_args().out)
