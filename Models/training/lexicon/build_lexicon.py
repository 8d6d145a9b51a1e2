"""Builds Models/lexicon/mandarin.lex.

    python build_lexicon.py [--out ../../lexicon]

Readings: pypinyin (MIT) with its phrase data; frequencies: jieba's dictionary (MIT).
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import lexfile  # noqa: E402
import units  # noqa: E402
from extra_words import EXTRA, FIRST  # noqa: E402

HAN = re.compile(r"[\u4e00-\u9fff〇]+")
LEAST_FREQUENCY = 10
PHRASE_FREQUENCY = 3


def jieba_frequencies():
    import jieba
    table = {}
    with open(os.path.join(os.path.dirname(jieba.__file__), "dict.txt"), encoding="utf-8") as f:
        for line in f:
            parts = line.split(" ")
            if HAN.fullmatch(parts[0]):
                table[parts[0]] = int(parts[1])
    return table


def mandarin(out):
    import pypinyin
    from pypinyin.contrib.tone_convert import to_tone3
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict
    units._pinyin()  # loads the overrides

    def numbered(marked):
        return to_tone3(marked, neutral_tone_with_five=True).replace("ü", "v")

    characters = {}
    for code, marked in pinyin_dict.items():
        c = chr(code)
        if HAN.fullmatch(c):
            readings = [numbered(m) for m in marked.split(",")]
            readings = [r for r in dict.fromkeys(readings) if units.pinyin_to_units(r)]
            if readings:
                characters[c] = readings
    characters["〇"] = ["ling2"]
    for c, first in FIRST.items():
        readings = first.split()
        characters[c] = readings + [r for r in characters.get(c, []) if r not in readings]

    table = jieba_frequencies()
    for w in phrases_dict:
        if HAN.fullmatch(w) and len(w) <= 8:
            table[w] = max(table.get(w, 0), PHRASE_FREQUENCY) if len(w) > 1 else table.get(w, PHRASE_FREQUENCY)
    for w, (frequency, _) in EXTRA.items():
        table[w] = max(table.get(w, 0), frequency)
    kept = {w: f for w, f in table.items() if f >= LEAST_FREQUENCY or w in phrases_dict or w in EXTRA or len(w) == 1}
    total = sum(kept.values())
    words = []
    for w, f in kept.items():
        if not all(c in characters for c in w):
            continue
        if w in EXTRA and EXTRA[w][1]:
            reading = EXTRA[w][1].split()
        elif len(w) == 1:
            reading = [characters[w][0]]
        else:
            raw = pypinyin.lazy_pinyin(w, style=pypinyin.Style.TONE3, neutral_tone_with_five=True)
            if len(raw) != len(w):
                continue
            reading = [s.replace("ü", "v") for s in raw]
            # The lexical form: 一 and 不 change their tone by rule, not in the dictionary.
            reading = ["yi1" if c == "一" and s[-1] != "5" else "bu4" if c == "不" and s[-1] != "5" else s
                       for c, s in zip(w, reading)]
            if not all(units.pinyin_to_units(s) for s in reading):
                continue
        words.append((w, reading, lexfile.cost_of(max(f, 1) / total)))
    print("mandarin.lex: %d words, %d bytes" % lexfile.write(os.path.join(out, "mandarin.lex"), characters, words))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lexicon"))
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    mandarin(arguments.out)
