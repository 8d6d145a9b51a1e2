"""Writes the lexicon files that Sources/Language/Lexicon.swift reads. All numbers little-endian.

    "TINGLEX1"
    u32 n, n bytes        the syllables, joined with newlines, padded with newlines to a multiple of 4
    u32 c                 characters; then c × u16 code (sorted, padded to 4 bytes), (c + 1) × u32 first reading,
                          and u16 syllable numbers, most common reading first (padded to 4 bytes)
    u32 L                 longest word; then for each length 1…L: u32 count, count·length × u16 codes (words sorted),
                          count·length × u8 which reading of each character, count × u8 cost, padded to 4 bytes

A cost is -ln(probability) × 12 rounded, at most 255. A word with several readings stands there several times, the most
common first. Only characters of the basic plane are kept.
"""
import math
import struct


def pad(data, filler=b"\0"):
    return data + filler * (-len(data) % 4)


def cost_of(probability):
    return max(0, min(255, round(-math.log(probability) * 12)))


def write(path, characters, words):
    """characters: {char: [syllables]}; words: iterable of (word, (syllable, …) one a character, cost)."""
    characters = {c: list(r) for c, r in characters.items() if len(c) == 1 and ord(c) < 65536}
    kept = {}
    for word, reading, cost in words:
        if len(word) != len(reading) or any(ord(c) > 65535 or c not in characters for c in word):
            continue
        for c, s in zip(word, reading):
            if s not in characters[c]:
                characters[c].append(s)
        key = (word, tuple(reading))
        kept[key] = min(cost, kept.get(key, 255))
    syllables = sorted({s for r in characters.values() for s in r})
    number = {s: i for i, s in enumerate(syllables)}
    text = pad("\n".join(syllables).encode(), b"\n")
    out = [b"TINGLEX1", struct.pack("<I", len(text)), text]
    order = sorted(characters)
    out.append(struct.pack("<I", len(order)))
    out.append(pad(struct.pack(f"<{len(order)}H", *map(ord, order))))
    starts, flat = [0], []
    for c in order:
        flat += [number[s] for s in characters[c]]
        starts.append(len(flat))
    out.append(struct.pack(f"<{len(starts)}I", *starts))
    out.append(pad(struct.pack(f"<{len(flat)}H", *flat)))
    longest = max(len(w) for w, _ in kept)
    out.append(struct.pack("<I", longest))
    for length in range(1, longest + 1):
        rows = sorted(((w, cost, r) for (w, r), cost in kept.items() if len(w) == length),
                      key=lambda row: ([ord(c) for c in row[0]], row[1]))
        codes = b"".join(struct.pack("<H", ord(c)) for w, _, _ in rows for c in w)
        which = bytes(characters[c].index(s) for w, _, r in rows for c, s in zip(w, r))
        out.append(struct.pack("<I", len(rows)) + pad(codes + which + bytes(cost for _, cost, _ in rows)))
    data = b"".join(out)
    with open(path, "wb") as f:
        f.write(data)
    return len(kept), len(data)
