#!/usr/bin/env python3
"""The whole loop through ALSA without a sound card: a recording is played into a private PulseAudio sink that the
daemon hears, the intent is seen on the socket, and the spoken reply is captured from the sink it speaks to. Then the
sound card is pulled out while the daemon runs, comes back, is taken by another program, and comes back again.

    pulse_live.py --tingd TINGD --recording RECORDING.wav [--intent INTENT] [--faults]
"""

import argparse
import array
import asyncio
import os
import re
import subprocess
import time
import wave

from sound_server import SoundServer
from tingd import Tingd
from wyoming.client import AsyncClient
from wyoming.event import Event
from wyoming.intent import Recognize


def check(condition, what):
    print(("ok    " if condition else "FAIL  ") + what, flush=True)
    if not condition:
        raise AssertionError(what)


async def until(client, kind, seconds, log, wanted=lambda event: True):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            event = await asyncio.wait_for(client.read_event(), max(0.01, deadline - time.monotonic()))
        except asyncio.TimeoutError:
            break
        if event is None:
            break
        print(f"      {event.type} {event.data}", flush=True)
        if event.type == kind and wanted(event):
            return event
    raise AssertionError(f"no {kind} within {seconds} s: {log()}")


def settings(microphone):
    return (
        f"[audio]\nmicrophone = {microphone}\nspeaker = ting_out\nplayback_latency_ms = 300\n"
        "[speech]\ndomain = car, home\n"
    )


async def turn(daemon, client, server, options, name):
    """One command and its reply, both through the sound card."""
    capture = os.path.join(server.folder, name + ".wav")
    recorder = server.record(capture)
    await asyncio.sleep(2.5)
    player = server.play(options.recording)
    heard = await until(client, "ting-intent", 40, daemon.log)
    player.wait(timeout=30)
    check(heard.data["intent"] is not None, f"understood: {heard.data['text']} -> {heard.data['intent']}")
    if options.intent:
        check(heard.data["intent"] == options.intent, f"the intent is {options.intent}")
    await until(client, "played", 40, daemon.log)
    check(True, f"replied: {heard.data['reply']}")
    await asyncio.sleep(1)
    recorder.terminate()
    recorder.wait(timeout=5)
    samples = array.array("h")
    with wave.open(capture) as file:
        samples.frombytes(file.readframes(file.getnframes()))
    loud = [value for value in samples if abs(value) > 300]
    check(len(loud) > 2400, f"the reply was captured: {len(loud) / 24000:.2f} s of sound")


async def status(client, daemon, part, word, seconds):
    """Waits until `ting-state` says the word of the microphone or the speaker; gives the whole line."""
    await client.write_event(Event("ting-state"))
    event = await until(client, "ting-state", seconds, daemon.log, lambda event: word in event.data[part])
    return event.data[part]


async def pulled_out(daemon, client, server, options):
    server.pull_out()
    check(True, f"pulled out: {await status(client, daemon, 'microphone', 'waiting', 10)}")
    check(True, f"pulled out: {await status(client, daemon, 'speaker', 'waiting', 10)}")
    async with AsyncClient.from_uri("unix://" + daemon.socket) as other:
        await other.write_event(Recognize(text="打开空调").event())
        answer = await asyncio.wait_for(other.read_event(), 10)
        check(answer.type == "intent", "the daemon serves its clients meanwhile")
    server.plug_in()
    for part in ("microphone", "speaker"):
        check(True, f"plugged in again: {await status(client, daemon, part, 'running', 30)}")
    await turn(daemon, client, server, options, "again")


async def busy(server, options):
    server.occupy(True)
    async with Tingd(options.tingd, None, settings("busy_in")) as daemon:
        async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
            await client.write_event(Event("ting-subscribe"))
            check(True, f"taken: {await status(client, daemon, 'microphone', 'busy', 10)}")
            server.occupy(False)
            check(True, f"let go: {await status(client, daemon, 'microphone', 'running', 30)}")
        _, code = daemon.stop()
        check(code == 0, "stopped")


def examined(options):
    """The doctor's tone goes into the room and comes back by its monitor."""
    ting = os.path.join(os.path.dirname(os.path.abspath(options.tingd)), "ting")
    said = subprocess.run([ting, "doctor", "--json", "--seconds", "1", "--microphone", "room_in", "--speaker", "room_out"],
                          capture_output=True, text=True, timeout=60).stdout
    for wanted in ('"echo","result":"[a-zN]*","found":"the tone came back after',
                   '"capture","result":"ok","found":"room_in: .*S16_LE', '"playback","result":"ok","found":"room_out opens'):
        check(re.search(wanted, said) is not None, f"the doctor found: {wanted}")


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tingd", required=True)
    parser.add_argument("--recording", required=True)
    parser.add_argument("--intent", default="")
    parser.add_argument("--faults", action="store_true", help="also pull the card out, and let another program take it")
    options = parser.parse_args()
    with SoundServer() as server:
        examined(options)
        async with Tingd(options.tingd, None, settings("room_in")) as daemon:
            async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
                await client.write_event(Event("ting-subscribe"))
                await daemon.wait_for(lambda: "microphone running, speaker running" in "\n".join(daemon.said()), 20,
                                      "the devices did not open")
                check(True, "both devices are open through ALSA")
                await turn(daemon, client, server, options, "reply")
                if options.faults:
                    await pulled_out(daemon, client, server, options)
            seconds, code = daemon.stop()
            check(code == 0 and seconds < 1, f"stopped with {code} after {seconds:.2f} s")
        if options.faults:
            await busy(server, options)


asyncio.run(main())
