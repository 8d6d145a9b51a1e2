#!/usr/bin/env python3
"""Drives tingd with the PyPI package `wyoming`: transcription, intent, synthesis, bad input, start and stop.

    wyoming_client.py --tingd .build/release/tingd --recording 打开主驾车窗.wav --text 打开主驾车窗
"""

import argparse
import array
import asyncio
import os
import signal
import socket
import time
import wave

from tingd import Tingd
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.intent import Intent, NotRecognized, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped


def check(condition, what):
    print(("ok    " if condition else "FAIL  ") + what, flush=True)
    if not condition:
        raise AssertionError(what)


async def ask(client, event, *kinds):
    """Sends an event and gives the first answer of one of the kinds."""
    await client.write_event(event)
    return await answer(client, *kinds)


async def answer(client, *kinds):
    while True:
        event = await asyncio.wait_for(client.read_event(), 60)
        check_open = event is not None
        if not check_open:
            raise AssertionError("tingd hung up")
        for kind in kinds:
            if kind.is_type(event.type):
                return kind.from_event(event)
        if Error.is_type(event.type) and Error not in kinds:
            raise AssertionError(Error.from_event(event).text)


async def transcribe(client, path, language="zh", repeat=1):
    """Sends a recording, several times over where that is wanted, and gives what was heard."""
    await client.write_event(Transcribe(language=language).event())
    with wave.open(path) as file:
        rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
        await client.write_event(AudioStart(rate=rate, width=width, channels=channels).event())
        for _ in range(repeat):
            file.rewind()
            while audio := file.readframes(1024):
                await client.write_event(AudioChunk(rate=rate, width=width, channels=channels, audio=audio).event())
    return await ask(client, AudioStop().event(), Transcript)


async def collect(client, last):
    """Samples and event types up to the event `last`."""
    samples, types = array.array("h"), []
    while not types or not last.is_type(types[-1]):
        event = await asyncio.wait_for(client.read_event(), 60)
        types.append(event.type)
        if Error.is_type(event.type):
            raise AssertionError(Error.from_event(event).text)
        if AudioChunk.is_type(event.type):
            samples.frombytes(AudioChunk.from_event(event).audio)
    return samples, types


def loudness(samples):
    return (sum(value * value for value in samples) / max(1, len(samples))) ** 0.5 / 32768


async def services(daemon, options):
    async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
        info = await ask(client, Describe().event(), Info)
        check(info.asr and info.tts and info.intent and info.handle, "describe: hears, thinks, handles and speaks")
        pong = await ask(client, Ping(text="你好").event(), Pong)
        check(pong.text == "你好", "ping")
        transcript = await transcribe(client, options.recording)
        check(transcript.text, f"transcribe: {transcript.text}")
        understood = await ask(client, Recognize(text=options.text).event(), Intent, NotRecognized)
        check(isinstance(understood, Intent), f"recognize: {understood}")
        idle = await ask(client, Recognize(text="我觉得昨天那部电影挺好看的").event(), Intent, NotRecognized)
        check(isinstance(idle, NotRecognized), "recognize: talk among people is not recognized")
        handled = await ask(client, Transcript(text=options.text).event(), Handled, NotHandled)
        check(isinstance(handled, Handled) and handled.text, f"handled: {handled.text}")
        start = time.monotonic()
        await client.write_event(Synthesize(text="好的，空调二十四度。").event())
        samples, types = await collect(client, AudioStop)
        check(0.8 < len(samples) / 24000 < 6 and loudness(samples) > 0.01, f"synthesize: {len(samples) / 24000:.1f} s")
        print(f"      in {time.monotonic() - start:.2f} s")
        await client.write_event(SynthesizeStart().event())
        for part in ["你好", "。再", "见"]:
            await client.write_event(SynthesizeChunk(text=part).event())
        await client.write_event(SynthesizeStop().event())
        samples, types = await collect(client, SynthesizeStopped)
        check(types.count("audio-start") == 2 and len(samples) > 12000, "synthesize: streamed, sentence by sentence")


async def own_events(daemon):
    async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
        await client.write_event(Event("ting-state"))
        state = (await asyncio.wait_for(client.read_event(), 10)).data
        check("no such device" in state["microphone"] or "denied" in state["microphone"] or "broken" in state["microphone"],
              f"a missing microphone is told: {state['microphone']}")
        await client.write_event(Event("ting-mute", {"muted": True}))
        check((await client.read_event()).data["muted"] is True, "mute")
        await client.write_event(Event("ting-mute", {"muted": False}))
        check((await client.read_event()).data["muted"] is False, "unmute")
        await client.write_event(Event("ting-stats"))
        stats = (await client.read_event()).data
        check(stats["requests"] > 0, f"stats: {stats['resident_kib'] // 1024} MiB resident")
        await client.write_event(Event("ting-reload"))
        event = await asyncio.wait_for(client.read_event(), 30)
        check(event.type == "ting-reload", f"reload: {event.data}")


async def hostile(daemon):
    def raw(data):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(10)
        connection.connect(daemon.socket)
        try:
            connection.sendall(data)
        except OSError:
            pass
        return connection

    def reply(data):
        with raw(data) as connection:
            received = b""
            try:
                while block := connection.recv(65536):
                    received += block
            except OSError:
                pass
            return received.decode()

    check("too-large" in reply(b"a" * 10_000_000), "a line of 10 MB is refused")
    check("bad-event" in reply(b"\xff\xfe\n"), "invalid UTF-8 is refused")
    check("bad-event" in reply(b"{]\n"), "what is no JSON is refused")
    for _ in range(50):
        raw(b'{"type": "audio-chunk", "payload_length": 1000}\nhalf').close()
    check(True, "half an event and a hang-up, fifty times")
    crowd = []
    refused = 0
    for _ in range(1000):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(5)
        try:
            connection.connect(daemon.socket)
            crowd.append(connection)
        except OSError:
            refused += 1
        await asyncio.sleep(0)
    told = 0
    for connection in crowd:
        connection.settimeout(0.01)
        try:
            told += b"too many connections" in connection.recv(4096)
        except OSError:
            pass
    for connection in crowd:
        connection.close()
    check(told >= 1000 - refused - 64, f"a thousand connections: {told} were told that it is full, {refused} not accepted")
    await asyncio.sleep(0.5)
    async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
        check((await ask(client, Ping(text="x").event(), Pong)).text == "x", "and it still serves")


async def activation(options, settings):
    async with Tingd(options.tingd, options.models, settings, activated=True) as daemon:
        async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
            check((await ask(client, Ping(text="x").event(), Pong)).text == "x", "socket activation")
        seconds, status = daemon.stop()
        check(status == 0 and os.path.exists(daemon.socket), "a socket that was passed in is left where it is")


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tingd", required=True)
    parser.add_argument("--models")
    parser.add_argument("--recording", required=True)
    parser.add_argument("--text", default="打开主驾车窗")
    options = parser.parse_args()
    settings = "[audio]\nmicrophone = no-such-card\nspeaker = no-such-card\n[speech]\ndomain = car, home\n"
    async with Tingd(options.tingd, options.models, settings) as daemon:
        print(f"ready after {daemon.seconds_to_ready:.2f} s, {daemon.resident_kib() // 1024} MiB resident")
        await services(daemon, options)
        await own_events(daemon)
        await hostile(daemon)
        await daemon.wait_for(lambda: daemon.said().count("WATCHDOG=1") > 1, 5, "the watchdog was not fed")
        check(True, "the watchdog is fed")
        with open(daemon.configuration, "a") as file:
            file.write("nonsense\n")
        daemon.process.send_signal(signal.SIGHUP)
        await daemon.wait_for(lambda: "nothing was reloaded" in daemon.log(), 10, "the bad file was not told")
        check(daemon.process.poll() is None, "a bad file is told and changes nothing")
        seconds, status = daemon.stop()
        check(status == 0 and seconds < 1, f"SIGTERM: status {status} after {seconds:.2f} s")
        check("STOPPING=1" in daemon.said(), "STOPPING was said")
        check(options.text not in daemon.log(), "nothing that was said stands in the log")
        check(not os.path.exists(daemon.socket), "its socket is gone")
    await activation(options, settings)


if __name__ == "__main__":
    asyncio.run(main())
