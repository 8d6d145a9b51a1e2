"""A private PulseAudio server behind ALSA: a sound card for tests, which can be pulled out and plugged in again.

ALSA names: what is played into `room_out` is heard at `room_in`, what is played into `ting_out` at `ting_in`.
`busy_in` is `room_in` behind a plug-in that says "busy" as long as `occupy()` is in force.
"""
import os
import shutil
import subprocess
import tempfile
import time

NEEDED = ("pulseaudio", "aplay", "arecord", "cc")


class SoundServer:
    """Use with `with`; the environment of this process leads to the server."""

    def __enter__(self):
        for tool in NEEDED:
            if not shutil.which(tool):
                raise SystemExit(f"sound_server.py: {tool} is missing")
        self.folder = tempfile.mkdtemp(prefix="ting-pulse-")
        self.process = None
        self.address = os.path.join(self.folder, "pulse.sock")
        self.lock = os.path.join(self.folder, "occupied")
        module = self.build_busy_plugin()
        devices = {"room_out": "room", "room_in": "room.monitor", "ting_out": "reply", "ting_in": "reply.monitor"}
        with open(os.path.join(self.folder, "asound.conf"), "w") as file:
            for name, device in devices.items():
                file.write(f'pcm.{name} {{ type pulse server "unix:{self.address}" device "{device}" }}\n')
            file.write(f'pcm_type.busy {{ lib "{module}" }}\n')
            file.write(f'pcm.busy_in {{ type busy lock "{self.lock}" slave "room_in" }}\n')
        os.environ.update(
            ALSA_CONFIG_PATH=f"/usr/share/alsa/alsa.conf:{self.folder}/asound.conf", HOME=self.folder,
            XDG_RUNTIME_DIR=self.folder, PULSE_SERVER=f"unix:{self.address}")
        self.plug_in()
        return self

    def __exit__(self, *_):
        self.pull_out()
        shutil.rmtree(self.folder, ignore_errors=True)

    def build_busy_plugin(self):
        module = os.path.join(self.folder, "libasound_module_pcm_busy.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "busy_pcm.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-DPIC", "-O1", "-o", module, source, "-lasound"], check=True)
        return module

    def plug_in(self):
        """Starts the server."""
        if os.path.exists(self.address):
            os.unlink(self.address)
        log = os.path.join(self.folder, "pulse.log")
        self.process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", f"--log-target=file:{log}",
             "-L", "module-null-sink sink_name=room rate=16000 channels=1",
             "-L", "module-null-sink sink_name=reply rate=24000 channels=1",
             "-L", f"module-native-protocol-unix auth-anonymous=1 socket={self.address}"])
        for _ in range(200):
            if os.path.exists(self.address):
                return
            time.sleep(0.05)
        raise SystemExit("sound_server.py: PulseAudio did not start: " + open(log).read())

    def pull_out(self):
        """Kills the server, as a hand that pulls a plug does."""
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def occupy(self, occupied):
        """Another program takes `busy_in`, or lets go of it."""
        if occupied:
            open(self.lock, "w").close()
        elif os.path.exists(self.lock):
            os.unlink(self.lock)

    @staticmethod
    def play(recording):
        """Somebody speaks in the room."""
        return subprocess.Popen(["aplay", "-q", "-D", "room_out", recording])

    @staticmethod
    def record(path):
        """Somebody hears the reply."""
        return subprocess.Popen(
            ["arecord", "-q", "-D", "ting_in", "-f", "S16_LE", "-r", "24000", "-c", "1", path],
            stderr=subprocess.DEVNULL)
