"""Recordings that Debian packages carry, laid out like the other sets: SPEECH/NAME/manifest.tsv beside the files.

    apt-get download gcin-voice blanket asterisk-moh-opsound-wav hyperrogue-music     # blanket is in trixie, not in bookworm
    python debian.py --speech SPEECH *.deb

gcin_syllables  two people saying every tonal syllable (gcin-voice; the first GPL-3 or LGPL-3, the second CC BY 3.0)
ambience        rain, wind, city, coffee-shop, train, waves … (blanket; CC0, public domain, CC BY; its made noises are left out)
music           twenty-two pieces of music (CC BY-SA 3.0)
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import tempfile

import soundfile
from pypinyin import Style, pinyin_dict
from pypinyin.contrib.tone_convert import to_tone3
from pypinyin.style import convert

TONES = {"ˊ": "2", "ˇ": "3", "ˋ": "4", "˙": "1"}  # as gcin names them: nothing is the first tone, 1 the neutral one
MADE = ("pink-noise", "white-noise")


def zhuyin():
    """gcin's name of every syllable that a character has, such as ㄇㄞ2, to pinyin, such as mai2."""
    out = {}
    for readings in pinyin_dict.pinyin_dict.values():
        for reading in readings.split(","):
            name = convert(reading, Style.BOPOMOFO, False)
            name = re.sub("[ˊˇˋ˙]", "", name) + "".join(TONES[c] for c in name if c in TONES)
            out.setdefault(name, to_tone3(reading, neutral_tone_with_five=True, v_to_u=True))
    return out


def lay_out(folder, header, rows):
    """Copies what `rows` name first into the folder and writes its manifest."""
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/manifest.tsv", "w", encoding="utf-8") as f:
        print(*header, sep="\t", file=f)
        for path, *cells in rows:
            name = cells[0]
            shutil.copyfile(path, f"{folder}/{name}")
            print(name, f"{soundfile.info(path).duration:.3f}", *cells[1:], sep="\t", file=f)
    print(folder, len(rows), "files")


def gcin(root, speech):
    names, rows = zhuyin(), []
    for path in sorted(glob.glob(f"{root}/usr/share/gcin-voice/ogg/*/*.ogg")):
        pinyin = names.get(path.split("/")[-2])
        if pinyin:
            speaker = "g" + os.path.basename(path)[0]
            rows.append((path, f"{speaker}_{pinyin.replace('ü', 'v')}.ogg", speaker, "zh", pinyin))
    lay_out(f"{speech}/gcin_syllables", ("file", "seconds", "speaker", "lang", "pinyin"), rows)


def ambience(root, speech, scratch):
    bundle, rows = f"{root}/usr/share/blanket/blanket.gresource", []
    listed = subprocess.run(["gresource", "list", bundle], capture_output=True, text=True, check=True).stdout
    for entry in listed.split():
        name = os.path.basename(entry)
        if name.endswith(".ogg") and name[:-4] not in MADE:
            path = f"{scratch}/{name}"
            with open(path, "wb") as f:
                subprocess.run(["gresource", "extract", bundle, entry], stdout=f, check=True)
            rows.append((path, name, "blanket"))
    lay_out(f"{speech}/ambience", ("file", "seconds", "source"), rows)


def music(roots, speech):
    found = [(path, os.path.basename(path), package) for package, root in roots
             for path in sorted(glob.glob(f"{root}/usr/share/asterisk/moh/*.wav") + glob.glob(f"{root}/usr/share/hyperrogue/music/*.ogg"))]
    lay_out(f"{speech}/music", ("file", "seconds", "source"), found)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--speech", required=True)
    p.add_argument("packages", nargs="+")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        roots = []
        for package in a.packages:
            name = os.path.basename(package).split("_")[0]
            roots.append((name, f"{scratch}/{name}"))
            subprocess.run(["dpkg", "-x", package, roots[-1][1]], check=True)
        of = dict(roots)
        if "gcin-voice" in of:
            gcin(of["gcin-voice"], a.speech)
        if "blanket" in of:
            ambience(of["blanket"], a.speech, scratch)
        tunes = [(n, r) for n, r in roots if n in ("asterisk-moh-opsound-wav", "hyperrogue-music")]
        if tunes:
            music(tunes, a.speech)


if __name__ == "__main__":
    main()
