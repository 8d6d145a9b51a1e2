"""Starts tingd on a socket of its own, with a fake systemd that listens to what it says."""

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time


class Tingd:
    """A running daemon; use with `async with`."""

    def __init__(self, binary, models=None, settings="", environment=None, activated=False, control="",
                 watchdog_seconds=2, emulator=(), patience=60):
        self.folder = tempfile.mkdtemp(prefix="ting-live-")
        self.socket = os.path.join(self.folder, "tingd.sock")
        self.configuration = os.path.join(self.folder, "tingd.conf")
        with open(self.configuration, "w") as file:
            file.write(settings + f"\n[control]\nsocket = {self.socket}\n" + control)
        self.notifications = []
        self.binary, self.models = binary, models
        self.environment = dict(os.environ, **(environment or {}))
        self.activated = activated
        self.watchdog_seconds = watchdog_seconds
        self.emulator, self.patience = list(emulator), patience

    async def __aenter__(self):
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(self.folder, "notify")
        self.notify.bind(path)
        threading.Thread(target=self.take_notifications, daemon=True).start()
        self.environment.update(NOTIFY_SOCKET=path, WATCHDOG_USEC=str(self.watchdog_seconds * 1_000_000))
        self.environment.pop("WATCHDOG_PID", None)
        self.log_path = os.path.join(self.folder, "log")
        command = self.emulator + [self.binary, "-c", self.configuration, "-v"]
        if self.models:
            command += ["--models", self.models]
        passed = []
        if self.activated:
            # As systemd does: a listening socket as descriptor 3, and the numbers in the environment.
            listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listening.bind(self.socket)
            listening.listen(16)
            passed = [listening.fileno()]
            script = f'exec 3<&{passed[0]}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
            command = ["bash", "-c", script, "tingd"] + command
        self.started = time.monotonic()
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(command, env=self.environment, stderr=log, pass_fds=passed)
        await self.wait_for(lambda: "READY=1" in self.said(), self.patience, "READY=1 was not said")
        self.seconds_to_ready = time.monotonic() - self.started
        return self

    async def __aexit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.notify.close()

    def take_notifications(self):
        """As systemd does: at once, or the daemon would wait for room in the queue."""
        try:
            while True:
                self.notifications += self.notify.recv(65536).decode().split("\n")
        except OSError:
            return

    def said(self):
        """Everything that was told to systemd so far, line by line."""
        return list(self.notifications)

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    async def wait_for(self, condition, seconds, complaint):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(f"tingd ended with {self.process.returncode}: {self.log()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{complaint} within {seconds} s: {self.log()}")
            await asyncio.sleep(0.02)

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(next(line for line in file if line.startswith("VmRSS")).split()[1])

    def peak_megabytes(self):
        """The most that was ever resident, in 10^6 bytes."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6

    def stop(self):
        """Ends it as systemd would; gives the seconds that took and the exit status."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"tingd did not end within 10 s of SIGTERM: {self.log()}") from None
        return time.monotonic() - start, status
