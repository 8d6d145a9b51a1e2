"""Looks at what was said: F0 measured on Ting's output in every style, and spectrograms of ten sentences beside real ones.

python plots.py --ting ../../../.build/release/ting --speech data/speech
Writes prosody.png and spectrograms.png beside this file.
"""
import argparse
import os
import subprocess
import tempfile

import numpy as np
import soundfile
import soxr

from features import HOP, RATE, pitch

HERE = os.path.dirname(os.path.abspath(__file__))
STYLES = ["neutral", "question", "exclaim", "happy", "sad", "angry"]
SENTENCE = "今天晚上去公园"
READ = ["好的，主驾车窗已经打开了。", "今天晚上有小雨，出门记得带伞。", "您要打给张伟还是李娜？", "前方五百米右转，进入人民路。", "空气质量良好，适合开窗通风。",
        "客厅灯光换成暖色了。", "为您找到五首相关的歌曲。", "洗衣机开始脱水了。", "当前湿度百分之四十五。", "门锁已经锁好，请放心出门。"]


def say(ting, text, folder, *options):
    path = os.path.join(folder, "x.wav")
    subprocess.run([ting, "say", text, "--out", path, *options], check=True, capture_output=True)
    return soundfile.read(path, dtype="float32")[0]


def prosody(arguments, folder, plt):
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.4), sharey=True)
    for axis, (title, kinds) in zip(axes, [
            ("style", [(s, ["--style", s]) for s in STYLES]),
            ("sign, particle", [("statement", "。"), ("question mark", "？"), ("ma and question mark", "吗？"), ("exclamation mark", "！")]),
            ("pitch, rate, energy", [("as it is", []), ("--pitch 6", ["--pitch", "6"]), ("--pitch -6", ["--pitch=-6"]),
                                ("--rate 0.7", ["--rate", "0.7"]), ("--rate 1.5", ["--rate", "1.5"]), ("--energy 2", ["--energy", "2"])])]):
        for label, options in kinds:
            text, options = (SENTENCE + options, []) if isinstance(options, str) else (SENTENCE + "。", options)
            x = say(arguments.ting, text, folder, "--voice", arguments.voice, *options)
            f0 = pitch(x, 80, 600)
            voiced = f0 > 0
            axis.plot(np.flatnonzero(voiced) * HOP / RATE, f0[voiced], ".", markersize=2.5, label=label)
            last = f0[voiced][-10:]
            print(f"{title} {label}: median {np.median(f0[voiced]):.0f} Hz, last tenth of a second {np.median(last):.0f} Hz, "
                  f"10 to 90 % {12 * np.log2(np.percentile(f0[voiced], 90) / np.percentile(f0[voiced], 10)):.1f} semitones, "
                  f"{len(x) / RATE:.2f} s, {20 * np.log10(np.sqrt((x ** 2).mean())):.1f} dB", flush=True)
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("seconds")
        axis.legend(fontsize=7)
    axes[0].set_ylabel("measured F0, hertz")
    axes[0].set_yscale("log", base=2)
    axes[0].set_yticks([128, 180, 256, 360, 512], ["128", "180", "256", "360", "512"])
    figure.tight_layout()
    figure.savefig(os.path.join(HERE, "prosody.png"), dpi=80)


def spectrogram(x):
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, 256), 512)[::128]
    return 20 * np.log10(np.abs(np.fft.rfft(frames * np.hanning(512), axis=1)).T[:171] + 1e-4)  # to 8 kHz


def spectrograms(arguments, folder, plt):
    real = []
    for corpus in ("aishell_s0150", "hsk_words"):
        place = os.path.join(arguments.speech, corpus)
        rows = open(os.path.join(place, "manifest.tsv"), encoding="utf-8").read().splitlines()[1:]
        rows = [r.split("\t") for r in rows if float(r.split("\t")[1]) > (2 if corpus == "aishell_s0150" else 1.2)]
        for row in rows[::len(rows) // 5][:5]:
            x, rate = soundfile.read(os.path.join(place, row[0]), dtype="float32")
            real.append((corpus, soxr.resample(x, rate, RATE)))
    figure, axes = plt.subplots(10, 2, figsize=(10, 15))
    for row, text in enumerate(READ):
        voice = arguments.voices.split(",")[row % len(arguments.voices.split(","))]
        for axis, (title, x) in zip(axes[row], [(f"Ting, {voice}", say(arguments.ting, text, folder, "--voice", voice)), real[row]]):
            s = spectrogram(x / np.abs(x).max() * 0.5)
            axis.imshow(s, origin="lower", aspect="auto", cmap="magma", vmin=-60, vmax=25, extent=[0, len(x) / RATE, 0, 8])
            axis.set_title(title, fontsize=7, pad=2)
            axis.tick_params(labelsize=6)
    figure.tight_layout(pad=0.4)
    from PIL import Image
    path = os.path.join(HERE, "spectrograms.png")
    figure.savefig(path, dpi=65)
    Image.open(path).convert("RGB").quantize(24).save(path, optimize=True)  # a picture to look at need not weigh megabytes


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ting", default="../../../.build/release/ting")
    parser.add_argument("--speech", default="data/speech")
    parser.add_argument("--voice", default="lan")
    parser.add_argument("--voices", default="lan,mei,kai,yu")
    arguments = parser.parse_args()
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    with tempfile.TemporaryDirectory() as work:
        prosody(arguments, work, pyplot)
        spectrograms(arguments, work, pyplot)
