#!/usr/bin/env python3
"""One tingd under many Wyoming clients on loopback: throughput, latency, fair queueing, clear refusal when full.

    load.py --tingd .build/release/tingd --models Models --recording Tests/Recordings/window.wav [--clients 1 4 16 30]
    load.py … --manifest --clients 60      with the connections and the memory of cross-compile/kubernetes/ting.yaml

Everything is bounded: each client sends `--utterances` recordings and ends. What must hold on any machine is checked
(every answer comes and is the right one, no client is left behind, a crowd is told that it is full, memory does not
follow the length of what is said, and what systemd's unit or the manifest allows is enough); the figures are printed as
a table. `--seconds 290` lets the crowd of long recordings talk nearly as long as a client may.
"""

import argparse
import asyncio
import pathlib
import re
import statistics
import time
import wave

from tingd import Tingd
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.intent import Intent, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize

HOST = "127.0.0.1"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Longer than what a client's stream keeps before it writes a part down (Dictation.wholeSeconds): from here on memory
# must not grow.
FULL = 16
failures = []


def check(condition, what):
    print(("ok    " if condition else "FAIL  ") + what, flush=True)
    if not condition:
        failures.append(what)


def allowed(is_manifest):
    """Connections, and megabytes (10^6) of memory, that the package's unit or the manifest gives."""
    def number(path, pattern):
        return int(re.search(pattern, (ROOT / path).read_text(), re.M).group(1))
    if is_manifest:
        path = "cross-compile/kubernetes/ting.yaml"
        return number(path, r"max_connections = (\d+)"), number(path, r"limits: {memory: (\d+)Mi}") * 1.048576
    unit = number("systemd/tingd.service", r"^MemoryHigh=(\d+)M$") * 1.048576
    return number("systemd/tingd.conf", r"^#max_connections = (\d+)$"), unit


class Recording:
    def __init__(self, path):
        with wave.open(path) as file:
            self.rate, self.width, self.channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            self.audio = file.readframes(file.getnframes())
        self.seconds = len(self.audio) / (self.rate * self.width * self.channels)

    async def send(self, client, repeat=1):
        form = dict(rate=self.rate, width=self.width, channels=self.channels)
        await client.write_event(Transcribe(language="zh").event())
        await client.write_event(AudioStart(**form).event())
        for _ in range(repeat):
            for start in range(0, len(self.audio), 8192):
                await client.write_event(AudioChunk(audio=self.audio[start:start + 8192], **form).event())
        await client.write_event(AudioStop().event())


async def answer(client, *kinds, seconds=120):
    while True:
        event = await asyncio.wait_for(client.read_event(), seconds)
        if event is None:
            raise AssertionError("tingd hung up")
        if Error.is_type(event.type):
            raise AssertionError(Error.from_event(event).text)
        if any(kind.is_type(event.type) for kind in kinds):
            return event


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def satellite(uri, recording, utterances, name, answers, texts, repeat=1):
    """What a satellite does: sends an utterance at once (it has heard it already), waits for the text."""
    async with AsyncClient.from_uri(uri) as client:
        for _ in range(utterances):
            start = time.monotonic()
            await recording.send(client, repeat)
            event = await answer(client, Transcript, seconds=900)
            answers.append((name, time.monotonic() - start))
            texts.add((repeat, Transcript.from_event(event).text))


async def crowd(daemon, uri, recording, clients, utterances, repeats=(1,)):
    """Clients at once, who send the recording as often as `repeats` says, in turn; (name, seconds) as answers came."""
    answers, texts = [], set()
    start = time.monotonic()
    await asyncio.gather(
        *(satellite(uri, recording, utterances, index, answers, texts, repeats[index % len(repeats)])
          for index in range(clients)))
    took = time.monotonic() - start
    lengths = [repeats[name % len(repeats)] * recording.seconds for name, _ in answers]
    times = [seconds for _, seconds in answers]
    print(f"{clients:8d} {min(lengths):9.1f}–{max(lengths):<6.1f} {len(times) / took:12.1f} {sum(lengths) / took:14.1f}"
          f" {statistics.median(times):8.3f} {percentile(times, 0.95):8.3f} {percentile(times, 0.99):8.3f}"
          f" {max(times):8.3f} {daemon.peak_megabytes():8.0f}", flush=True)
    return answers, texts


def lead(answers, clients):
    """By how many answers somebody was ahead of somebody else at most, while all still had something to ask."""
    counts, most, each = [0] * clients, 0, len(answers) // clients
    for name, _ in answers:
        counts[name] += 1
        most = max(most, counts[name] - min(counts))
        if counts[name] == each:
            break
    return most


async def turns(daemon, uri, recording, clients):
    """Half of a crowd sends one utterance, half eight: whoever wants little has it before whoever wants much."""
    answers, _ = await crowd(daemon, uri, recording, clients, 1, (1, 8))
    short = [seconds for name, seconds in answers if name % 2 == 0]
    long = [seconds for name, seconds in answers if name % 2 == 1]
    check(max(short) < min(long), f"{clients} clients: the last short answer after {max(short):.2f} s, the first long one "
          f"after {min(long):.2f} s")


async def fairness(uri, recording):
    """Somebody who sends a minute of audio and a flood of texts must not hold up somebody with one short wish."""
    async def short():
        async with AsyncClient.from_uri(uri) as client:
            start = time.monotonic()
            await recording.send(client)
            await answer(client, Transcript)
            return time.monotonic() - start

    async def flood(client):
        for index in range(60):
            await client.write_event(Recognize(text=f"空调调到{16 + index % 14}度").event())
        for _ in range(60):
            await answer(client, Intent)

    alone = statistics.median([await short() for _ in range(3)])
    async with AsyncClient.from_uri(uri) as long, AsyncClient.from_uri(uri) as busy, \
            AsyncClient.from_uri(uri) as speaking:
        await recording.send(long, repeat=int(60 / recording.seconds))
        await speaking.write_event(Synthesize(text="今天天气很好，我们去公园走一走。" * 8).event())
        flooding = asyncio.create_task(flood(busy))
        await asyncio.sleep(0.05)
        beside = await short()
        await answer(long, Transcript)
        await answer(speaking, AudioStop)
        await flooding
    print(f"      alone {alone:.3f} s, beside a minute of audio, sixty texts and a long reply {beside:.3f} s", flush=True)
    # Three others, in turn: four times as long, and a step's length more for each that had begun.
    check(beside < 4 * alone + 2.5, "a short wish beside long ones takes its turn")


async def refusals(daemon, uri, connections):
    """A full house says so; whoever asks too much alone is told, and the others are served."""
    async with AsyncClient.from_uri(uri) as other:
        async with AsyncClient.from_uri(uri) as greedy:
            count = 3000
            for index in range(count):
                await greedy.write_event(Recognize(text=f"有点热，空调调到{16 + index % 14}度，再打开客厅的灯").event())
            await other.write_event(Ping(text="x").event())
            start = time.monotonic()
            await answer(other, Pong)
            waited = time.monotonic() - start
            answers = {"error": [], "intent": 0}
            while len(answers["error"]) + answers["intent"] < count:
                event = await asyncio.wait_for(greedy.read_event(), 60)
                if Error.is_type(event.type):
                    answers["error"].append(Error.from_event(event))
                else:
                    answers["intent"] += 1
        refused = answers["error"]
        check(waited < 2, f"another client is answered after {waited:.3f} s meanwhile")
        check(answers["intent"] > 0, f"of {count} texts at once {answers['intent']} were answered")
        check(all(error.code == "busy" and "of one client wait" in error.text for error in refused),
              f"and {len(refused)} refused: {refused[0].text if refused else 'none'}")
    clients = [AsyncClient.from_uri(uri) for _ in range(connections + 20)]
    told = 0
    for client in clients:
        await client.connect()
    for client in clients:
        try:
            event = await asyncio.wait_for(client.read_event(), 0.2)
        except asyncio.TimeoutError:
            continue
        told += event is not None and Error.is_type(event.type) and "too many connections" in Error.from_event(event).text
    for client in clients:
        await client.disconnect()
    check(told == 20, f"of {len(clients)} clients {told} are told: too many connections: at most {connections}")
    await asyncio.sleep(0.5)
    async with AsyncClient.from_uri(uri) as client:
        await client.write_event(Ping(text="x").event())
        await answer(client, Pong)
    check(daemon.process.poll() is None, "and it serves as before")


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--tingd", required=True)
    parser.add_argument("--models")
    parser.add_argument("--recording", required=True)
    parser.add_argument("--manifest", action="store_true", help="as Kubernetes runs it instead of systemd")
    return parser


def check_stop(daemon):
    seconds, status = daemon.stop()
    check(status == 0, f"SIGTERM: status {status} after {seconds:.2f} s")


async def main():
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16, 30])
    parser.add_argument("--utterances", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60, help="how long the crowd of long recordings talks")
    options = parser.parse_args()
    recording = Recording(options.recording)
    # No microphone, clients by TCP, here on loopback and a port that is free.
    settings = "[audio]\nspeaker = none\n[speech]\nlisten = no\ndomain = car, home\n"
    connections, megabytes = allowed(options.manifest)
    control = f"tcp = {HOST}:0\nmax_connections = {connections}\n"
    async with Tingd(options.tingd, options.models, settings, control=control) as daemon:
        port = daemon.log().split("TCP port ")[1].split()[0]
        uri = f"tcp://{HOST}:{port}"
        print(" clients   seconds each utterances/s  audio s/second   median     95 %     99 %  longest  MB at most")
        expected = None
        for clients in options.clients:
            answers, texts = await crowd(daemon, uri, recording, clients, options.utterances)
            expected = expected or texts
            check(len(answers) == clients * options.utterances and texts == expected and len(texts) == 1,
                  f"{clients} clients: every answer is the same text")
            if clients > 1 and options.utterances > 1:
                ahead = lead(answers, clients)
                check(ahead <= 2, f"{clients} clients: nobody is left behind: {ahead} answers between first and last")
            if clients > 1:
                await turns(daemon, uri, recording, clients)
        most, peaks = max(options.clients), []
        for seconds in (FULL, options.seconds):
            repeat = max(1, round(seconds / recording.seconds))
            answers, texts = await crowd(daemon, uri, recording, most, 1, (repeat,))
            check(len(answers) == most and len(texts) == 1, f"{most} clients with {repeat * recording.seconds:.0f} s: the same text")
            peaks.append(daemon.peak_megabytes())
        growth = (peaks[1] - peaks[0]) / most
        check(growth < 1, f"which is {growth:.2f} MB a client more than with {FULL} s")
        check(peaks[1] <= megabytes, f"resident at most {peaks[1]:.0f} MB of the {megabytes:.0f} MB allowed")
        await fairness(uri, recording)
        await refusals(daemon, uri, connections)
        check_stop(daemon)
    print(f"{len(failures)} failed")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    asyncio.run(main())
