#!/usr/bin/env python3
"""What a person may hand to `ting` by mistake: each gives one clear line and exit status 1, or the obvious right answer.

    bad_input.py --ting .build/release/ting --recording Tests/Recordings/window.wav
"""
import argparse
import array
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
import wave

failures = []


def check(condition, what, shown=""):
    print(("ok    " if condition else "FAIL  ") + what + (f": {shown}" if shown and not condition else ""), flush=True)
    if not condition:
        failures.append(what)


def run(ting, *arguments, text=None, seconds=120):
    return subprocess.run([ting, *arguments], input=text, capture_output=True, timeout=seconds)


def measured(ting, *arguments, seconds=600):
    """As `run`, with the seconds it took and the megabytes it had at most."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen([ting, *arguments], stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.monotonic() - start
        out.seek(0)
        err.seek(0)
        done = subprocess.CompletedProcess(arguments, process.returncode, out.read(), err.read())
    return done, took, usage.ru_maxrss / 1024


def music(seconds, rate=16000):
    """Chords with a melody and a beat: a radio that plays in the room."""
    dice = random.Random(7)
    samples = [0.0] * (seconds * rate)
    beat = int(0.4 * rate)
    for start in range(0, len(samples) - beat, beat):
        root = 110 * 2 ** (dice.choice([0, 5, 7, 9]) / 12)
        tones = [root, root * 5 / 4, root * 3 / 2, root * 2 ** (dice.choice([12, 14, 16, 19]) / 12)]
        for i in range(beat):
            t = i / rate
            fade = math.exp(-3 * t)
            x = sum(math.sin(2 * math.pi * f * t) + 0.4 * math.sin(4 * math.pi * f * t) for f in tones)
            samples[start + i] = 0.08 * fade * x + 0.1 * math.exp(-60 * t) * dice.uniform(-1, 1)
    return samples


def hour(path, speech):
    """An hour with a command in each minute and a faint hiss between; written piece by piece."""
    dice = random.Random(3)
    hiss = array.array("h", [dice.randint(-20, 20) for _ in range(60 * 16000)])
    minute = array.array("h", hiss)
    for i, x in enumerate(speech):
        minute[16000 + i] = int(x * 32767)
    with wave.open(path, "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(16000)
        for _ in range(60):
            f.writeframesraw(minute.tobytes())


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
    check(done.returncode == 0 and done.stdout.count("车窗".encode()) > 20, "a minute of speech is transcribed",
          done.stdout.decode())
    wav(f"{folder}/quiet.wav", [0.0] * 40 * 16000)
    done = run(ting, "ask", "--json", f"{folder}/quiet.wav")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    check(done.returncode == 0 and [a["intent"] for a in answers] == [None], "a long silence means nothing", done.stdout)
    for seconds in (5, 40):
        wav(f"{folder}/music.wav", music(seconds))
        done = run(ting, "ask", "--json", f"{folder}/music.wav")
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        check(done.returncode == 0 and answers and all(a["intent"] is None for a in answers),
              f"{seconds} s of music mean nothing", done.stdout.decode())
    hour(f"{folder}/hour.wav", speech)
    done, took, megabytes = measured(ting, "transcribe", f"{folder}/hour.wav")
    heard = done.stdout.decode().count("车窗")
    check(done.returncode == 0 and heard >= 58, f"an hour is transcribed: {heard} of 60 commands", done.stderr)
    check(megabytes < 200, f"an hour needs no more memory than a minute: {megabytes:.0f} MB in {took:.0f} s")
    done, took, megabytes = measured(ting, "ask", "--json", "--out", f"{folder}/replies.wav", f"{folder}/hour.wav")
    intents = [json.loads(line)["intent"] for line in done.stdout.splitlines()]
    check(done.returncode == 0 and intents.count("window.open") >= 58 and megabytes < 300,
          f"an hour is answered command by command: {intents.count('window.open')} of 60, {megabytes:.0f} MB in "
          f"{took:.0f} s", done.stderr)
    os.unlink(f"{folder}/hour.wav")


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
    done = run(ting, "say", "你好", "--pitch", "-2", "--out", out)
    check(done.returncode == 0 and os.path.getsize(out) > 1000, "a pitch below zero, as the help shows it", done.stderr)
    check(run(ting, "asc").returncode == 64, "an unknown verb is wrong usage")
    check(run(ting, "ask").returncode == 64, "a missing argument is wrong usage")


def domains(ting, folder):
    head = "domain: test\nlanguages:\n  zh:\n    intents:\n"
    bad = {
        "a syntax error": head + "      a.b: ['(打开|关闭']\n",
        "an unknown slot": head + "      a.b: ['打开{nothing}的灯']\n",
        "an unknown rule": head + "      a.b: ['打开<nothing>的灯']\n",
        "broken YAML": "domain: [test\n",
        "a duplicate intent": head + "      a.b: ['打开大灯']\n      a.b: ['关闭大灯']\n",
    }
    for name, text in bad.items():
        path = f"{folder}/bad.yaml"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        done = run(ting, "domain", "check", path)
        check(done.returncode == 1 and b"bad.yaml" in done.stdout + done.stderr, f"domain: {name}",
              (done.returncode, done.stdout, done.stderr))
    path = f"{folder}/odd.yaml"
    with open(path, "w", encoding="utf-8") as f:
        f.write(head + "      a.b: ['打开ᚠᚢᚦ的灯', '打开大灯']\n")
    done = run(ting, "domain", "check", path)
    # The other sentences work all the same: a warning with its line, not an error.
    check(done.returncode == 0 and b"odd.yaml:5: warning" in done.stdout + done.stderr
          and b"cannot be pronounced" in done.stdout + done.stderr, "domain: an unpronounceable word is named",
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
