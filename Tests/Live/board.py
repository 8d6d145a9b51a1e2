#!/usr/bin/env python3
"""What a board may lack: each gives one clear line that says what to do, and stands in ting-troubleshooting(7).

    board.py --ting .build/release/ting --tingd .build/release/tingd --models Models

Needs root for the folders that only root can make unwritable (a mount namespace of its own); without, those are left out.
"""

import argparse
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
failures = []


def check(condition, what, shown=""):
    print(("ok    " if condition else "FAIL  ") + what + (f": {shown}" if shown and not condition else ""), flush=True)
    if not condition:
        failures.append(what)


def page():
    """The troubleshooting page as plain text."""
    with open(f"{ROOT}/systemd/man/ting-troubleshooting.7", encoding="utf-8") as file:
        text = re.sub(r"^\.\w+ ?", "", file.read(), flags=re.M)
    return re.sub(r"\s+", " ", re.sub(r"\\f[BIR]", "", text).replace("\\-", "-").replace('"', "").replace("\\(aq", "'"))


def keys_are_messages():
    """Every heading of the page is a text that the sources hold, or one that others say."""
    sources = ""
    for folder, _, names in os.walk(f"{ROOT}/Sources"):
        for name in names:
            if name.endswith(".swift"):
                with open(f"{folder}/{name}", encoding="utf-8") as file:
                    sources += file.read()
    # Texts that are put together from several literals are compared piece by piece.
    sources = re.sub(r'"\s*\+\s*"', "", sources).replace('\\"', "")
    foreign = ["package architecture", "does not match system", "cannot execute", "No such file or directory",
               "Connection refused", "Permission denied", "Exec format error", "required file not found"]
    with open(f"{ROOT}/systemd/man/ting-troubleshooting.7", encoding="utf-8") as file:
        keys = [line[4:].strip().strip('"').replace("\\-", "-") for line in file if line.startswith(".SS ")]
    for key in keys:
        pieces = [piece.strip(" :;,.'()") for part in key.split("...") for piece in re.split("; |: ", part)]
        strange = [piece for piece in pieces if len(piece) > 5 and piece not in sources and
                   not any(text in piece for text in foreign)]
        check(not strange, f"the page's key is a message: {key}", strange)


def told(what, done, *fragments, keyed):
    """One line on standard error with all fragments, and the key of it on the page."""
    lines = [line for line in done.stderr.strip().splitlines() if line and "models ready" not in line]
    fine = done.returncode == 1 and len(lines) == 1 and all(fragment in lines[0] for fragment in fragments)
    check(fine and keyed in lines[0] and keyed in page(), what, (done.returncode, done.stderr))


def run(*command, seconds=60, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, **more)


def with_metadata(source, target, change):
    """Copies a safetensors file with other metadata or tensor names; the tensors stay where they are."""
    with open(source, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        body = file.read()
    change(header)
    text = json.dumps(header).encode()
    # The tensors start at a multiple of the header's length modulo 64, as before.
    text += b" " * ((length - len(text)) % 64)
    with open(target, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def weights(options, folder):
    models = f"{folder}/models"
    os.mkdir(models)
    told("no folder of weights", run(options.ting, "model", "--models", f"{folder}/none"), "--models", "TING_MODELS",
         keyed="expected a directory of models, found none at")
    told("no weights in the folder", run(options.tingd, "--models", models, "-c", options.settings), "install",
         keyed="install the package ting again")
    for name in os.listdir(options.models):
        if name != "training":
            os.symlink(os.path.realpath(f"{options.models}/{name}"), f"{models}/{name}")
    told("one file of weights is gone", _without(options, models, "hear.safetensors"), "hear.safetensors",
         "No such file or directory", keyed="expected a readable model file")
    changes = {
        "weights of a later format": (lambda h: h["__metadata__"].update(format="2"), "expected weights of format 1",
                                      "expected weights of format"),
        "weights of another version, a tensor is missing": (
            lambda h: h.update({"moved": h.pop(next(k for k in h if k.endswith(".weight")))}), "found none",
            "weights and program must be of one version"),
    }
    for what, (change, fragment, key) in changes.items():
        os.unlink(f"{models}/hear.safetensors")
        with_metadata(f"{options.models}/hear.safetensors", f"{models}/hear.safetensors", change)
        done = run(options.ting, "transcribe", "--models", models, options.recording)
        told(what, done, fragment, "install the package ting again", keyed=key)


def _without(options, models, name):
    os.unlink(f"{models}/{name}")
    done = run(options.ting, "transcribe", "--models", models, options.recording)
    os.symlink(os.path.realpath(f"{options.models}/{name}"), f"{models}/{name}")
    return done


def sockets(options, folder):
    told("the socket's folder is missing",
         run(options.tingd, "--models", options.models, "-c", options.settings, "--socket", f"{folder}/none/tingd.sock"),
         "its folder is missing", "systemctl", keyed="its folder is missing")
    told("no daemon", run(options.ting, "status", "--socket", f"{folder}/none.sock"), "systemctl start tingd",
         keyed="cannot reach tingd: No such file or directory")


def architecture(options, folder):
    other = "arm64" if os.uname().machine == "x86_64" else "amd64"
    done = run(f"{ROOT}/cross-compile/pack", other, os.path.dirname(options.ting), f"{folder}/out")
    check(done.returncode == 1 and "expected a program for" in done.stderr, "the packer refuses another machine's program",
          done.stderr)
    tree = f"{folder}/tree/DEBIAN"
    os.makedirs(tree)
    with open(f"{tree}/control", "w") as file:
        file.write(f"Package: ting-elsewhere\nVersion: 0\nArchitecture: {other}\nMaintainer: x <x@x>\nDescription: x\n")
    run("dpkg-deb", "-b", f"{folder}/tree", f"{folder}/other.deb")
    done = run("dpkg", "--dry-run", "-i", f"{folder}/other.deb")
    check(done.returncode != 0 and "does not match system" in done.stderr and "does not match system" in page(),
          "a package for another machine is refused, and the page says what to do", done.stderr)


def serve(options, folder, script, until, environment=None):
    """Runs tingd behind a shell script until a line is said; gives what was said and the answer of `ting status`."""
    socket = f"{folder}/s.sock"
    log = f"{folder}/log"
    command = f'{script}; exec "$@"'
    with open(log, "w") as file:
        process = subprocess.Popen(
            ["unshare", "--mount", "bash", "-c", command, "tingd", options.tingd, "--models", options.models, "-c",
             options.settings, "--socket", socket], stderr=file, env=dict(os.environ, **(environment or {})))
    text, status, deadline = "", "", time.monotonic() + 40
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.2)
        with open(log) as file:
            text = file.read()
        if "listening on" in text:
            status = run(options.ting, "status", "--socket", socket).stdout
            if until in text + status:
                break
    alive = process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=10)
    return text, status, alive


def permissions(options, folder):
    if os.geteuid() != 0:
        print("      not root: the read-only state folder and the missing audio group are left out")
        return
    state = f"{folder}/state"
    os.mkdir(state)
    text, _, alive = serve(options, folder, f"mount -t tmpfs -o ro tmpfs {state}", "listening on",
                           {"STATE_DIRECTORY": state})
    check(alive and "Read-only file system" in text and "nothing is kept over a restart: make the file system writable" in text
          and "nothing is kept over a restart" in page(), "a read-only state folder is told, and tingd serves all the same", text)
    # A sound card that this user may not open: root without any capability is a user like others.
    fresh = f"{folder}/dev"
    os.mkdir(fresh)
    nobody = (f"mount -t tmpfs tmpfs {fresh}; for n in null zero random urandom; do touch {fresh}/$n;"
              f" mount --bind /dev/$n {fresh}/$n; done; mkdir {fresh}/snd; touch {fresh}/snd/controlC0;"
              f" chown nobody {fresh}/snd/controlC0; chmod 600 {fresh}/snd/controlC0; mount --rbind {fresh} /dev")
    drop = f"{nobody}; set -- setpriv --bounding-set=-all --inh-caps=-all \"$@\""
    text, status, _ = serve(options, folder, drop, "permission denied")
    check("permission denied: add the user to the group audio" in status and
          "permission denied: add the user to the group audio" in page(), "no audio group", status + text)
    done = run("unshare", "--mount", "bash", "-c", f'{drop}; exec "$@"', "doctor", options.ting, "doctor", "--no-tone",
               "--microphone", "hw:0", "--speaker", "hw:0", "--models", options.models)
    check(done.returncode == 1 and "permission denied" in done.stdout and "usermod -aG audio" in done.stdout,
          "and the doctor says how to join it", done.stdout + done.stderr)


# Holds a sound device as PipeWire does: from a thread whose name is not the program's.
HOLDER = """
import ctypes, sys, threading
name = ctypes.CDLL(None).prctl
name(15, sys.argv[1].encode(), 0, 0, 0)
def hold():
    name(15, b"data-loop.0", 0, 0, 0)
    print(threading.get_native_id(), flush=True)
    threading.Event().wait()
threading.Thread(target=hold, daemon=True).start()
threading.Event().wait()
"""


def busy(options, folder):
    """A capture device that answers "busy", and a /proc/asound that says which thread holds it."""
    if os.geteuid() != 0 or not shutil.which("cc"):
        print("      not root or no C compiler: who holds a busy device is left out")
        return
    module, here = f"{folder}/libasound_module_pcm_busy.so", os.path.dirname(os.path.realpath(__file__))
    subprocess.run(["cc", "-shared", "-fPIC", "-DPIC", "-o", module, f"{here}/busy_pcm.c", "-lasound"], check=True)
    with open(f"{folder}/asound.conf", "w") as file:
        file.write(f'pcm_type.busy {{ lib "{module}" }}\npcm.held {{ type busy lock "{module}" slave "null" }}\n')
    proc, real = f"{folder}/proc", f"{folder}/real"
    os.makedirs(f"{proc}/asound/card0/pcm0c/sub0")
    os.mkdir(real)
    for name, text in {"cards": " 0 [Device         ]: USB-Audio - USB PnP Sound Device\n",
                       "pcm": "00-00: USB Audio : USB Audio : capture 1\n"}.items():
        with open(f"{proc}/asound/{name}", "w") as file:
            file.write(text)
    for holder in ("pipewire", "tingd"):
        process = subprocess.Popen([sys.executable, "-c", HOLDER, holder], stdout=subprocess.PIPE, text=True)
        thread = int(process.stdout.readline())
        with open(f"{proc}/asound/card0/pcm0c/sub0/status", "w") as file:
            file.write(f"state: RUNNING\nowner_pid   : {thread}\n")
        script = (f"mount --rbind /proc {real}; for n in self cpuinfo meminfo sys {process.pid} {thread}; do"
                  f" ln -sfn {real}/$n {proc}/$n; done; mount --rbind {proc} /proc; exec \"$@\"")
        done = run("unshare", "--mount", "bash", "-c", script, "doctor", options.ting, "doctor", "--json", "--no-tone",
                   "--microphone", "held", "--speaker", "null", "--models", options.models,
                   env=dict(os.environ, ALSA_CONFIG_PATH=f"/usr/share/alsa/alsa.conf:{folder}/asound.conf"))
        process.kill()
        process.wait()
        found = {entry["check"]: entry for entry in map(json.loads, done.stdout.splitlines())
                 if entry["check"] in ("cards", "capture")}
        who = f"in use by {holder} (process {process.pid})"
        check(who in found["cards"]["found"], f"who holds a card is told: {holder}", done.stdout + done.stderr)
        if holder == "tingd":
            check(found["capture"]["result"] == "ok" and "in use by tingd" in found["capture"]["found"],
                  "the daemon may hold it", found["capture"])
        else:
            check(found["capture"]["result"] == "FAIL" and f"{who}: end it" in found["capture"].get("remedy", ""),
                  f"a busy device: {found['capture'].get('remedy')}", found["capture"])


def doctor(options, folder):
    done = run(options.ting, "doctor", "--json", "--no-tone", "--seconds", "1", "--microphone",
               f"file:{options.recording}", "--speaker", f"file:{folder}/out.wav", "--models", options.models,
               "--socket", f"{folder}/none.sock")
    found = {}
    for line in done.stdout.splitlines():
        entry = json.loads(line)
        found.setdefault(entry["check"], []).append(entry)
    check(list(found) == ["processor", "memory", "weights", "speed", "cards", "permissions", "capture", "playback", "echo",
                          "state", "daemon"], "the doctor checks everything", list(found))
    check("peak" in found["capture"][0]["found"] and "clipped" in found["capture"][0]["found"], "level and clipping",
          found["capture"])
    check("real time" in found["speed"][0]["found"] and "kernels" in found["processor"][0]["found"], "speed and kernels")
    check(all(entry.get("remedy") for entries in found.values() for entry in entries if entry["result"] != "ok"),
          "whatever is not well has a remedy")
    check(found["daemon"][0]["result"] == "note" and "systemctl" in found["daemon"][0]["found"], "no daemon is told")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ting", required=True)
    parser.add_argument("--tingd", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--recording", required=True)
    options = parser.parse_args()
    options.ting, options.tingd = os.path.realpath(options.ting), os.path.realpath(options.tingd)
    options.models, options.recording = os.path.realpath(options.models), os.path.realpath(options.recording)
    with tempfile.TemporaryDirectory(prefix="ting-board-") as folder:
        options.settings = f"{folder}/tingd.conf"
        with open(options.settings, "w") as file:
            file.write("[audio]\nmicrophone = hw:0\nspeaker = hw:0\n")
        keys_are_messages()
        weights(options, folder)
        sockets(options, folder)
        architecture(options, folder)
        doctor(options, folder)
        busy(options, folder)
        permissions(options, folder)
    print(f"{len(failures)} failed")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
