"""Learns Models/lexicon/sichuan.tsv: which common characters have a Chengdu reading that no rule gives.

    python build_sichuan.py [--text ../../../../shared/text] [--out ../../lexicon]

Chengdu's old entering tone has become its second tone, which Mandarin does not show: the dictionary in
shared/text/sichuan (no licence stated; not redistributed) marks it as tone 5. For the 3,500 commonest characters by
jieba's counts, those are listed with the regular sounds where the dictionary allows them, unless it also has the regular
reading (度 is du4 in 温度 and duo2 in 揣度); a few others are written here.
Lines: character, Mandarin syllable, Chengdu syllable in Mandarin spelling with Chengdu's tone 1-4.
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402
from build_lexicon import jieba_frequencies  # noqa: E402

BY_HAND = {"我": "o3", "街": "gai1", "解": "gai3", "鞋": "hai2", "巷": "hang4", "项": "hang4", "去": "qie4", "给": "ge1",
           "内": "lui4", "类": "lui4", "义": "ni4", "议": "ni4", "艺": "ni4", "严": "nian2", "研": "nian1", "验": "nian4",
           "营": "yun2", "容": "yong2", "荣": "yong2", "雷": "lui2", "累": "lui4", "北": "be2", "国": "gue2", "批": "pei1"}


def spelled(shupin):
    """蜀拼 in Mandarin spelling, its entering tone 5 as 2; None where Mandarin cannot spell it."""
    m = re.fullmatch(r"([a-z]+)([1-5])", shupin)
    if not m:
        return None
    body, tone = m.groups()
    body = re.sub(r"^(z|c|s)h", r"\1", body)
    body = re.sub(r"^ng", "", body)
    m = re.match(r"([zcs])(yi|v|i(?=[a-z]))", body)
    if m:
        body = {"z": "j", "c": "q", "s": "x"}[m.group(1)] + m.group(2).replace("yi", "i") + body[m.end():]
    body = body.replace("eo", "o")
    body = re.sub(r"^n(?=[aeou])", "l", body)
    body = re.sub(r"^([jqx])v", r"\1u", body)
    body = re.sub(r"^([dtlgkhzcsr])o$", r"\1uo", body)
    body = re.sub(r"^([gkh])ue$", r"\1uei", body)
    body = "fu" if body == "hu" else body
    return body + ("2" if tone == "5" else tone) if units.pinyin_to_units(body + tone) else None


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", default="data/text")
    parser.add_argument("--out", default=os.path.join(here, "../../lexicon"))
    arguments = parser.parse_args()
    pypinyin = units._pinyin()
    count = {}
    for word, f in jieba_frequencies().items():
        for c in word:
            count[c] = count.get(c, 0) + f
    common = set(sorted(count, key=lambda c: -count[c])[:3500])
    entering, plain = {}, {}
    for line in open(f"{arguments.text}/sichuan/shupin.simp.dict.yaml", encoding="utf-8"):
        parts = line.rstrip("\n").split("\t")
        if len(parts) > 1 and parts[0] in common:
            readings = entering if parts[1].endswith("5") else plain
            readings.setdefault(parts[0], []).append(spelled(parts[1]))
    rows = []
    for c in sorted(common):
        readings = pypinyin.pinyin(c, style=pypinyin.Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0]
        mandarin = "bu4" if c == "不" else readings[0].replace("ü", "v")
        if not units.pinyin_to_units(mandarin) or mandarin[-1] == "5":
            continue
        regular = units.sichuan_syllable(mandarin)[:-1]
        if c in BY_HAND:
            chengdu = BY_HAND[c].replace("gue2", "guei2")
        elif c in entering and regular + mandarin[-1] not in plain.get(c, []):
            choices = [s for s in entering[c] if s]
            same = [s for s in choices if s[:-1] == regular]
            near = [s for s in choices if units.split_pinyin(s)[0] == units.split_pinyin(regular + "2")[0]]
            chengdu = (same or near or [regular + "2"])[0]
        else:
            continue
        if chengdu != regular + mandarin[-1]:
            rows.append(f"{c} {mandarin} {chengdu}")
    with open(os.path.join(arguments.out, "sichuan.tsv"), "w", encoding="utf-8") as f:
        f.write("# Chengdu readings that the rules do not give: character, Mandarin, Chengdu (its own tones)\n")
        f.write("\n".join(rows) + "\n")
    print("sichuan.tsv:", len(rows), "characters")


if __name__ == "__main__":
    main()
