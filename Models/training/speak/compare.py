"""Ting's voices, the teachers' and recorded ones before the same judges: whisper-base (tonal syllables heard wrong) and DNSMOS.

python compare.py --ting ../../../.build/release/ting --out data/speak/compare replies sentences ttskit english real

replies     120 different replies that Ting gives to commands drawn by ../synth/texts.py, spoken by its Mandarin voices in turn
fp32        the first 40 of them in INT8 and computed in fp32
sentences   200 sentences no training drew, by the same voices in turn
ttskit      the same sentences by the teacher of yu and kai, from the same surface syllables
cantonese   40 Cantonese cabin commands by the Cantonese voices; both sides read in Cantonese, and whisper-base, which was taught little of it and
            often answers in written Mandarin, hears it at its worst
english     60 English sentences by every voice in turn, none of them among the teacher's; words wrong instead of syllables
real        the 40 sentences of aishell_s0150 held out, and 60 phrases of hsk_words of four syllables and more
Judgements are kept in --out; what is judged already is not judged again unless the clip changed.
"""
import argparse
import collections
import functools
import hashlib
import json
import os
import random
import re
import subprocess
import sys

import numpy as np
import soundfile
import torch

import judge
from judge import units

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "synth"))
from kokoro import ENGLISH_HELD_OUT, learners  # noqa: E402
from texts import TextPool, command, held_out  # noqa: E402

HELD_OUT = 40  # as in acoustic_train.py


def replies(arguments, pool, count=120):
    """What Ting answers, each reply once, in the order in which drawn commands first cause it."""
    rng, asked = random.Random(11), []
    while len(asked) < 40 * count:
        asked.append(command(rng, pool).replace(",", ""))
    answers = subprocess.run([arguments.ting, "understand", "--json"], input="\n\n".join(asked) + "\n", text=True,
                             capture_output=True, check=True).stdout
    seen = dict.fromkeys(json.loads(line)["reply"] for line in answers.splitlines())
    shapes, out = collections.Counter(), []
    for reply in seen:  # numbers and names aside, one template at most three times
        shape = reply and "".join(c for c in reply if c not in "0123456789零一二三四五六七八九十百两")[:6]
        if reply and shapes[shape] < 3 and len(judge.syllables(reply)) >= 3:
            shapes[shape] += 1
            out.append(reply)
    return out[:count]


def sentences(pool, count):
    held = pool.evaluation()
    commands = [t for k, t in held if k == "command" and len(t) >= 5][:count // 2]
    general = [t for k, t in held if k == "general" and len(t) >= 5][:count - count // 2]
    # four of a kind at a time: voices take turns, and every voice gets both kinds
    return [t.replace(",", "，") + "。" for n in range(0, len(commands), 4) for t in commands[n:n + 4] + general[n:n + 4]]


def ting(arguments, name, texts, dialect="zh", options=()):
    listed = subprocess.run([arguments.ting, "say", "--voice", "list"], text=True, capture_output=True, check=True).stdout
    voices = arguments.voices.split(",") if arguments.voices else [
        line.split("\t")[0] for line in listed.splitlines() if line.split("\t")[1].endswith(", " + dialect)]
    for n, text in enumerate(texts):
        voice = voices[n % len(voices)]
        path = os.path.join(arguments.out, name, f"{n:03d}.wav")
        subprocess.run([arguments.ting, "say", text, "--voice", voice, "--out", path, *options], check=True, capture_output=True)
        yield voice, path, text


def both_precisions(arguments, texts):
    for name, options in (("INT8", ()), ("fp32", ("--fp32",))):
        os.makedirs(os.path.join(arguments.out, name), exist_ok=True)
        for _, path, text in ting(arguments, name, texts, options=options):
            yield name, path, text


def ttskit(arguments, texts):
    import ttskit_voice as teacher
    phones, engine = teacher.ttskit_engine.Phones(), teacher.ttskit_engine
    tacotron, vocoder = engine.Tacotron(), engine.MelGAN()
    for n, text in enumerate(texts):
        voice = ("Aida", "Aina")[n % 2]
        path = os.path.join(arguments.out, "ttskit", f"{n:03d}.wav")
        job = teacher.job(text, phones)
        if not job:
            continue
        if not os.path.exists(path):
            torch.manual_seed(n)
            made = next(iter(teacher.speak([job], [engine.speaker_vector(voice)], tacotron, vocoder)), None)
            if not made:
                continue
            soundfile.write(path, np.clip(made[1], -1, 1), engine.SAMPLE_RATE)
        yield voice, path, text


def english(arguments, count=60):
    texts = [t for t in learners(os.path.join(arguments.speech, "english_l2", "manifest.tsv")) if held_out(t, ENGLISH_HELD_OUT)]
    texts = [t.capitalize() + "." for t in texts if len(t.split()) >= 4]
    return texts[::max(1, len(texts) // count)][:count]


def cantonese(arguments, count=40):
    lines = open(os.path.join(arguments.text, "cantonese_cabin_train.tsv"), encoding="utf-8").read().splitlines()
    texts = list(dict.fromkeys(line.split("\t")[1].replace(" ", "") for line in lines))
    texts = [t for t in texts if 4 <= len(t) <= 14 and re.fullmatch("[\u4e00-\u9fff，？。]+", t)]
    return texts[::max(1, len(texts) // count)][:count]


def cantonese_syllables(text):
    return units.text_to_syllables(re.sub(r"[^\u4e00-\u9fff0-9]", " ", text), "yue")


def real(arguments):
    for corpus in ("aishell_s0150", "hsk_words"):
        folder = os.path.join(arguments.speech, corpus)
        rows = [line.split("\t") for line in open(os.path.join(folder, "manifest.tsv"), encoding="utf-8").read().splitlines()[1:]]
        if corpus == "aishell_s0150":
            rows = rows[-HELD_OUT:]
        else:
            rows = [r for r in rows if len(judge.syllables(r[4])) >= 4]
            rows = rows[::max(1, len(rows) // 60)][:60]
        for row in rows:
            yield corpus, os.path.join(folder, row[0]), row[4]


ENGLISH_DIGITS = "zero one two three four five six seven eight nine".split()


def words(text):
    """English words; Whisper writes a row of digits that was said one by one as a number."""
    text = re.sub(r"\d", lambda digit: f" {ENGLISH_DIGITS[int(digit.group())]} ", text)
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def summary(rows):
    wrong = np.array([r["wrong"] for r in rows], float)
    total = np.array([r["total"] for r in rows], float)
    toneless = sum(r["toneless"] for r in rows)
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(rows), (1000, len(rows)))
    low, high = np.percentile(wrong[picks].sum(1) / total[picks].sum(1), [2.5, 97.5])
    return (f"{len(rows)} clips, {int(total.sum())} syllables, wrong {wrong.sum() / total.sum():.1%} ({low:.1%} to {high:.1%}), "
            f"without tones {toneless / total.sum():.1%}, DNSMOS {np.mean([r['mos'] for r in rows]):.2f}, "
            f"loudest sample {max(r['peak'] for r in rows):.3f}")


def run(arguments):
    for name in arguments.sets:
        os.makedirs(os.path.join(arguments.out, name), exist_ok=True)
    whisper = judge.Whisper(arguments.whisper)
    from speechmos import dnsmos
    known_at = os.path.join(arguments.out, "judged.json")
    known = json.load(open(known_at, encoding="utf-8")) if os.path.exists(known_at) else {}
    pool = functools.cache(lambda: TextPool(arguments.text))
    clips = {
        "replies": lambda name: ting(arguments, name, replies(arguments, pool())),
        "fp32": lambda name: both_precisions(arguments, replies(arguments, pool())[:40]),
        "sentences": lambda name: ting(arguments, name, sentences(pool(), arguments.sentences)),
        "ttskit": lambda name: ttskit(arguments, sentences(pool(), arguments.sentences)),
        "cantonese": lambda name: ting(arguments, name, cantonese(arguments), "yue"),
        "english": lambda name: ting(arguments, name, english(arguments)),
        "real": lambda name: real(arguments)}
    for name in arguments.sets:
        by = collections.defaultdict(list)
        for voice, path, text in clips[name](name):
            key = hashlib.sha1(open(path, "rb").read() + text.encode()).hexdigest()
            if key not in known:
                x = judge.load(path)
                language = {"english": ("en", words), "cantonese": ("yue", cantonese_syllables)}.get(name, ("zh", judge.syllables))
                wrong, toneless, total, heard = judge.errors(whisper, text, x, *language)
                known[key] = {
                    "wrong": wrong, "total": total, "heard": heard, "toneless": toneless,
                    "mos": float(dnsmos.run(np.clip(x, -1, 1), sr=16000)["ovrl_mos"]), "peak": float(np.abs(x).max())}
                with open(known_at + ".tmp", "w", encoding="utf-8") as f:
                    json.dump(known, f, ensure_ascii=False)
                os.replace(known_at + ".tmp", known_at)
            by[voice].append(known[key])
            if arguments.show:
                print(name, voice, known[key]["wrong"], known[key]["total"], text, "->", known[key]["heard"], flush=True)
        for voice, rows in by.items():
            print(f"{name} {voice}: {summary(rows)}", flush=True)
        if len(by) > 1:
            print(f"{name}: {summary([r for rows in by.values() for r in rows])}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="+", choices=["replies", "fp32", "sentences", "ttskit", "cantonese", "english", "real"])
    parser.add_argument("--ting", default="../../../.build/release/ting")
    parser.add_argument("--voices", default="", help="Ting's voices to take in turn; all Mandarin ones if empty")
    parser.add_argument("--out", default="data/speak/compare")
    parser.add_argument("--speech", default="data/speech")
    parser.add_argument("--text", default="data/text")
    parser.add_argument("--whisper", default="data/speak/judge/whisper")
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--show", action="store_true")
    run(parser.parse_args())
