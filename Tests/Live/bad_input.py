#!/usr/bin/env python3
"""What a person may hand to `ting` by mistake: each gives one clear line and exit status 1, or the obvious right answer.

    bad_input.py --ting .build/release/ting --recording Tests/Recordings/window.wav
"""
import argparse
import array
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import wave

failures = []


def check(condition, what, shown=""):
    print(("ok    " if condition else "FAIL  ") + what + (f": {shown}" if shown and not condition else ""), flush=True)
    if not condition:
        failures.append(what)


def run(ting, *arguments, text=None, seconds=120):
    return subprocess.run([ting, *arguments], input=text, capture_output=True, timeout=seconds)


def wav(path, samples, rate=16000, channels=1, bits=16, kind=1):
    """Writes samples in -1...1 (one list, repeated over the channels) in any depth."""
    frames = bytearray()
    for x in samples:
        for _ in range(channels):
            if kind == 3:
                frames += struct.pack("<f", x)
            elif bits == 24:
                frames += struct.pack("<i", int(x * 8388607))[:3]
            elif bits == 8:
                frames += struct.pack("<B", int(x * 127) + 128)
            else:
                frames += struct.pack("<h", int(x * 32767))
    block = channels * bits // 8
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(frames), b"WAVE", b"fmt ", 16, kind, channels, rate,
                       rate * block, block, bits, b"data", len(frames))
    with open(path, "wb") as f:
        f.write(head + frames)


def resample(samples, rate):
    """16 kHz to another rate by linear interpolation."""
    count = int(len(samples) * rate / 16000)
    out = []
    for i in range(count):
        at = i * 16000 / rate
        k = int(at)
        nearer = samples[min(k + 1, len(samples) - 1)]
        out.append(samples[k] + (nearer - samples[k]) * (at - k))
    return out


def recordings(ting, folder, recording):
    with wave.open(recording) as f:
        speech = [v / 32768 for v in array.array("h", f.readframes(f.getnframes()))]
    forms = {
        "8 kHz": dict(rate=8000), "48 kHz stereo": dict(rate=48000, channels=2), "float": dict(bits=32, kind=3),
        "24 bits": dict(bits=24), "44.1 kHz": dict(rate=44100),
    }
    for name, form in forms.items():
        path = f"{folder}/form.wav"
        wav(path, resample(speech, form.get("rate", 16000)), **form)
        done = run(ting, "ask", "--json", path)
        answer = json.loads(done.stdout or "{}")
        check(done.returncode == 0 and answer.get("intent") == "window.open", f"{name} is understood", done.stdout)
    loud = [max(-1, min(1, 8 * x)) for x in speech]
    wav(f"{folder}/clipped.wav", loud)
    done = run(ting, "ask", "--json", f"{folder}/clipped.wav")
    check(done.returncode == 0 and b"clipped" in done.stderr, "a clipped recording is named", done.stderr)
    quiet = {"silence": [0.0] * 16000, "a tone": [0.3 * math.sin(i * 0.17) for i in range(32000)]}
    for name, samples in quiet.items():
        wav(f"{folder}/quiet.wav", samples)
        done = run(ting, "ask", "--json", f"{folder}/quiet.wav")
        answer = json.loads(done.stdout or '{"intent": 1}')
        check(done.returncode == 0 and answer["intent"] is None, f"{name} means nothing", done.stdout)
    data = open(recording, "rb").read()
    broken = {"empty": b"", "not a WAV": b"hello, this is text\n" * 20, "a truncated header": data[:30],
              "no samples": data[:44]}
    for name, content in broken.items():
        path = f"{folder}/broken.wav"
        with open(path, "wb") as f:
            f.write(content)
        for verb in ("ask", "transcribe"):
            done = run(ting, verb, path)
            lines = done.stderr.decode().strip().splitlines()
            fine = done.returncode == 1 and len(lines) == 1 or name == "no samples" and done.returncode == 0
            check(fine, f"{verb}: {name}", (done.returncode, done.stderr))
    done = run(ting, "transcribe", f"{folder}/missing.wav", recording)
    check(done.returncode == 1 and recording.encode() in done.stdout, "one missing file does not lose the others")
    minute = speech * (60 * 16000 // len(speech) + 1)
    wav(f"{folder}/long.wav", minute)
    done = run(ting, "transcribe", f"{folder}/long.wav")
    check(done.returncode == 0 and done.stdout.count("车窗".encode()) > 5, "a minute of speech is transcribed")


def texts(ting, folder):
    for name, text in {"10,000 characters": "打开车窗" * 2500, "emoji": "😀🎉", "no Han at all": "xyzzy plugh"}.items():
        done = run(ting, "understand", "--json", text)
        check(done.returncode == 0 and json.loads(done.stdout)["intent"] is None or name == "10,000 characters" and
              done.returncode == 0, f"understand: {name}", done.stderr)
    out = f"{folder}/out.wav"
    for name, text in {"empty": "", "punctuation": "。，！", "an unknown script": "ᚠᚢᚦ"}.items():
        done = run(ting, "say", text, "--out", out, text=b"")
        check(done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1 and not os.path.exists(out),
              f"say: {name}", (done.returncode, done.stderr))
    done = run(ting, "say", "--out", out, text="好".encode() * 400_000)
    check(done.returncode == 1 and not os.path.exists(out), "say: over a megabyte", done.stderr)
    check(run(ting, "say", "你好", "--rate", "9").returncode == 64, "a rate out of range is wrong usage")
    check(run(ting, "asc").returncode == 64, "an unknown verb is wrong usage")
    check(run(ting, "ask").returncode == 64, "a missing argument is wrong usage")


def domains(ting, folder):
    head = "domain: test\nlanguages:\n  zh:\n    intents:\n"
    bad = {
        "a syntax error": head + "      a.b: ['(打开|关闭']\n",
        "an unknown slot": head + "      a.b: ['打开{nothing}的灯']\n",
        "an unknown rule": head + "      a.b: ['打开<nothing>的灯']\n",
        "broken YAML": "domain: [test\n",
    }
    for name, text in bad.items():
        path = f"{folder}/bad.yaml"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        done = run(ting, "domain", "check", path)
        check(done.returncode == 1 and b"bad.yaml" in done.stdout + done.stderr, f"domain: {name}",
              (done.returncode, done.stdout, done.stderr))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--ting", required=True)
    p.add_argument("--recording", required=True)
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recordings(a.ting, folder, a.recording)
        texts(a.ting, folder)
        domains(a.ting, folder)
    print(f"{len(failures)} failed")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
