#!/usr/bin/env python3
"""The part of pulse_live.sh that talks: starts tingd, plays a recording, waits for the intent and hears the reply."""

import argparse
import array
import asyncio
import subprocess
import time
import wave

from tingd import Tingd
from wyoming.client import AsyncClient
from wyoming.event import Event


def check(condition, what):
    print(("ok    " if condition else "FAIL  ") + what, flush=True)
    if not condition:
        raise AssertionError(what)


async def until(client, kind, seconds, log):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            event = await asyncio.wait_for(client.read_event(), deadline - time.monotonic())
        except asyncio.TimeoutError:
            break
        if event is None:
            break
        print(f"      {event.type} {event.data}", flush=True)
        if event.type == kind:
            return event
    raise AssertionError(f"no {kind} within {seconds} s: {log()}")


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tingd", required=True)
    parser.add_argument("--recording", required=True)
    parser.add_argument("--intent", default="")
    parser.add_argument("--capture", required=True)
    options = parser.parse_args()
    settings = (
        "[audio]\nmicrophone = room_in\nspeaker = ting_out\nplayback_latency_ms = 300\n"
        "[speech]\ndomain = car, home\n"
    )
    async with Tingd(options.tingd, None, settings) as daemon:
        async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
            await client.write_event(Event("ting-subscribe"))
            await daemon.wait_for(lambda: "microphone running, speaker running" in "\n".join(daemon.said()), 20,
                                  "the devices did not open")
            check(True, "both devices are open through ALSA")
            recorder = subprocess.Popen(
                ["arecord", "-q", "-D", "ting_in", "-f", "S16_LE", "-r", "24000", "-c", "1", options.capture],
                stderr=subprocess.DEVNULL)
            await asyncio.sleep(2.5)
            player = subprocess.Popen(["aplay", "-q", "-D", "room_out", options.recording])
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
        with wave.open(options.capture) as file:
            samples.frombytes(file.readframes(file.getnframes()))
        loud = [value for value in samples if abs(value) > 300]
        check(len(loud) > 2400, f"the reply was captured: {len(loud) / 24000:.2f} s of sound")
        seconds, status = daemon.stop()
        check(status == 0 and seconds < 1, f"stopped with {status} after {seconds:.2f} s")


asyncio.run(main())
