"""How like a person is the voice cloned from three minutes of them? Resemblyzer's cosine, for people of the corpora.

python likeness.py --ting ../../../.build/release/ting --speech data/speech mandarin_syllables hsk_words

No weights of Speak have heard mandarin_syllables. The person is the mean embedding of 60 clips that cloning does not get;
beside the cloned voice stand the nearest shipped voice and the person's own other clips, before the same judge.
"""
import argparse
import os
import random
import subprocess
import tempfile

import numpy as np
import soundfile
import soxr

from prepare import trim
from features import RATE

SECONDS = 180
TEXTS = ["今天天气很好，我们一起去公园走一走。", "请把空调调到二十四度，然后播放音乐。", "前面路口向右转，再开三公里就到了。"]


def clips(speech, corpus):
    """All clips of a person in an order of their own, trimmed and levelled."""
    folder = os.path.join(speech, corpus)
    names = [line.split("\t")[0] for line in open(os.path.join(folder, "manifest.tsv"), encoding="utf-8").read().splitlines()[1:]]
    random.Random(5).shuffle(names)
    for name in names:
        x, rate = soundfile.read(os.path.join(folder, name), dtype="float32")
        x = trim(soxr.resample(x if x.ndim == 1 else x.mean(1), rate, RATE))
        if x is not None and len(x) > RATE // 4:
            yield np.clip(x, -1, 1)


def joined(pieces):
    """Six words to a breath, as a person would read them; trimming leaves a tenth of a second on either side of each."""
    quiet = np.zeros(RATE // 2, np.float32)
    return np.concatenate([x for i, piece in enumerate(pieces) for x in ([piece, quiet] if i % 6 == 5 else [piece])])


def run(arguments):
    from resemblyzer import VoiceEncoder, preprocess_wav
    encoder = VoiceEncoder("cpu", verbose=False)

    def embedding(x):
        return encoder.embed_utterance(preprocess_wav(x, source_sr=RATE))

    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, TING_VOICES=os.path.join(folder, "voices"))

        def ting(*words):
            done = subprocess.run([arguments.ting, *words], capture_output=True, text=True, env=environment)
            if done.returncode:
                raise SystemExit(done.stderr.strip())
            return done.stdout

        def spoken(voice):
            out = []
            for text in TEXTS:
                path = os.path.join(folder, "x.wav")
                ting("say", text, "--voice", voice, "--out", path)
                out.append(embedding(soundfile.read(path, dtype="float32")[0]))
            return np.array(out)

        shipped = [line.split("\t")[0] for line in ting("say", "--voice", "list").splitlines()
                   if line.split("\t")[1].endswith(", zh")]
        for corpus in arguments.people:
            source = clips(arguments.speech, corpus)
            given, seconds = [], 0.0
            while seconds < SECONDS:
                given.append(next(source))
                seconds += len(given[-1]) / RATE
            others = [next(source) for _ in range(60)]
            person = np.mean([embedding(joined(others[i::6])) for i in range(6)], 0)
            person /= np.linalg.norm(person)
            path = os.path.join(folder, "person.wav")
            soundfile.write(path, joined(given), RATE)
            said = ting("voice", "clone", "person", path, "--i-have-consent").strip().splitlines()[-1]
            cloned = spoken("person") @ person
            nearest = max(((float(np.mean(spoken(v) @ person)), v) for v in shipped))
            own = np.mean([embedding(joined([next(source) for _ in range(10)])) @ person for _ in range(3)])
            print(f"{corpus}: cloned {cloned.mean():.3f}, nearest shipped voice {nearest[0]:.3f} ({nearest[1]}), "
                  f"own other clips {own:.3f}; {said}", flush=True)
            os.remove(os.path.join(folder, "voices", "person.voice"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("people", nargs="+")
    parser.add_argument("--ting", default="../../../.build/release/ting")
    parser.add_argument("--speech", default="data/speech")
    run(parser.parse_args())
