#!/usr/bin/env python3
"""What tingd costs a board in memory: resident and private dirty pages, idle, hearing and speaking.

    footprint.py --tingd .build/release/tingd --models Models --recording Tests/Recordings/window.wav

Private dirty pages (what nobody else shares and no file backs) are what a board really pays beside the mapped weights;
both are read from smaps_rollup. Also prints the size of the installed files where --package names a .deb.
"""

import argparse
import asyncio
import subprocess
import threading
import time
import wave

from tingd import Tingd
from wyoming.audio import AudioStop
from wyoming.client import AsyncClient
from wyoming.tts import Synthesize
from wyoming_client import collect, transcribe

LIMITS = {"idle": 128, "speaking": 160, "dirty": 48, "installed": 90, "length": 3}
# Seconds that a client talks: several times what its stream keeps (Dictation.wholeSeconds), so that the allocator has settled,
# and nearly as long as it may. If all were kept, the difference would take 28 MB; room that the allocator leaves between pieces took
# 0.3 to 1.4 MB.
LENGTHS = (60, 290)
TEXT = "好的，空调已经调到二十四度，导航去上海虹桥火车站，预计四十五分钟以后到。" * 4
failures = []


def check(value, limit, what):
    holds = value <= limit
    print(f"{'ok   ' if holds else 'FAIL '} {what}: {value:.1f} MB, at most {limit}", flush=True)
    if not holds:
        failures.append(what)


def memory(process):
    """Megabytes (10^6) that are resident and privately dirty."""
    with open(f"/proc/{process}/smaps_rollup") as file:
        fields = {line.split(":")[0]: int(line.split()[1]) for line in file if line.endswith("kB\n")}
    return fields["Rss"] * 1024 / 1e6, fields["Private_Dirty"] * 1024 / 1e6


class Peak(threading.Thread):
    """The highest figures while something goes on."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.over, self.resident, self.dirty = process, threading.Event(), 0, 0

    def run(self):
        while not self.over.wait(0.02):
            resident, dirty = memory(self.process)
            self.resident, self.dirty = max(self.resident, resident), max(self.dirty, dirty)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def installed(package):
    lines = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout.splitlines()
    return sum(int(line.split()[2]) for line in lines if line.startswith("-")) / 1e6


async def lengths(daemon, recording):
    """One client who talks for long costs no more than one who talks for a while."""
    with wave.open(recording) as file:
        length = file.getnframes() / file.getframerate()
    dirty = []
    async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
        for seconds in LENGTHS:
            repeat = int(seconds / length)
            with Peak(daemon.process.pid) as peak:
                await transcribe(client, recording, repeat=repeat)
            dirty.append(peak.dirty)
            check(peak.dirty, LIMITS["dirty"], f"a client of {repeat * length:.0f} s, private dirty at most")
    check(dirty[1] - dirty[0], LIMITS["length"], "of which the length takes")


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tingd", required=True)
    parser.add_argument("--models")
    parser.add_argument("--recording", required=True)
    parser.add_argument("--package")
    options = parser.parse_args()
    settings = (
        f"[audio]\nmicrophone = file:{options.recording}\nspeaker = file:/tmp/ting-footprint.wav\n"
        "[speech]\ndomain = car, home\n"
    )
    if options.package:
        check(installed(options.package), LIMITS["installed"], "installed files")
    async with Tingd(options.tingd, options.models, settings.replace(f"file:{options.recording}", "none")) as daemon:
        time.sleep(2)
        resident, dirty = memory(daemon.process.pid)
        check(resident, LIMITS["idle"], "idle, resident")
        check(dirty, LIMITS["dirty"], "idle, private dirty")
        await lengths(daemon, options.recording)
        daemon.stop()
    # The recording is spoken into the microphone while clients ask for all the rest.
    async with Tingd(options.tingd, options.models, settings) as daemon:
        pid = daemon.process.pid
        async with AsyncClient.from_uri("unix://" + daemon.socket) as client:
            with Peak(pid) as peak:
                await transcribe(client, options.recording)
            check(peak.dirty, LIMITS["dirty"], "hearing, private dirty at most")
            with Peak(pid) as peak:
                await client.write_event(Synthesize(text=TEXT).event())
                samples, _ = await collect(client, AudioStop)
            check(peak.resident, LIMITS["speaking"], f"speaking {len(samples) / 24000:.0f} s, resident at most")
            check(peak.dirty, LIMITS["dirty"], "speaking, private dirty at most")
        daemon.stop()
    print(f"{len(failures)} failed")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    asyncio.run(main())
