"""Beside hassil, which a user of written sentences would otherwise take, on the car logs: whole frames and intents of development turns.

    python peers.py --ting ../../../.build/release/ting --turns 400

hassil gets one template for every training turn, its slots as wildcards (the most frequent intent where two have the same), and takes what
`recognize_best` prefers; no match is OTHERS. Both are asked turn by turn without the session, typed; Ting with the session beside it.
"""
import argparse
import collections
import json
import random
import re
import subprocess
import time

import data
from hassil.intents import Intents
from hassil.recognize import recognize_best

SYNTAX = re.compile(r"[\[\]()<>{}|;:,.?!，。？！、\s\\]")


def templates(sessions):
    """(template, intent) of the training turns that mean something."""
    counts = collections.defaultdict(collections.Counter)
    for session in sessions:
        for text, intent, spans, _ in session:
            out, at = "", 0
            for name, start, end in sorted(spans, key=lambda s: s[1]):
                out += SYNTAX.sub("", text[at:start]) + "{" + name + "}"
                at = end
            counts[out + SYNTAX.sub("", text[at:])][intent] += 1
    kept = {t: c.most_common(1)[0][0] for t, c in counts.items() if t and not t.isascii()}
    return [(t, i) for t, i in kept.items() if i != "OTHERS" and "}{" not in t]


def peer(pairs):
    intents, slots = collections.defaultdict(list), set()
    for template, intent in pairs:
        intents[intent].append(template)
        slots |= set(re.findall(r"{(\w+)}", template))
    return Intents.from_dict({
        "language": "zh", "settings": {"ignore_whitespace": True}, "lists": {s: {"wildcard": True} for s in slots},
        "intents": {i: {"data": [{"sentences": sentences}]} for i, sentences in intents.items()}})


def asked(ting, texts, session):
    """(intent, slots) of each turn; `session` gives the turns of a session together."""
    blocks = ["\n".join(s) for s in texts] if session else [t for s in texts for t in s]
    done = subprocess.run([ting, "understand", "--json", "--session", "--domain", "nlpcc2018"], input="\n\n".join(blocks), capture_output=True,
                          text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [(a["intent"] or "OTHERS", a["slots"]) for a in answers]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ting", required=True)
    p.add_argument("--turns", type=int, default=400)
    a = p.parse_args()
    train, dev = data.load_nlpcc()
    random.Random(1).shuffle(dev)
    chosen = []
    while dev and sum(map(len, chosen)) < a.turns:
        chosen.append(dev.pop())
    turns = [t for s in chosen for t in s]
    pairs = templates(train)
    grammar = peer(pairs)
    print(f"{len(turns)} turns of {len(chosen)} sessions; hassil has {len(pairs)} templates", flush=True)
    found, start = [], time.time()
    for text, *_ in turns:
        result = recognize_best(SYNTAX.sub("", text), grammar)
        found.append(("OTHERS", {}) if result is None else
                     (result.intent.name, {n: str(e.value).strip() for n, e in result.entities.items()}))
    took = (time.time() - start) / len(turns)
    texts = [[t[0] for t in s] for s in chosen]
    for name, answers in ((f"hassil ({1000 * took:.0f} ms a turn)", found), ("ting, turn by turn", asked(a.ting, texts, False)),
                          ("ting, with the session", asked(a.ting, texts, True))):
        intents = sum(got[0] == want[1] for got, want in zip(answers, turns))
        frames = sum(got[0] == want[1] and got[1] == {n: want[0][s:e] for n, s, e in want[2]} for got, want in zip(answers, turns))
        print(f"{name}: intent right {100 * intents / len(turns):.1f} %, whole frame {100 * frames / len(turns):.1f} %", flush=True)


if __name__ == "__main__":
    main()
