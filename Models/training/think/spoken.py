"""The car logs spoken: is the intent of a turn still right when it is heard instead of read?

    python spoken.py --ting .build/release/ting --shards SHARDS --cache CACHE

Turns of the development sessions whose text the recogniser was not trained on either (../synth/texts.held_out), each said by two of
the synthetic voices that no training knows (the shard is made once). Every turn stands alone, typed and spoken, so that both lack the
same context; a turn of OTHERS is right when nothing is done. Spoken turns are understood by what was written down, by Hear's states alone, and
by both, without noise and in it.
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
sys.path.insert(0, os.path.join(HERE, "..", "hear"))
sys.path.append(os.path.join(HERE, "..", "synth"))
import evaluate  # noqa: E402


def turns():
    """Text and intent of the turns to speak; where one text has several intents, its most frequent."""
    import texts
    counts = collections.defaultdict(collections.Counter)
    for session in data.load_all()["nlpcc2018"][1]:
        for text, intent, _, _ in session:
            if re.fullmatch("[\u4e00-\u9fff]{2,20}", text) and texts.held_out(text, texts.EVALUATION_SHARE):
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
    writer = shard.Writer(shards, "nlpcc-eval", 360)
    ears = maker.Ears(os.path.join(shards, "nlpcc-voices.json"))
    stats = dict(tried=0, kept=0, seconds=0.0, made=0.0)
    tacotron, vocoder = ttskit_engine.Tacotron(), ttskit_engine.MelGAN()
    for at in range(0, len(jobs), 32):
        maker.synthesise(jobs[at:at + 32], tacotron, vocoder, writer, stats, ears)
    writer.flush()


def measure(ting, domain, paths, clips, wanted, by, show):
    """Share of intents right in %, when the recordings are understood by text, sound or both."""
    heard, right = evaluate.asked(ting, paths, *domain, "--by", by), 0
    for path, clip in zip(paths, clips):
        intent = heard[path]["intent"] or "OTHERS"
        right += intent == wanted[clip.text]
        if show and intent != wanted[clip.text]:
            print("  ", clip.text, wanted[clip.text], "->", heard[path]["text"], intent)
    return 100 * right / len(clips)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ting", required=True)
    p.add_argument("--shards", required=True, help="where the spoken turns are, or will be made")
    p.add_argument("--cache", required=True, help="where ../hear/corpus.py put the noises")
    p.add_argument("--show", action="store_true")
    a = p.parse_args()
    wanted = turns()
    if not glob.glob(f"{a.shards}/nlpcc-eval-*.npz"):
        speak(wanted, a.shards)
    domain = ["--domain", "nlpcc2018"]
    done = subprocess.run([a.ting, "understand", "--json", *domain], input="\n\n".join(wanted), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    typed = {text: json.loads(line)["intent"] or "OTHERS" for text, line in zip(wanted, done.stdout.splitlines())}
    clips = evaluate.shard_clips(a.shards, "nlpcc")
    typed_right = 100 * sum(typed[c.text] == wanted[c.text] for c in clips) / len(clips)
    print(f"{len(clips)} turns of {len({c.text for c in clips})} texts, typed: intent right {typed_right:.1f} %")
    noise = evaluate.noise_pool(a.cache)
    for snr in evaluate.NOISY:
        with tempfile.TemporaryDirectory() as folder:
            paths = evaluate.write(clips, folder, snr, noise)
            for by in ("text", "sound", "both"):
                right = measure(a.ting, domain, paths, clips, wanted, by, a.show)
                print(f"spoken, {f'{snr} dB' if snr else 'clean'}, by {by}: intent right {right:.1f} %", flush=True)


if __name__ == "__main__":
    main()
