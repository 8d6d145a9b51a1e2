"""Statistics of the open-gram project's language model (Debian package sunpinyin-data, CC BY-SA 3.0): the web of about 2010.

    apt-get download sunpinyin-data && dpkg -x sunpinyin-data_*.deb DIRECTORY      # no program of the package is run

Its files, little-endian (sunpinyin's slm.h and pytrie.h). lm_sc.t3g: u32 order 3, u32 0; 4 × u32 nodes by length 0…3; 65,536 × f32
probabilities, 16,384 × f32 back-off weights; nodes of lengths 0…2 of 12 bytes: word 18 bits, back-off 14 bits, probability 16 bits, first child's
low 16 bits, 25 bits of something else, its high 7 bits; nodes of length 3 of 8 bytes (unused here: they end in nine words
only). pydict_sc.bin: u32 words, u32 nodes, u32 where the words stand, UTF-32, a zero after each.
"""
import glob
import struct

import numpy as np

from ngram import END, START, Statistics

CLAUSE_ENDS = set("，。；？！：…")


def read(folder):
    """Texts by number; numbers, probabilities and first pairs of the words; numbers and probabilities of the pairs."""
    path, = glob.glob(f"{folder}/**/lm_sc.t3g", recursive=True)
    data = open(path, "rb").read()
    sizes, at = struct.unpack_from("<3I", data, 8), 24
    table = np.frombuffer(data, "<f4", 65536, at)
    at += 4 * (65536 + 16384)
    levels = []
    for size in sizes:
        levels.append(np.frombuffer(data, "<u4", 3 * size, at).reshape(size, 3))
        at += 12 * size
    texts = open(path.replace("lm_sc.t3g", "pydict_sc.bin"), "rb").read()
    texts = texts[struct.unpack_from("<I", texts, 8)[0]:].decode("utf-32-le").split("\0")
    words, pairs = levels[1:]
    first = words[:, 1] >> 16 | words[:, 2] >> 25 << 16  # the last word closes the list only
    return (texts, words[:-1, 0] & 0x3ffff, table[words[:-1, 1] & 0xffff], first, pairs[:, 0] & 0x3ffff,
            table[pairs[:, 1] & 0xffff])


def statistics(folder, cut):
    """Shares of single words, pairs and triples of ours.

    cut: the numbers of our words that a text consists of, none where it has others. A word of theirs that is several of ours
    (我的, 不知道) tells what comes inside it and, with what follows it, triples.
    """
    texts, number, probability, child, next_number, next_probability = read(folder)
    pieces = [[END] if t in CLAUSE_ENDS else cut(t) for t in texts]
    found = Statistics()
    (_, one, two, three), (_, _, rest2, rest3) = found.shares, found.rest
    for k, (n, p) in enumerate(zip(number.tolist(), probability.tolist())):
        a = pieces[n]
        if not a:
            continue
        for i, w in enumerate(a):
            one[w] += p
            if i > 0:
                two[a[i - 1], w] += p
            if i > 1:
                three[a[i - 2], a[i - 1], w] += p
        h = START if a[-1] == END else a[-1]
        pairs = slice(child[k], child[k + 1])
        untold = p * max(0.0, 1.0 - float(next_probability[pairs].sum()))
        rest2[h,] += untold
        if len(a) > 1:
            rest3[a[-2], h] += untold
        for m, q in zip(next_number[pairs].tolist(), next_probability[pairs].tolist()):
            b, share = pieces[m], p * q
            if not b or h == START and b[0] == END:
                continue
            two[h, b[0]] += share
            if len(a) > 1:
                three[a[-2], h, b[0]] += share
            if len(b) > 1:
                three[h, b[0], b[1]] += share
            else:
                rest3[h, b[0]] += share
    return found
