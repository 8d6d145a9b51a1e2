#!/usr/bin/env python3
"""A voice cloned through the program: made, listed, used, and its mark found after 16 kHz Opus at 24 kbit/s.

    voice_clone.py --ting .build/release/ting

The "person" is one of Ting's own voices, higher: no recording of a person is in the repository. Opus is the one of libsndfile or
opus-tools; without either that step is named as left out.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import wave

TEXTS = ["好的，主驾车窗已经打开了。", "今天晚上有小雨，出门记得带伞。", "前方五百米右转，进入人民路。", "为您找到五首相关的歌曲。", "空气质量良好，适合开窗通风。",
         "明天上午十点有一场会议。", "门锁已经锁好，请放心出门。", "扫地机器人正在回去充电。", "后备箱正在打开，请注意安全。", "已经为您避开拥堵路段。",
         "客厅的灯光换成暖色了。", "洗衣机开始脱水了。", "热水器加热完成，可以洗澡了。", "您有两条未读短信。", "手机音乐已经暂停。", "下一个服务区还有十六公里。"]
failures = []


def check(condition, what, shown=""):
    print(("ok    " if condition else "FAIL  ") + what + (f": {shown}" if shown and not condition else ""), flush=True)
    if not condition:
        failures.append(what)


def opus(path, folder):
    """Through 16 kHz Opus at 24 kbit/s and back, None where there is no opus-tools."""
    if not (shutil.which("opusenc") and shutil.which("opusdec")):
        return None
    coded, back = os.path.join(folder, "x.opus"), os.path.join(folder, "x.opus.wav")
    narrow = os.path.join(folder, "x16.wav")
    shutil.copy(path, narrow)
    subprocess.run(["opusenc", "--quiet", "--bitrate", "24", "--hard-cbr", narrow, coded], check=True)
    subprocess.run(["opusdec", "--quiet", "--rate", "16000", coded, back], check=True)
    return back


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--ting", default=".build/release/ting")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, TING_VOICES=os.path.join(folder, "voices"))

        def run(*arguments):
            return subprocess.run([a.ting, *arguments], capture_output=True, text=True, env=environment, timeout=900)

        person = os.path.join(folder, "person.wav")
        run("say", "".join(TEXTS), "--voice", "kai", "--pitch", "3", "--out", person)
        with wave.open(person) as f:
            check(f.getnframes() / f.getframerate() > 30, "the recording is long enough")
        check(run("voice", "clone", "person", person).returncode == 64, "without consent: wrong usage")
        check(run("voice", "clone", "kai", person, "--i-have-consent").returncode == 1, "a name that is taken is refused")
        refused = run("voice", "clone", "x", person, "--consent", person)
        check(refused.returncode == 1 and "consent" in refused.stderr, "a recording that states no consent is refused", refused.stderr)
        made = run("voice", "clone", "person", person, "--i-have-consent")
        check(made.returncode == 0 and "likeness" in made.stdout, "a voice is cloned", made.stderr)
        print(made.stdout.strip())
        path = os.path.join(folder, "voices", "person.voice")
        check(os.path.exists(path) and os.path.getsize(path) < 1_000_000, "one file under 1 MB")
        check("person\t" in run("say", "--voice", "list").stdout, "it is listed")
        said, plain = os.path.join(folder, "said.wav"), os.path.join(folder, "plain.wav")
        for voice, out in (("person", said), ("kai", plain)):
            run("say", "".join(TEXTS[:4]), "--voice", voice, "--out", out)
        found = run("voice", "verify", said)
        check(found.returncode == 0, "its mark is found", found.stdout)
        print(found.stdout.strip())
        check(run("voice", "verify", plain).returncode == 1, "speech of Ting's own voices is not marked")
        coded = opus(said, folder)
        if coded is None:
            print("left out: opus-tools are not installed")
        else:
            after = run("voice", "verify", coded)
            check(after.returncode == 0, "the mark survives 16 kHz Opus at 24 kbit/s", after.stdout)
            print(after.stdout.strip())
        with open(path, "r+b") as f:
            f.truncate(1000)
        broken = run("say", "你好", "--voice", "person", "--out", said)
        check(broken.returncode == 1 and "person" in broken.stderr, "a broken file is one clear line", broken.stderr)
        check(run("say", "你好", "--out", said).returncode == 0, "and the other voices still speak")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
