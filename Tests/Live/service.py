#!/usr/bin/env python3
"""What tingd tells systemd, heard at a fake notify socket: READY, WATCHDOG, RELOADING, STOPPING, and silence when hung.

    service.py --tingd .build/release/tingd --ting .build/release/ting --models Models \\
        --recording Tests/Recordings/window.wav

A hung decoder and a hung driver are made by stopping that one thread (ptrace), as an endless loop or a call that never
returns would.
"""

import argparse
import asyncio
import ctypes
import os
import signal
import subprocess
import time

from tingd import Tingd

SEIZE, INTERRUPT, DETACH, ALL_THREADS = 0x4206, 0x4207, 17, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
failures = []


def check(condition, what):
    print(("ok    " if condition else "FAIL  ") + what, flush=True)
    if not condition:
        failures.append(what)


class Frozen:
    """One thread of a process, stopped while in the block."""

    def __init__(self, process, name):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/comm") as file:
                if file.read().strip() == name[:15]:
                    self.thread = int(thread)
                    return
        raise AssertionError(f"no thread {name}")

    def __enter__(self):
        for request in (SEIZE, INTERRUPT):
            if libc.ptrace(request, self.thread, None, None) != 0:
                raise OSError(ctypes.get_errno(), "cannot stop a thread")
        os.waitpid(self.thread, ALL_THREADS)

    def __exit__(self, *_):
        libc.ptrace(DETACH, self.thread, None, None)


def fed(daemon):
    return daemon.said().count("WATCHDOG=1")


async def hangs(daemon, ting, thread, part):
    with Frozen(daemon.process.pid, thread):
        await daemon.wait_for(lambda: f"hung: {part}" in daemon.log(), 10, f"that {part} hangs was not noticed")
        before = fed(daemon)
        await asyncio.sleep(2.5)
        check(fed(daemon) == before, f"a hung {part}: the watchdog is not fed")
        status = subprocess.run([ting, "status", "--socket", daemon.socket], capture_output=True, text=True, timeout=20)
        check(status.returncode == 1 and f"hung: {part}" in status.stderr, f"a hung {part}: ting status says so")
        before = fed(daemon)
    await daemon.wait_for(lambda: fed(daemon) > before, 5, "the watchdog was not fed again")
    check("everything moves again" in daemon.log(), f"{part}: and fed again when it moves")


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tingd", required=True)
    parser.add_argument("--ting", required=True)
    parser.add_argument("--models")
    parser.add_argument("--recording", required=True)
    options = parser.parse_args()
    settings = f"[audio]\nmicrophone = file:{options.recording}\nspeaker = no-such-card\n[speech]\ndomain = car\n"
    async with Tingd(options.tingd, options.models, settings, watchdog_seconds=4) as daemon:
        said = daemon.said()
        check(said.count("READY=1") == 1 and any(line.startswith("STATUS=microphone") for line in said),
              f"READY once, with a status, after {daemon.seconds_to_ready:.2f} s")
        check(os.path.exists(daemon.socket), "READY only when the socket is there")
        before, start = fed(daemon), time.monotonic()
        await asyncio.sleep(4)
        rate = (fed(daemon) - before) / (time.monotonic() - start)
        check(rate > 2 / 4, f"the watchdog is fed {rate:.1f} times a second: at least twice in its 4 s")
        check("speaker waiting" in daemon.log() + "".join(daemon.said()), "a missing speaker is told and no fault")
        daemon.process.send_signal(signal.SIGHUP)
        await daemon.wait_for(lambda: daemon.said().count("READY=1") == 2, 30, "no READY after SIGHUP")
        said = daemon.said()
        check(said.index("RELOADING=1") < len(said) - 1 - said[::-1].index("READY=1") and
              any(line.startswith("MONOTONIC_USEC=") for line in said), "SIGHUP: RELOADING with its time, then READY")
        await hangs(daemon, options.ting, "tingd-pipeline", "pipeline")
        await hangs(daemon, options.ting, "tingd-capture", "capture")
        seconds, status = daemon.stop()
        await asyncio.sleep(0.2)
        check("STOPPING=1" in daemon.said() and status == 0, f"SIGTERM: STOPPING, status {status} after {seconds:.2f} s")
    print(f"{len(failures)} failed")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    asyncio.run(main())
