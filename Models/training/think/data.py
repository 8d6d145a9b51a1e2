"""Texts, labels, vocabulary and features of the understanding network.

Everything that the Swift side must reproduce bit for bit (normalising, tokens, list features) is in this file and is
kept deliberately plain.
"""

import hashlib
import json
import pathlib
import random
import re
import unicodedata

SHARED = pathlib.Path("data/text")
DOMAINS = ["nlpcc2018", "cais", "smp2019", "smp2020", "car", "home", "open"]
ACTS = ["command", "question", "answer", "confirmation", "cancel", "correction", "chat"]
OFFICIAL = ["age", "custom_destination", "emotion", "family_name", "instrument", "language", "scene", "singer", "song",
            "style", "theme", "toplist"]
LISTS = OFFICIAL + ["person", "place", "proper", "word"] + ["singer~", "song~"]
FLAGS = 6  # S, B2, E2, B3+, E3+, I
MAX_ENTRY = 12
MAX_TEXT = 96
CONTEXT_TURNS = 4
CONTEXT_CHARS = 16


def normalise(text):
    """One scalar in, one scalar out, so that positions in the text stay positions in the tokens."""
    out = []
    for c in text:
        o = ord(c)
        if 0xFF01 <= o <= 0xFF5E:
            c = chr(o - 0xFEE0)
        elif o == 0x3000:
            c = " "
        if "A" <= c <= "Z":
            c = c.lower()
        out.append(c)
    return "".join(out)


# ---------------------------------------------------------------------------------------------------------- readings


class Readings:
    """The commonest reading of each single character: a syllable without tone, and a tone."""

    def __init__(self, chars):
        from pypinyin import Style, lazy_pinyin

        self.syllable, self.tone = {}, {}
        for c in chars:
            if not ("\u4e00" <= c <= "\u9fff"):
                continue
            r = lazy_pinyin(c, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
            if r and re.fullmatch(r"[a-zü]+[1-5]", r[0].replace("v", "ü")):
                s = r[0].replace("ü", "v")
                self.syllable[c], self.tone[c] = s[:-1], int(s[-1])


# ------------------------------------------------------------------------------------------------------------ corpora


def parse_tagged(tagged):
    """`播放<song>再见||在见</song>` → (text, [(name, start, end)]), the text as said."""
    text, spans, position = "", [], 0
    for m in re.finditer(r"<(\w+)>(.*?)</\1>", tagged):
        text += tagged[position:m.start()]
        value = m.group(2).split("||")[0]
        spans.append((m.group(1), len(text), len(text) + len(value)))
        text += value
        position = m.end()
    return text + tagged[position:], spans


def held_out(key, percent):
    return int(hashlib.sha1(key.encode()).hexdigest()[:8], 16) % 1000 < percent * 10


def load_nlpcc(root=SHARED):
    """Sessions of turns (text, intent, spans)."""
    sessions, current = [], []
    for line in open(root / "nlpcc2018_car_train.tsv", encoding="utf8"):
        line = line.rstrip("\n")
        if not line:
            if current:
                sessions.append(current)
            current = []
            continue
        ident, query, intent, tagged = line.split("\t")
        text, spans = parse_tagged(tagged)
        if text != query:
            text, spans = query, []
        current.append((text, intent, spans, ident))
    if current:
        sessions.append(current)
    train = [s for s in sessions if not held_out(s[0][3], 10)]
    dev = [s for s in sessions if held_out(s[0][3], 10)]
    return train, dev


def load_cais(root=SHARED):
    parts = []
    for split in ("train", "valid"):
        intents = [l.strip() for l in open(root / f"cais/ch.{split}.intent", encoding="utf8")]
        blocks = open(root / f"cais/ch.{split}", encoding="utf8").read().rstrip("\n").split("\n\n")
        rows = []
        for intent, block in zip(intents, blocks):
            text, tags = "", []
            for line in block.split("\n"):
                if not line:
                    continue
                c, tag = line.rsplit(" ", 1)
                text += c[0] if c else " "
                tags.append(tag)
            spans, start = [], None
            for i, tag in enumerate(tags + ["O"]):
                if start is not None and (tag[0] in "BSO" or tag[2:] != spans_name):
                    spans.append((spans_name, start, i))
                    start = None
                if tag[0] in "BS":
                    start, spans_name = i, tag[2:]
            rows.append((text, intent, spans, split))
        parts.append([[r] for r in rows])
    return parts[0], parts[1]


def load_smp(root=SHARED):
    """Both years; a text held out in one year is held out in the other."""
    out = {}
    for year in (2019, 2020):
        train, dev = [], []
        for x in json.load(open(root / f"smp{year}_train.json", encoding="utf8")):
            text, spans, used = x["text"], [], set()
            for name, value in x["slots"].items():
                for v in value if isinstance(value, list) else [value]:
                    v = str(v)
                    at = text.find(v)
                    while at >= 0 and any(i in used for i in range(at, at + len(v))):
                        at = text.find(v, at + 1)
                    if v and at >= 0:
                        spans.append((name, at, at + len(v)))
                        used.update(range(at, at + len(v)))
            row = (text, f"{x['domain']}.{x['intent']}", sorted(spans, key=lambda s: s[1]), str(year))
            (dev if held_out(text, 10) else train).append([row])
        out[f"smp{year}"] = (train, dev)
    return out


def load_all(root=SHARED):
    sets = {"nlpcc2018": load_nlpcc(root), "cais": load_cais(root)}
    sets.update(load_smp(root))
    return sets


def tiny(seed=0):
    """A generated corpus for the smoke configuration: no file is needed."""
    r = random.Random(seed)
    songs, places = ["小苹果", "青花瓷", "成都", "夜曲"], ["机场", "公司", "人民广场", "火车站"]

    def turn():
        k = r.randrange(3)
        if k == 0:
            v = r.choice(songs)
            return ("播放" + v, "music.play", [("song", 2, 2 + len(v))], "t")
        if k == 1:
            v = r.choice(places)
            return ("导航去" + v, "navigation.navigation", [("destination", 3, 3 + len(v))], "t")
        return (r.choice(["你好啊", "今天真热", "谢谢"]), "OTHERS", [], "t")

    def rows(n):
        return [[turn() for _ in range(r.randrange(1, 4))] for _ in range(n)]

    return {"nlpcc2018": (rows(200), rows(40))}, {"song": set(songs)}


# -------------------------------------------------------------------------------------------------------------- lists


def load_lists(readings, root=SHARED):
    """The dictionaries of the logs, words of jieba's dictionary by kind, and the sounds of singers and songs."""
    lists = {}
    for name in OFFICIAL:
        path = root / "nlpcc2018_slot_dictionaries" / f"{name}.txt"
        lists[name] = {normalise(l.strip()) for l in open(path, encoding="utf8") if l.strip()}
    import jieba

    kinds = {"person": set(), "place": set(), "proper": set(), "word": set()}
    for line in open(pathlib.Path(jieba.__file__).parent / "dict.txt", encoding="utf8"):
        word, count, kind = line.split(" ")
        kind = kind.strip()
        word = normalise(word)
        if not 2 <= len(word) <= MAX_ENTRY:
            continue
        if kind.startswith("nr"):
            if int(count) >= 3:
                kinds["person"].add(word)
        elif kind.startswith("ns"):
            kinds["place"].add(word)
        elif kind in ("nt", "nz", "i"):
            if int(count) >= 3:
                kinds["proper"].add(word)
        elif int(count) >= 50:
            kinds["word"].add(word)
    lists.update(kinds)
    for name in ("singer", "song"):
        lists[name + "~"] = {s for s in (sound(v, readings) for v in lists[name]) if s}
    return lists


def sound(text, readings):
    """`a|b|c` of the toneless syllables, None when a character has none."""
    parts = [readings.syllable.get(c) for c in text]
    return None if len(parts) < 2 or None in parts else "|".join(parts)


class ListFeatures:
    def __init__(self, lists, readings):
        self.readings = readings
        self.entries = {}
        self.sounds = {}
        for i, name in enumerate(LISTS):
            table = self.sounds if name.endswith("~") else self.entries
            for e in lists.get(name, ()):
                if len(e) <= MAX_ENTRY or name.endswith("~"):
                    table[e] = table.get(e, 0) | (1 << i)
        self.prefixes = {e[:k] for e in self.entries for k in range(1, len(e) + 1)}

    def spans(self, text):
        """(start, end, mask) of every listed n-gram."""
        n, out = len(text), []
        syllables = [self.readings.syllable.get(c) for c in text]
        for i in range(n):
            for j in range(i + 1, min(n, i + MAX_ENTRY) + 1):
                part = text[i:j]
                if part not in self.prefixes:
                    break
                mask = self.entries.get(part, 0)
                if mask:
                    out.append((i, j, mask))
            key = syllables[i]
            for j in range(i + 2, min(n, i + MAX_ENTRY) + 1):
                if key is None or syllables[j - 1] is None:
                    break
                key = key + "|" + syllables[j - 1]
                mask = self.sounds.get(key, 0)
                if mask:
                    out.append((i, j, mask))
        return out

    def columns(self, text):
        """For each position the list of columns that are one."""
        out = [set() for _ in text]
        for i, j, mask in self.spans(text):
            for l in range(len(LISTS)):
                if mask >> l & 1:
                    base = l * FLAGS
                    if j - i == 1:
                        out[i].add(base)
                    else:
                        long = j - i > 2
                        out[i].add(base + (3 if long else 1))
                        out[j - 1].add(base + (4 if long else 2))
                        for k in range(i + 1, j - 1):
                            out[k].add(base + 5)
        return out


def fingerprint(key, sound_key):
    """Two 24-bit numbers of an entry (FNV-1a, 64 bits, over UTF-8), which is all that is stored of it."""
    h = 0xCBF29CE484222325
    for b in (b"~" if sound_key else b"=") + key.encode("utf8"):
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    h ^= h >> 29
    return h & 0xFFFFFF, (h >> 24) & 0xFFFFFF


# --------------------------------------------------------------------------------------------------------- vocabulary

SPECIAL = ["<pad>", "<unk>", "<text>"]


class Vocabulary:
    """Characters with an own embedding, and further characters of which only the sound is known."""

    def __init__(self, chars, syllable_only, syllables, intents, tags):
        self.chars, self.syllable_only = chars, syllable_only
        self.index = {c: i + len(SPECIAL) for i, c in enumerate(chars)}
        self.readings = Readings(chars + syllable_only)
        self.syllables = syllables or sorted(set(self.readings.syllable.values()))
        self.syllable_index = {s: i + 1 for i, s in enumerate(self.syllables)}
        self.intents, self.tags = intents, tags  # domain → names; tags[domain][0] = "O", then B-x, I-x pairs
        self.intent_offset, self.tag_offset = {}, {}
        at = 0
        for d in intents:
            self.intent_offset[d] = at
            at += len(intents[d])
        self.intent_count = at
        at = 0
        for d in tags:
            self.tag_offset[d] = at
            at += len(tags[d])
        self.tag_count = at

    def token(self, c):
        """(character, syllable, tone) indices; zero is none."""
        s = self.readings.syllable.get(c)
        return (self.index.get(c, 1), self.syllable_index.get(s, 0) if s else 0, self.readings.tone.get(c, 0))

    def state(self):
        return {"chars": self.chars, "syllable_only": self.syllable_only, "syllables": self.syllables,
                "intents": self.intents, "tags": self.tags}

    @staticmethod
    def restore(state):
        return Vocabulary(state["chars"], state["syllable_only"], state["syllables"], state["intents"], state["tags"])


def build_vocabulary(sets, extra_texts=()):
    counts, frequent = {}, []
    for train, _ in sets.values():
        for s in train:
            for t in s:
                for c in normalise(t[0]):
                    counts[c] = counts.get(c, 0) + 1
    for text in extra_texts:
        for c in normalise(text):
            counts[c] = counts.get(c, 0) + 1
    try:
        import jieba

        jieba_counts = {}
        for line in open(pathlib.Path(jieba.__file__).parent / "dict.txt", encoding="utf8"):
            word, count, _ = line.split(" ")
            for c in word:
                if "\u4e00" <= c <= "\u9fff":
                    jieba_counts[c] = jieba_counts.get(c, 0) + int(count)
        frequent = sorted(jieba_counts, key=lambda c: -jieba_counts[c])
    except ImportError:
        pass
    ascii_chars = [chr(i) for i in range(32, 127) if not "A" <= chr(i) <= "Z"]
    chars = sorted({c for c, n in counts.items() if n >= 2} | set(ascii_chars) | set(frequent[:3500]))
    syllable_only = sorted((set(frequent[:8000]) | set(counts)) - set(chars))
    syllable_only = [c for c in syllable_only if "\u4e00" <= c <= "\u9fff"]
    intents, tags = {}, {}
    for d, (train, _) in sets.items():
        intents[d] = sorted({t[1] for s in train for t in s})
        slots = sorted({n for s in train for t in s for n, _, _ in t[2]})
        tags[d] = ["O"] + [p + n for n in slots for p in ("B-", "I-")]
    return Vocabulary(chars, syllable_only, None, intents, tags)


# --------------------------------------------------------------------------------------------------------------- acts

CONFIRM = {"好", "好的", "是", "是的", "可以", "对", "对的", "嗯", "确定", "行", "没错", "好啊", "嗯嗯", "要", "确认", "当然"}
CANCEL = re.compile(r"^(取消|退出|关闭|算了|不用了|不要了|不需要了|停止|结束|别|不要|返回|没事了)")
CORRECT = re.compile(r"(不是|不对|错了|我说的是|我是说)")
QUESTION = re.compile(r"([吗呢么？?]$|什么|怎么|多少|几|哪|谁|是不是|为啥|如何)")


def dialogue_act(domain, text, intent, spans):
    """Weak labels: what the logs' own labels say, and cue words where they say nothing."""
    bare = normalise(text).strip("。，！!,. ")
    if bare in CONFIRM:
        return "confirmation"
    if intent in ("navigation.cancel_navigation", "phone_call.cancel", "music.pause") or CANCEL.search(bare):
        return "cancel"
    if CORRECT.search(bare):
        return "correction"
    if intent in ("OTHERS", "Chat"):
        return "chat"
    if spans and spans[0][1] == 0 and spans[-1][2] == len(text) and len(spans) == 1:
        return "answer"
    if QUESTION.search(bare):
        return "question"
    return "command"
