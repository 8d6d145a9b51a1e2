"""Sentences in one or two voices of ttskit's Tacotron 2 and MelGAN (package MIT) for Speak to learn from, 22.05 kHz.

The labels are the very syllables that the synthesiser was given. A clip is kept when its attention went through every
syllable; voices are chosen by a trial before whisper-base and DNSMOS.

python ttskit_voice.py --out data/ttskit --voices Aida,Aina --minutes 65
python ttskit_voice.py --out data/ttskit --trial 6     instead: N sentences of every voice, judged, one line a voice
"""
import argparse
import os
import random
import sys
import time

import numpy as np
import soundfile
import soxr
import torch

import judge
from features import RATE, pitch
from kokoro import sentence
from prepare import units

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "synth"))
import ttskit_engine  # noqa: E402
from texts import TextPool, pronounce  # noqa: E402
from voices import AISHELL3, NAMED  # noqa: E402


def job(text, phones):
    """(text, tokens, symbol ids, spans): None where a sound has no name in either alphabet."""
    plain = text.replace("，", ",").rstrip("。！？")
    _, surface = pronounce(plain)
    coded = phones(surface + ["."])
    tokens = []
    for syllable in surface:
        found = [","] if syllable == "," else units.pinyin_to_units(syllable)
        if not found:
            return None
        tokens += found
    return None if coded is None or len(tokens) > 90 else (plain, tokens + ["."], *coded)


def speak(jobs, vectors, tacotron, vocoder):
    """(job, samples) of the clips whose attention came to its end."""
    for made, heard in zip(jobs, tacotron([j[2] for j in jobs], vectors)):
        if heard is None:
            continue
        mel, seen = heard
        if not ttskit_engine.went_through(seen, made[3]):
            continue
        x = vocoder(mel)
        if np.isfinite(x).all():
            yield made, x


def trial(arguments, pool, phones, tacotron, vocoder, whisper):
    from speechmos import dnsmos
    rng = random.Random(3)
    texts = [j for j in (job(pool.draw(rng), phones) for _ in range(60)) if j and 18 < len(j[1]) < 40][:arguments.trial]
    names = arguments.voices.split(",") if arguments.voices else AISHELL3 + NAMED
    for name in names:
        rows, scores, hertz = [], [], []
        for made, x in speak(texts, [ttskit_engine.speaker_vector(name)] * len(texts), tacotron, vocoder):
            y = soxr.resample(x, ttskit_engine.SAMPLE_RATE, 16000).astype(np.float32)
            rows.append(judge.errors(whisper, made[0], y)[:3])
            scores.append(float(dnsmos.run(np.clip(y, -1, 1), sr=16000)["ovrl_mos"]))
            f0 = pitch(soxr.resample(x, ttskit_engine.SAMPLE_RATE, RATE), 55, 480)
            hertz.append(np.median(f0[f0 > 0]) if (f0 > 0).any() else 0)
        t = np.array(rows).sum(0) if rows else (0, 0, 1)
        print(f"{name}\t{len(rows)} clips\twrong {t[0] / t[2]:.3f}\ttoneless {t[1] / t[2]:.3f}\tDNSMOS {np.mean(scores or [0]):.2f}"
              f"\t{np.median(hertz or [0]):.0f} Hz", flush=True)


def run(arguments):
    torch.set_num_threads(arguments.threads)
    pool, phones = TextPool(arguments.text), ttskit_engine.Phones()
    tacotron, vocoder = ttskit_engine.Tacotron(), ttskit_engine.MelGAN()
    if arguments.trial:
        return trial(arguments, pool, phones, tacotron, vocoder, judge.Whisper(arguments.whisper))
    os.makedirs(os.path.join(arguments.out, "wav"), exist_ok=True)
    manifest = os.path.join(arguments.out, "manifest.tsv")
    lines = open(manifest, encoding="utf-8").read().splitlines() if os.path.exists(manifest) else []
    made = sum(float(line.split("\t")[1]) for line in lines) / 60
    rng, began, tried = random.Random(len(lines) + 9), time.time(), 0
    torch.manual_seed(len(lines))
    names = arguments.voices.split(",")
    with open(manifest, "a", encoding="utf-8") as f:
        while made < arguments.minutes:
            jobs = [j for j in (job(sentence(pool, rng), phones) for _ in range(arguments.batch)) if j]
            jobs.sort(key=lambda j: len(j[2]))
            voice = names[tried // arguments.batch % len(names)]
            tried += arguments.batch
            with torch.no_grad():
                for clip, x in speak(jobs, [ttskit_engine.speaker_vector(voice)] * len(jobs), tacotron, vocoder):
                    name = f"{len(lines):05d}.wav"
                    soundfile.write(os.path.join(arguments.out, "wav", name), np.clip(x, -1, 1), ttskit_engine.SAMPLE_RATE)
                    seconds = len(x) / ttskit_engine.SAMPLE_RATE
                    lines.append("\t".join([name, f"{seconds:.2f}", voice, "units", clip[0], "", " ".join(clip[1])]))
                    f.write(lines[-1] + "\n")
                    made += seconds / 60
            f.flush()
            print(f"{len(lines)} clips of {tried}, {made:.1f} min, {time.time() - began:.0f} s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="data/ttskit")
    parser.add_argument("--text", default="data/text")
    parser.add_argument("--whisper", default="data/speak/judge/whisper")
    parser.add_argument("--voices", default="")
    parser.add_argument("--minutes", type=float, default=60, help="of sound in all")
    parser.add_argument("--trial", type=int, default=0)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--threads", type=int, default=1)
    run(parser.parse_args())
