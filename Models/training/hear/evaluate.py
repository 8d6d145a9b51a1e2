"""Figures of Hear through the built `ting` (Swift, INT8), on people no training saw.

    python evaluate.py --ting .build/release/ting --cache CACHE words20 sentences words
    python evaluate.py --ting .build/release/ting --shards EVAL [--judge WHISPER] [--names DICTIONARIES] commands
    python evaluate.py --ting .build/release/ting --cache CACHE --shards EVAL --picture confusions.png noises confusions

words20    twelve two-syllable Mandarin words as a closed set, six held-out students (s18-s23)
sentences  tonal-syllable error and characters wrong, held-out sentences of S0150 (a trained voice, untrained sentences)
words      tonal-syllable error, held-out dictionary words of a trained voice
voices     tonal-syllable error, all clips of the synthetic voices held out of training
gcin       tonal-syllable error, single syllables of a man no training heard
cantonese  jyutping syllables wrong: held-out syllables of a trained man, and sentences in his voice as Speak makes it (synthetic)
sichuanese tonal syllables wrong of sentences with the sounds and tones of Chengdu as Speak makes them (synthetic), the
           characters heard read as Mandarin; told that it is Sichuanese and not told
commands   whole frame (intent and slots) of spoken commands in synthetic voices held out of training,
           against the frame of the same text typed; with --judge also on those clips alone in which Whisper base hears every
           syllable (tones aside): a synthesiser leaves out or garbles some, and nobody can hear what was not said; with --names
           every open name that is said is listed among 1,000 others of its slot, as an integrator lists contacts, songs and places
noises     tonal-syllable error of sentences and synthetic voices by kind of noise (--kinds), at 10 and 5 dB; with --judge that of
           Whisper base on the same clips as well; --limit 46 keeps to the sentences of the person
partials   how often a syllable that `ting ask --stream` showed is taken back or changed by what follows, the same clips without noise
confusions what is taken for what: initials, finals and tones, most frequent first, and as a picture
"""
import argparse
import collections
import difflib
import glob
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import numpy as np
import soundfile

import corpus
from score import distance

NOISY = (None, 10, 5)
KINDS = ("aircon", "dishwasher", "street", "vacuuming", "kitchen", "rain", "clock", "fire", "helicopter")
# The car logs' dictionaries with names like those of a slot; places are jieba's.
NAMES = {"song": "song", "album": "song", "singer": "singer", "contact": "singer", "destination": None, "station": None}
OPEN = {"song", "singer", "destination", "contact", "album", "station", "query"}  # slots that take any words


def noise_pool(cache, kind=""):
    """All held-out noises one after the other, or those whose file is named after a kind."""
    pcm = [pcm for source in corpus.noises(cache)[1].values() for name, pcm in source if kind in name]
    return np.concatenate(pcm).astype(np.float32) / 32768


def write(clips, folder, snr=None, noise=None, rate=16000):
    """One WAV a clip; noise at a fixed SNR (dB) where asked, the same noise for the same clip each time."""
    paths = []
    for n, clip in enumerate(clips):
        x = clip.pcm.astype(np.float32) / 32768
        if snr is not None:
            rng = np.random.default_rng(n)
            at = rng.integers(0, len(noise) - len(x))
            w = noise[at:at + len(x)]
            x = x + w * np.sqrt((x ** 2).mean() / ((w ** 2).mean() + 1e-9)) * 10 ** (-snr / 20)
            x = x / max(1, np.abs(x).max())
        if rate == 8000:
            x = x[::2]
        path = f"{folder}/{n:05d}.wav"
        soundfile.write(path, x, rate, subtype="PCM_16")
        paths.append(path)
    return paths


def lines(ting, arguments, paths):
    """What `ting` prints; silence is an error, which would otherwise count as nothing heard."""
    done = subprocess.run([ting, *arguments, *paths], capture_output=True, text=True)
    if done.returncode and not done.stdout:
        raise SystemExit(f"{ting}: {done.stderr.strip()}")
    return done.stdout.splitlines()


def run(ting, arguments, paths, block=200):
    out = {}
    for at in range(0, len(paths), block):
        for line in lines(ting, arguments, paths[at:at + block]):
            path, _, text = line.partition("\t")
            out[path] = text
    return [out.get(p, "") for p in paths]


def asked(ting, paths, *options, block=60):
    """What `ting ask` answers to recordings, by path; each is a dialogue of its own."""
    out = {}
    for at in range(0, len(paths), block):
        part = paths[at:at + block]
        for line in lines(ting, ["ask", "--json", *options], part):
            answer = json.loads(line)
            out[answer.get("path", part[0])] = answer
    return out


def toned(text):
    return corpus.mandarin_syllables(text) or []


def said(clip):
    """The tonal syllables of a clip: sets of single syllables and shards name them, texts have to be read."""
    if clip.source == "eval":
        return clip.ids
    return [clip.text] if clip.source in ("gcin_syllables", "cantonese_syllables") else toned(clip.text)


def shard_clips(folder, name="ttskit"):
    """Clips of the shards that ../synth made with --evaluation; `ids` holds the pinyin that was spoken."""
    out = []
    for path in sorted(glob.glob(f"{folder}/{name}-eval*.npz")):
        with np.load(path, allow_pickle=True) as data:
            pcm, offsets, texts, voices, pinyin = (data[k] for k in ("pcm", "offsets", "text", "voice", "pinyin"))
        out += [corpus.Clip(pcm[offsets[i]:offsets[i + 1]], str(pinyin[i]).split(), "zh", "eval", str(voices[i]), str(t))
                for i, t in enumerate(texts)]
    return out


def syllable_pairs(ting, clips, snr=None, noise=None, lang="zh"):
    """What was said and what was heard, as lists of tonal syllables."""
    with tempfile.TemporaryDirectory() as folder:
        heard = run(ting, ["transcribe", "--pinyin", "--lang", lang], write(clips, folder, snr, noise))
    return [(said(c), text.split()) for c, text in zip(clips, heard)]


def syllable_error(ting, clips, title, snr=None, noise=None, lang="zh"):
    wrong = toneless = total = 0
    for r, h in syllable_pairs(ting, clips, snr, noise, lang):
        wrong += distance(r, h)
        toneless += distance([s[:-1] for s in r], [s.rstrip("123456") for s in h])
        total += len(r)
    print(f"{title}: tonal-syllable error {100 * wrong / total:.1f} %, toneless {100 * toneless / total:.1f} % "
          f"({len(clips)} clips, {total} syllables)", flush=True)


def character_error(ting, clips, title):
    with tempfile.TemporaryDirectory() as folder:
        heard = run(ting, ["transcribe"], write(clips, folder))
    pairs = [(re.sub(r"\W", "", c.text), re.sub(r"\W", "", h)) for c, h in zip(clips, heard)]
    total = sum(len(said) for said, _ in pairs)
    print(f"{title}: {100 * sum(distance(a, b) for a, b in pairs) / total:.1f} % of {total} characters wrong", flush=True)


def sichuanese(ting, clips):
    """Characters heard, read as Mandarin: which characters sound alike in Chengdu does not matter."""
    for forced, title in ((["--lang", "sc"], "told that it is"), ([], "not told")):
        with tempfile.TemporaryDirectory() as folder:
            heard = [json.loads(line) for line in lines(ting, ["transcribe", "--json", *forced], write(clips, folder))]
        wrong = sum(distance(toned(c.text), toned(h["text"])) for c, h in zip(clips, heard))
        tagged = sum(h["dialect"] == "sc" for h in heard)
        print(f"Sichuanese sentences, synthetic, {title}: {100 * wrong / sum(len(toned(c.text)) for c in clips):.1f} % of the "
              f"syllables wrong, taken for Sichuanese {tagged} of {len(clips)}", flush=True)


def closed_set(ting, clips, title, rate):
    words = sorted({c.text for c in clips})
    with tempfile.TemporaryDirectory() as folder:
        heard = run(ting, ["transcribe", "--words", ",".join(words)], write(clips, folder, rate=rate))
    right = sum(c.text == h for c, h in zip(clips, heard))
    by_speaker = collections.Counter(c.speaker for c, h in zip(clips, heard) if c.text == h)
    count = collections.Counter(c.speaker for c in clips)
    print(f"{title}: closed set of {len(words)}: {100 * right / len(clips):.2f} % of {len(clips)} ("
          + ", ".join(f"{s} {100 * by_speaker[s] / count[s]:.1f}" for s in sorted(count)) + ")", flush=True)


def noises(ting, clips, cache, kinds, judge=None):
    conditions = [("the same without noise", None, None)]
    conditions += [(f"{kind}, {snr} dB", snr, noise_pool(cache, kind)) for kind in kinds for snr in (10, 5)]
    whisper = Whisper(judge) if judge else None
    for title, snr, pool in conditions:
        syllable_error(ting, clips, title, snr, pool)
        if whisper:
            whisper.syllable_error(clips, title, snr, pool)


def partials(ting, clips):
    """Syllables shown while the sound goes by (every 0.1 s) that a later line or the end does not keep."""
    shown = changed = updates = revising = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in write(clips, folder):
            answers = [json.loads(line) for line in lines(ting, ["ask", "--json", "--stream"], [path])]
            rows = [(answer["partial"] if "partial" in answer else answer["units"]).split() for answer in answers]
            for before, after in itertools.pairwise(rows):
                kept = len(os.path.commonprefix([before, after]))
                changed, revising, updates = changed + len(before) - kept, revising + (kept < len(before)), updates + 1
            shown += len(rows[-1])
    print(f"partial results: {100 * changed / shown:.1f} % of {shown} syllables taken back or changed after they were shown, "
          f"by {100 * revising / updates:.1f} % of {updates} updates", flush=True)


def parts(syllable):
    """Initial, final and tone of a tonal syllable."""
    body = syllable.rstrip("12345")
    units = corpus.mandarin_units([syllable])
    initial = units[0] if len(units) > 1 else ""
    return {"initial": initial, "final": body[len(initial):], "tone": syllable[len(body):]}


def aligned(a, b):
    """Pairs of an alignment by longest common stretches; None where one has nothing."""
    matcher, out = difflib.SequenceMatcher(None, a, b, False), []
    for _, a0, a1, b0, b1 in matcher.get_opcodes():
        out += itertools.zip_longest(a[a0:a1], b[b0:b1])
    return out


def confusions(ting, clips, picture):
    counts = {part: collections.Counter() for part in ("initial", "final", "tone")}
    for said, heard in syllable_pairs(ting, clips):
        for a, b in aligned(said, heard):
            if a and b and b[-1].isdigit():
                of_a, of_b = parts(a), parts(b)
                for part, table in counts.items():
                    table[of_a[part] or "–", of_b[part] or "–"] += 1
    for part, table in counts.items():
        total = collections.Counter()
        for (a, _), n in table.items():
            total[a] += n
        worst = sorted(((n, a, b) for (a, b), n in table.items() if a != b), reverse=True)[:12]
        print(f"{part}: " + ", ".join(f"{a} as {b} {n} of {total[a]}" for n, a, b in worst), flush=True)
    if picture:
        draw(counts, picture)


def draw(counts, picture):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 3, figsize=(22, 9), gridspec_kw={"width_ratios": [3, 4, 1]})
    for axis, (part, table) in zip(axes, counts.items()):
        names = sorted({a for a, _ in table} | {b for _, b in table})
        share = np.array([[table[a, b] for b in names] for a in names], float)
        share /= np.maximum(share.sum(1, keepdims=True), 1)
        np.fill_diagonal(share, 0)
        image = axis.imshow(100 * share, cmap="magma_r", vmax=15)
        axis.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
        axis.set_yticks(range(len(names)), names, fontsize=7)
        axis.set_title(f"{part}s")
    figure.suptitle("said (down) and heard (across), % of the row; what was right is left out")
    figure.colorbar(image, ax=axes, shrink=0.5)
    figure.savefig(picture, dpi=70, bbox_inches="tight")
    print("written", picture)


class Whisper:
    """Whisper base, as the recipes of ../speak judge with it."""

    def __init__(self, folder):
        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "speak"))
        import judge
        self.judge, self.whisper = judge, judge.Whisper(folder)

    def understands(self, clip):
        """Whether it hears all syllables, tones aside."""
        return self.judge.errors(self.whisper, clip.text, clip.pcm.astype(np.float32) / 32768)[1] == 0

    def syllable_error(self, clips, title, snr=None, noise=None):
        with tempfile.TemporaryDirectory() as folder:
            counts = [self.judge.errors(self.whisper, c.text, soundfile.read(path, dtype="float32")[0])[:3]
                      for c, path in zip(clips, write(clips, folder, snr, noise))]
        wrong, toneless, total = np.sum(counts, 0)
        print(f"{title}: Whisper base {100 * wrong / total:.1f} %, toneless {100 * toneless / total:.1f} % ({total} syllables)", flush=True)


def names_like(slot, dictionaries):
    """Names of two to eight characters that a slot might hold, sorted."""
    if NAMES[slot]:
        with open(f"{dictionaries}/{NAMES[slot]}.txt", encoding="utf-8") as f:
            found = {line.strip() for line in f}
    else:
        import jieba
        with jieba.get_dict_file() as f:
            found = {line.split()[0].decode() for line in f if line.split()[2].startswith(b"ns")}
    return sorted(name for name in found if re.fullmatch("[\u4e00-\u9fff]{2,8}", name))


def listed(wanted, dictionaries, folder):
    """`ting ask` options: for every open slot the names that are said and 1,000 others like them."""
    options = []
    for slot in NAMES:
        said = {w["slots"][slot] for w in wanted if isinstance(w["slots"].get(slot), str)}
        if not said:
            continue
        others = names_like(slot, dictionaries)
        random.Random(1).shuffle(others)
        with open(f"{folder}/{slot}.txt", "w", encoding="utf-8") as f:
            f.write("\n".join(sorted(said | set(others[:1000]))) + "\n")
        options += ["--names", f"{slot}={folder}/{slot}.txt"]
    return options


def commands(ting, shards, cache, limit, judge=None, names=None, draws=1):
    by_voice = collections.Counter()
    clips = shard_clips(shards)
    typed = subprocess.run([ting, "understand", "--json"], input="\n\n".join(c.text for c in clips), capture_output=True, text=True, check=True)
    wanted = [json.loads(line) for line in typed.stdout.splitlines()]
    kinds = dict(reversed(line.rstrip("\n").split("\t")) for line in open(f"{shards}/texts.tsv", encoding="utf-8"))
    pairs = [(c, w) for c, w in zip(clips, wanted) if w["intent"] and kinds.get(c.text) == "command"]
    pairs = pairs[:: max(1, len(pairs) // limit)][:limit]
    print(f"{len(pairs)} of {len(clips)} texts mean something to the shipped domains", flush=True)
    noise = noise_pool(cache)
    whisper = Whisper(judge) if judge else None
    clear = [whisper is not None and whisper.understands(c) for c, _ in pairs]
    lists = tempfile.TemporaryDirectory()
    options = listed([w for _, w in pairs], names, lists.name) if names else []
    for snr in NOISY:
        right = closed = closed_right = clear_right = 0
        by_voice.clear()
        times = draws if snr else 1
        for draw in range(times):
            with tempfile.TemporaryDirectory() as folder:
                paths = write([p[0] for p in pairs], folder, snr, np.roll(noise, -777777 * draw))
                answers = asked(ting, paths, *options)
            for path, (clip, want), is_clear in zip(paths, pairs, clear):
                got = answers.get(path, {})
                same = got.get("intent") == want["intent"] and got.get("slots") == want["slots"]
                right += same
                if not same and snr is None:
                    print("  ", clip.text, "->", got.get("text"), got.get("intent"), got.get("slots"))
                by_voice[clip.speaker] += same
                clear_right += is_clear and same
                if not OPEN & set(want["slots"]):
                    closed, closed_right = closed + 1, closed_right + same
        name = "clean" if snr is None else f"{snr} dB"
        print(f"commands, synthetic voices, {name}: frame right {100 * right / max(1, times * len(pairs)):.1f} %"
              f" of {times * len(pairs)} {dict(by_voice)}; of those without an open name "
              f"{100 * closed_right / max(1, closed):.1f} % of {closed}"
              + (f"; of those that Whisper base hears {100 * clear_right / max(1, times * sum(clear)):.1f} % of {times * sum(clear)}" if judge else ""),
              flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--ting", required=True)
    p.add_argument("--cache")
    p.add_argument("--shards")
    p.add_argument("--judge", help="folder of Whisper base (../speak/judge.py)")
    p.add_argument("--kinds", default=",".join(KINDS), help="of noise, for `noises`")
    p.add_argument("--names", help="folder of the car logs' slot dictionaries, for `commands` with lists")
    p.add_argument("--draws", type=int, default=1, help="of noise for each command: two or three percent lie between one and the next")
    p.add_argument("--limit", type=int, default=100000)
    p.add_argument("--picture", help="where confusions are drawn")
    p.add_argument("sets", nargs="+")
    a = p.parse_args()
    for name in a.sets:
        if name == "words20":
            clips = [c for c in corpus.load(a.cache, "words20")[1] if c.lang == "zh"][:a.limit]
            closed_set(a.ting, clips, "words20, 16 kHz", 16000)
            closed_set(a.ting, clips, "words20, 8 kHz", 8000)
            syllable_error(a.ting, clips, "words20")
        elif name == "sentences":
            clips = corpus.load(a.cache, "aishell_s0150")[1][:a.limit]
            syllable_error(a.ting, clips, "S0150 sentences")
            character_error(a.ting, clips, "S0150 sentences")
        elif name == "words":
            syllable_error(a.ting, corpus.load(a.cache, "hsk_words")[1][:a.limit], "dictionary words")
        elif name == "gcin":
            syllable_error(a.ting, corpus.load(a.cache, "gcin_syllables")[1][:a.limit], "single syllables")
        elif name == "cantonese":
            held_out = corpus.load(a.cache, "cantonese_syllables")[1]
            syllable_error(a.ting, held_out[:a.limit], "Cantonese syllables", lang="yue")
            syllable_error(a.ting, shard_clips(a.shards, "cantonese")[:a.limit], "Cantonese sentences, synthetic", lang="yue")
        elif name == "sichuanese":
            sichuanese(a.ting, shard_clips(a.shards, "sichuanese")[:a.limit])
        elif name == "voices":
            syllable_error(a.ting, shard_clips(a.shards)[:a.limit], "synthetic voices held out")
        elif name in ("noises", "confusions", "partials"):
            clips = corpus.load(a.cache, "aishell_s0150")[1] + shard_clips(a.shards)[:: 1 if name == "confusions" else 4]
            if name == "noises":
                noises(a.ting, clips[:a.limit], a.cache, a.kinds.split(","), a.judge)
            elif name == "partials":
                partials(a.ting, clips[:a.limit])
            else:
                confusions(a.ting, clips[:a.limit] + corpus.load(a.cache, "hsk_words")[1][:a.limit], a.picture)
        elif name == "commands":
            commands(a.ting, a.shards, a.cache, a.limit, a.judge, a.names, a.draws)


if __name__ == "__main__":
    main()
