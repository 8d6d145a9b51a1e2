"""The car logs spoken: is the intent of a turn still right when it is heard instead of read?

    python spoken.py --ting .build/release/ting --shards SHARDS

Turns of the development sessions whose text the recogniser was not trained on either (../synth/texts.held_out), each said by two of
the synthetic voices that no training knows (the shard is made once). Every turn stands alone, typed and spoken, so that both lack the
same context; a turn of OTHERS is right when nothing is done.
"""
import argparse
import collections
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import data

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "synth"))
SHARE = 0.06  # of all texts that ../synth holds out


def turns():
    """Text and intent of the turns to speak; where one text has several intents, its most frequent."""
    import texts
    counts = collections.defaultdict(collections.Counter)
    for session in data.load_all()["nlpcc2018"][1]:
        for text, intent, _, _ in session:
            if re.fullmatch("[\u4e00-\u9fff]{2,20}", text) and texts.held_out(text, SHARE):
                counts[text][intent] += 1
    return {text: count.most_common(1)[0][0] for text, count in sorted(counts.items())}


def speak(wanted, shards):
    """Makes the shard: every text in two voices, judged as the other evaluation shards are."""
    import torch

    import make_ttskit as maker
    import shards as shard
    import ttskit_engine
    from voices import EVALUATION
    torch.set_num_threads(1)
    torch.manual_seed(1)
    phones, rng = ttskit_engine.Phones(), random.Random(4)
    jobs = []
    for text in wanted:
        for name in rng.sample(EVALUATION, 2):
            job = maker.prepare(text, name, ttskit_engine.speaker_vector(name), phones)
            if job:
                jobs.append(job)
    jobs.sort(key=lambda j: len(j[5]))
    writer = shard.Writer(shards, "nlpcc-spoken", 1e9)
    ears = maker.Ears(os.path.join(shards, "nlpcc-voices.json"))
    stats = dict(tried=0, kept=0, seconds=0.0, made=0.0)
    tacotron, vocoder = ttskit_engine.Tacotron(), ttskit_engine.MelGAN()
    for at in range(0, len(jobs), 32):
        maker.synthesise(jobs[at:at + 32], tacotron, vocoder, writer, stats, ears)
    writer.flush()


def answered(command, given=None):
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ting", required=True)
    p.add_argument("--shards", required=True, help="where the spoken turns are, or will be made")
    p.add_argument("--show", action="store_true")
    a = p.parse_args()
    import numpy as np
    import soundfile
    wanted = turns()
    if not glob.glob(f"{a.shards}/nlpcc-spoken-*.npz"):
        speak(wanted, a.shards)
    domain = ["--json", "--domain", "nlpcc2018"]
    read = answered([a.ting, "understand", *domain], "\n\n".join(wanted))
    typed = {text: answer["intent"] or "OTHERS" for text, answer in zip(wanted, read)}
    right = collections.Counter()
    with np.load(glob.glob(f"{a.shards}/nlpcc-spoken-*.npz")[0]) as shard, tempfile.TemporaryDirectory() as folder:
        pcm, offsets, texts = shard["pcm"], shard["offsets"], [str(t) for t in shard["text"]]
        paths = [f"{folder}/{i:04d}.wav" for i in range(len(texts))]
        for i, path in enumerate(paths):
            soundfile.write(path, pcm[offsets[i]:offsets[i + 1]], 16000)
        heard = {x["path"]: x for at in range(0, len(paths), 60) for x in answered([a.ting, "ask", *domain, *paths[at:at + 60]])}
    for path, text in zip(paths, texts):
        intent = heard[path]["intent"] or "OTHERS"
        right["typed"] += typed[text] == wanted[text]
        right["spoken"] += intent == wanted[text]
        if a.show and intent != wanted[text]:
            print("  ", text, wanted[text], "->", heard[path]["text"], intent, "typed", typed[text])
    print(f"{len(texts)} spoken turns of {len(set(texts))} texts: intent right {100 * right['spoken'] / len(texts):.1f} %, "
          f"typed {100 * right['typed'] / len(texts):.1f} %")


if __name__ == "__main__":
    main()
