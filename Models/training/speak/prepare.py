"""Decode the recordings, trim, level, and compute features; one .npz a corpus under --out. Resumes corpus by corpus.

python prepare.py --speech data/speech --teachers data --out data/speak/data
python prepare.py --smoke --out FOLDER      recordings made of nothing (made.py)
"""
import argparse
import json
import os
import sys

import numpy as np
import soundfile
import soxr

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402
from features import HOP, RATE, envelope, fundamental_phase, pitch  # noqa: E402

# corpus -> speaker, F0 range. mandarin_syllables is in no training: cloning and tones are measured on her.
VOICES = {"hsk_words": ("yue", 100, 480), "aishell_s0150": ("s0150", 100, 480), "cantonese_syllables": ("kt", 60, 320),
          "jm_kumo": ("kumo", 55, 330), "jf_alpha": ("alpha", 110, 520), "da": ("da", 60, 330), "na": ("na", 110, 520)}
# corpora that teachers speak: folder, the teacher's name of the voice
TEACHERS = {"jm_kumo": ("kokoro", "jm_kumo"), "jf_alpha": ("kokoro", "jf_alpha"), "da": ("ttskit", "Aida"), "na": ("ttskit", "Aina")}
PUNCTUATION = {"，": ",", ",": ",", "、": ",", "；": ",", "：": ",", "。": ".", ".": ".", "？": "?", "?": "?", "！": "!", "!": "!"}


def sandhi(syllables):
    """Third-tone sandhi inside one run of syllables, two by two from the right."""
    out = list(syllables)
    end = len(out)
    while end > 0:
        start = end
        while start > 0 and out[start - 1].endswith("3"):
            start -= 1
        run = end - start
        if run >= 2:
            for i in range(start, end - 1):
                out[i] = out[i][:-1] + "2"
            if run >= 4:  # long runs break in feet of two: 3 3 3 3 -> 2 3 2 3
                for i in range(end - 3, start - 1, -2):
                    out[i] = out[i][:-1] + "3"
        end = start if run else end - 1
    return out


def surface(text):
    """Han text -> tokens (units and punctuation) with surface tones."""
    import pypinyin
    units._pinyin()
    tokens = []
    piece = ""
    for c in text + "\n":
        if units.HAN.match(c):
            piece += c
            continue
        if piece:
            syllables = units.han_syllables(piece)
            if len(syllables) == len(piece):
                for i, (h, s) in enumerate(zip(piece, syllables)):
                    following = syllables[i + 1][-1] if i + 1 < len(piece) else ""
                    ordinal = i > 0 and piece[i - 1] in "第一二三四五六七八九十零百初周期" or (
                        i + 1 < len(piece) and piece[i + 1] in "二三四五六七八九十一零月号点")
                    if h == "一" and following and not ordinal:
                        syllables[i] = "yi2" if following == "4" else "yi4" if following in "123" else "yi1"
                    if h == "不" and following == "4":
                        syllables[i] = "bu2"
                syllables = sandhi(syllables)
            else:
                syllables = sandhi(syllables)
            for s in syllables:
                u = units.pinyin_to_units(s)
                if not u:
                    return None
                tokens += u
            piece = ""
        if c in PUNCTUATION:
            if tokens and tokens[-1] not in PUNCTUATION.values():
                tokens.append(PUNCTUATION[c])
        elif not c.isspace() and c not in "“”《》—…":
            return None
    return tokens


def entries(speech, teachers, corpus):
    """(path, tokens) of each clip."""
    if corpus in TEACHERS:
        folder, wanted = TEACHERS[corpus]
        folder = os.path.join(teachers, folder)
        if not os.path.exists(folder):
            return
        for line in open(os.path.join(folder, "manifest.tsv"), encoding="utf-8").read().splitlines():
            name, _, voice, lang, text, _, spoken = (line.split("\t") + [""])[:7]
            if voice != wanted:
                continue
            tokens = surface(text) if lang == "zh" else spoken.split()
            yield os.path.join(folder, "wav", name), tokens if not tokens or tokens[-1] in "?!." else tokens + ["."]
        return
    folder = os.path.join(speech, corpus)
    for line in open(os.path.join(folder, "manifest.tsv"), encoding="utf-8").read().splitlines()[1:]:
        name, _, _, _, text = line.split("\t")[:5]
        if corpus == "cantonese_syllables":
            tokens = units.jyutping_to_units(text)
        else:
            tokens = surface(text)
        yield os.path.join(folder, name), (tokens + ["."] if tokens and tokens[-1] not in "?!." else tokens)


def trim(x):
    """Cut silence, keeping 0.1 s; level the speech to -24 dB."""
    n = len(x) // 240
    energy = 10 * np.log10((x[:n * 240].reshape(n, 240) ** 2).mean(1) + 1e-10)
    top = np.percentile(energy, 97)
    loud = np.flatnonzero(energy > top - 38)
    if len(loud) == 0:
        return None
    a, b = max(0, loud[0] * 240 - 2400), min(len(x), (loud[-1] + 1) * 240 + 2400)
    speech = energy[energy > top - 25]
    return x[a:b] * (10 ** ((-24 - 10 * np.log10((10 ** (speech / 10)).mean())) / 20))


def run(arguments):
    os.makedirs(arguments.out, exist_ok=True)
    for corpus, (speaker, low, high) in VOICES.items():
        path = os.path.join(arguments.out, corpus + ".npz")
        if os.path.exists(path) or (arguments.only and corpus not in arguments.only.split(",")):
            continue
        meta, audio, env, f0s, phases = [], [], [], [], []
        dropped = 0
        for number, (clip, tokens) in enumerate(entries(arguments.speech, arguments.teachers, corpus)):
            if tokens and number % 100 >= arguments.percent and not (corpus == "hsk_words" and len(tokens) > 6):
                continue
            try:
                x, rate = soundfile.read(clip, dtype="float32")
            except Exception:
                dropped += 1
                continue
            x = x if x.ndim == 1 else x.mean(1)
            x = trim(soxr.resample(x, rate, RATE) if rate != RATE else x)
            if not tokens or x is None or len(x) < RATE // 5:
                dropped += 1
                continue
            x = x - x.mean()
            f0 = pitch(x, low, high)[:len(x) // HOP]
            if (f0 > 0).sum() < 5:
                dropped += 1
                continue
            x = x[:len(f0) * HOP]
            meta.append({"name": os.path.basename(clip), "tokens": tokens, "frames": len(f0)})
            audio.append((np.clip(x, -1, 1) * 32767).astype(np.int16))
            env.append(envelope(x, f0).astype(np.float16))
            f0s.append(f0)
            phases.append(fundamental_phase(x, f0))
        if not meta:
            continue
        np.savez(path + ".tmp.npz", audio=np.concatenate(audio), envelope=np.concatenate(env), f0=np.concatenate(f0s),
                 phase=np.concatenate(phases), meta=json.dumps(meta), speaker=speaker)
        os.replace(path + ".tmp.npz", path)
        print(corpus, len(meta), "clips,", sum(map(len, f0s)) * HOP / RATE / 3600, "h, dropped", dropped, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--speech", default="data/speech")
    parser.add_argument("--teachers", default="data", help="where the folders kokoro and ttskit lie")
    parser.add_argument("--out", default="data/speak/data")
    parser.add_argument("--only", default="")
    parser.add_argument("--percent", type=int, default=100, help="share of the clips of a corpus (long phrases all stay)")
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    if arguments.smoke:
        import made
        made.ready(arguments.out, aligned=False)
    else:
        run(arguments)
