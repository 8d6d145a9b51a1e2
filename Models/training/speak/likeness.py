"""How like a person is the voice cloned from three minutes of them? Resemblyzer's cosine, for people of the corpora.

python likeness.py --ting ../../../.build/release/ting --speech data/speech mandarin_syllables words20/s18 words20/s19
python likeness.py … --whisper data/speak/judge/whisper --replies 20 …      also how well whisper-base understands the cloned voice

No weights of Speak have heard mandarin_syllables or words20, and none of Ting's the latter's students s18 to s23. The person is the
mean embedding of 60 clips that cloning does not get; beside the cloned voice stand the nearest shipped voice and the person's own
other clips, before the same judge.
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
KEPT = 90  # clips that cloning does not get, of those who said few
TEXTS = ["今天天气很好，我们一起去公园走一走。", "请把空调调到二十四度，然后播放音乐。", "前面路口向右转，再开三公里就到了。"]


def clips(speech, person):
    """All Mandarin clips of a person (CORPUS or CORPUS/SPEAKER) in an order of their own, trimmed and levelled."""
    corpus, _, speaker = person.partition("/")
    folder = os.path.join(speech, corpus)
    header, *lines = open(os.path.join(folder, "manifest.tsv"), encoding="utf-8").read().splitlines()
    rows = [dict(zip(header.split("\t"), line.split("\t"))) for line in lines]
    names = [r["file"] for r in rows if r.get("speaker", "") == (speaker or r.get("speaker", "")) and r.get("lang", "zh") == "zh"]
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

        def understood(voice):
            """(syllables wrong, syllables, DNSMOS of each) of replies in a voice."""
            texts = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "replies.txt"), encoding="utf-8").read().splitlines()
            wrong, count, scores = 0, 0, []
            for text in texts[::len(texts) // arguments.replies][:arguments.replies]:
                path = os.path.join(folder, "x.wav")
                ting("say", text, "--voice", voice, "--out", path)
                x = judge.load(path)
                row = judge.errors(whisper, text, x)
                wrong, count = wrong + row[0], count + row[2]
                scores.append(float(dnsmos.run(np.clip(x, -1, 1), sr=16000)["ovrl_mos"]))
            return wrong, count, scores

        if arguments.replies:
            import judge
            from speechmos import dnsmos
            whisper = judge.Whisper(arguments.whisper)
        heard = []
        shipped = [line.split("\t")[0] for line in ting("say", "--voice", "list").splitlines()
                   if line.split("\t")[1].endswith(", zh")]
        rows = []
        for name in arguments.people:
            others, given, seconds = list(clips(arguments.speech, name)), [], 0.0
            while seconds < SECONDS and len(others) > KEPT:
                given.append(others.pop())
                seconds += len(given[-1]) / RATE
            own, others = others[60:KEPT], others[:60]
            person = np.mean([embedding(joined(others[i::6])) for i in range(6)], 0)
            person /= np.linalg.norm(person)
            path = os.path.join(folder, "person.wav")
            soundfile.write(path, joined(given), RATE)
            said = ting("voice", "clone", "person", path, "--i-have-consent").strip().splitlines()[-1]
            cloned = spoken("person") @ person
            nearest = max(((float(np.mean(spoken(v) @ person)), v) for v in shipped))
            own = np.mean([embedding(joined(own[i::3])) @ person for i in range(3)])
            rows.append((cloned.mean(), nearest[0], own))
            print(f"{name}: cloned {cloned.mean():.3f}, nearest shipped voice {nearest[0]:.3f} ({nearest[1]}), "
                  f"own other clips {own:.3f}; {said}", flush=True)
            if arguments.replies:
                heard.append(understood("person"))
                print(f"  {100 * heard[-1][0] / heard[-1][1]:.1f} % of {heard[-1][1]} syllables heard wrong, "
                      f"DNSMOS {np.mean(heard[-1][2]):.2f}", flush=True)
            os.remove(os.path.join(folder, "voices", "person.voice"))
        if len(rows) > 1:
            print("mean: cloned {:.3f}, nearest shipped voice {:.3f}, own other clips {:.3f}".format(*np.mean(rows, 0)))
        if len(heard) > 1:
            print(f"mean: {100 * sum(h[0] for h in heard) / sum(h[1] for h in heard):.1f} % of {sum(h[1] for h in heard)} syllables "
                  f"heard wrong, DNSMOS {np.mean([s for h in heard for s in h[2]]):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("people", nargs="+")
    parser.add_argument("--ting", default="../../../.build/release/ting")
    parser.add_argument("--speech", default="data/speech")
    parser.add_argument("--whisper", default="data/speak/judge/whisper")
    parser.add_argument("--replies", type=int, default=0, help="so many replies are also said to whisper-base")
    run(parser.parse_args())
