"""Tokens of the acoustic model: every unit is a base (its sound) and a tone; silence and punctuation are bases too.

English and Cantonese sounds have bases of their own; NEAREST names the Mandarin base an English sound starts from when it
is first aligned.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402

PUNCTUATION = ["sil", ",", ".", "?", "!"]
BASES = (PUNCTUATION + units.INITIALS + units.FINALS + ["E_" + p for p in units.ENGLISH]
         + ["Y_" + i for i in units.Y_INITIALS] + ["Y_" + f + "$" for f in units.Y_FINALS])
BASE = {b: i for i, b in enumerate(BASES)}
TONES = 12  # 0 none, 1-5 Mandarin, 6-11 Cantonese 1-6
SPEAKERS = ["yue", "s0150", "kt", "kumo", "alpha", "da", "na"]
INITIAL = set(units.INITIALS) | {"Y_" + i for i in units.Y_INITIALS}

NEAREST = {"AA": "a", "AE": "ai", "AH": "e", "AO": "o", "AW": "ao", "AY": "ai", "B": "b", "CH": "ch", "D": "d", "DH": "z",
           "EH": "ie", "ER": "er", "EY": "ei", "F": "f", "G": "g", "HH": "h", "IH": "i", "IY": "i", "JH": "zh", "K": "k",
           "L": "l", "M": "m", "N": "n", "NG": "ng", "OW": "ou", "OY": "uo", "P": "p", "R": "r", "S": "s", "SH": "sh",
           "T": "t", "TH": "s", "UH": "u", "UW": "u", "V": "u", "W": "u", "Y": "i", "Z": "z", "ZH": "r"}


def split(token):
    """Token -> (base index, tone index)."""
    if token in BASE:
        return BASE[token], 0
    body, tone = token[:-1], int(token[-1])
    if token.startswith("Y_"):
        return BASE[body + "$"], 5 + tone
    return BASE[body], tone


def name(token):
    return BASES[split(token)[0]]


def is_pause(token):
    return token in PUNCTUATION


# name, sex, dialect, timbre, share of the timbre's own pitch, pace, description
VOICES = (("lan", "female", "zh", "yue", 1, "1", "clear woman; timbre of a studio recording of words"),
          ("mei", "female", "zh", "s0150", 1, "1", "calm woman; reads as in AISHELL-1"),
          ("yu", "female", "zh", "na", 1, "1", "young woman; taught by ttskit"),
          ("kai", "male", "zh", "da", 1, "1", "man; taught by ttskit"),
          ("rong", "male", "sc", "da", 0.95, "1", "man with the tones of Chengdu"),
          ("hoi", "male", "yue", "kt", 1, "0.62", "Cantonese man; learnt from single syllables"))


def voices(median):
    """name|sex|dialect|timbre|manner|hertz|pace|description of every voice whose timbre was heard; who said words alone borrows a manner."""
    # With the manner of na whisper-base hears 16.1 % of 317 syllables of `lan` wrong, with that of s0150 24.6 %.
    manners = {"yue": next(s for s in ("na", "s0150", "yue") if s in median)}
    return "\n".join(f"{name}|{sex}|{dialect}|{timbre}|{manners.get(timbre, timbre)}|{median[timbre] * share:.1f}|{pace}|{text}"
                     for name, sex, dialect, timbre, share, pace, text in VOICES if timbre in median)
