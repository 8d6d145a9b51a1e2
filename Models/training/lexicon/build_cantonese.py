"""Builds Models/lexicon/cantonese.lex: traditional and simplified spellings with jyutping.

    python build_cantonese.py [--out ../../lexicon]

Readings: ToJyutping (BSD-2-Clause; data from rime-cantonese, CC BY 4.0); frequencies: jieba's dictionary (MIT);
simplified spellings: OpenCC (Apache-2.0).
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import lexfile  # noqa: E402
import units  # noqa: E402
from build_lexicon import HAN, jieba_frequencies  # noqa: E402

# Readings for speech to a device, in simplified spelling.
EXTRA = {"调到": "tiu4 dou3", "调大": "tiu4 daai6", "调细": "tiu4 sai3", "调高": "tiu4 gou1", "调低": "tiu4 dai1", "调": "tiu4",
         "调小": "tiu4 siu2", "调节": "tiu4 zit3", "调整": "tiu4 zing2", "调校": "tiu4 gaau3", "风量": "fung1 loeng6",
         "音量": "jam1 loeng6", "电量": "din6 loeng6", "油量": "jau4 loeng6", "空调": "hung1 tiu4", "冷气": "laang5 hei3",
         "重新": "cung4 san1", "行": "haang4", "银行": "ngan4 hong4", "长": "coeng4", "给": "kap1", "车": "ce1", "好": "hou2",
         "温度": "wan1 dou6", "一啲": "jat1 di1", "乐": "lok6", "音乐": "jam1 ngok6", "听": "teng1", "重": "cung4",
         "打开": "daa2 hoi1", "闩": "saan1", "开": "hoi1", "熄": "sik1", "俾": "bei2", "畀": "bei2", "翻": "faan1", "返": "faan1",
         "生": "saang1", "命令": "ming6 ling6", "导航": "dou6 hong4", "上": "soeng5", "上面": "soeng6 min6", "下": "haa6",
         "中": "zung1", "分": "fan1", "几": "gei2", "只": "zi2", "两": "loeng5", "为": "wai6", "会": "wui5", "个": "go3",
         "系": "hai6", "后面": "hau6 min6", "咗": "zo2", "嘅": "ge3", "啲": "di1", "睇": "tai2", "嚟": "lei4", "冇": "mou5"}


def all_words():
    import ToJyutping  # noqa: F401
    import ToJyutping.Trie as trie
    stack = [(trie.root, "")]
    while stack:
        node, word = stack.pop()
        if node.v:
            yield word, [str(getattr(v, "jyutping", v)).split() for v in node.v]
        stack += [(child, word + c) for c, child in node.items()]


def main(out):
    import opencc
    import ToJyutping
    to_simple, to_hk = opencc.OpenCC("t2s"), opencc.OpenCC("s2hk")
    frequency = jieba_frequencies()
    characters, words = {}, {}

    def good(reading):
        return all(units.jyutping_to_units(s) for s in reading)

    def add(word, reading, rank):
        if HAN.fullmatch(word) and len(word) == len(reading) and good(reading):
            words.setdefault(word, {}).setdefault(tuple(reading), rank)

    for word, readings in all_words():
        if len(word) > 6:
            continue
        readings = [r for r in readings if len(r) == len(word) and good(r)]
        if len(word) == 1 and readings and HAN.fullmatch(word):
            characters[word] = [r[0] for r in readings]
        for rank, r in enumerate(readings[:2 if len(word) > 1 else 1]):
            add(word, r, rank)
    for c in [chr(i) for i in range(0x4E00, 0xA000)]:
        traditional = to_hk.convert(c)
        if len(traditional) == 1 and traditional != c and traditional in characters:
            own = characters.get(c, [])
            characters[c] = characters[traditional] + [r for r in own if r not in characters[traditional]]
            words[c] = {(characters[c][0],): 0}
    for word in list(words):
        simple = to_simple.convert(word)
        if simple != word and len(simple) == len(word) > 1:
            for r, rank in words[word].items():
                add(simple, r, rank)
    for word, f in frequency.items():
        if f >= 30 and 1 < len(word) <= 5 and word not in words:
            traditional = to_hk.convert(word)
            if len(traditional) == len(word):
                reading = [j for _, j in ToJyutping.get_jyutping_list(traditional)]
                if all(reading) and all(len(j.split()) == 1 for j in reading):
                    add(word, reading, 0)
    for word, reading in EXTRA.items():
        reading = reading.split()
        for form in {word, to_hk.convert(word)}:
            if len(form) == len(word):
                words[form] = {tuple(reading): 0}
                if len(form) == 1:
                    characters[form] = reading + [r for r in characters.get(form, []) if r not in reading]
    total = sum(frequency.values())
    rows = []
    for word, readings in words.items():
        simple = to_simple.convert(word)
        f = max(frequency.get(word, 0), frequency.get(simple, 0), 3 if len(word) > 1 else 5)
        # Words of everyday Cantonese that a Mandarin dictionary does not count.
        if re.search("[嘅咗佢喺唔冇啲嗰咁嚟睇乜哋嘢俾畀咩嘞喎噉]", word):
            f = max(f, 3000 if len(word) == 1 else 200)
        for r, rank in readings.items():
            rows.append((word, r, min(255, lexfile.cost_of(f / total) + 20 * rank)))
    print("cantonese.lex: %d words, %d bytes" % lexfile.write(os.path.join(out, "cantonese.lex"), characters, rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lexicon"))
    main(parser.parse_args().out)
