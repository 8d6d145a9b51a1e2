"""Runs the built `ting understand` over the development splits (never trained on) and prints the figures as JSON lines.

The same splits are in data.py. `--ting` may name any program that reads texts, one a line with a blank line between
sessions, and answers one JSON object a line."""

import argparse
import json
import subprocess

import data
from train import score


def spans_of(text, slots):
    """Slots of an answer as spans of the text; a value that does not stand in the text counts as wrong."""
    spans, used = [], set()
    for name, values in slots.items():
        for value in values if isinstance(values, list) else [values]:
            value = str(value)
            at = text.find(value)
            while at >= 0 and any(i in used for i in range(at, at + len(value))):
                at = text.find(value, at + 1)
            if at < 0:
                spans.append((name, 0, 0))
            else:
                spans.append((name, at, at + len(value)))
                used.update(range(at, at + len(value)))
    return spans


def once(spans, text):
    """An object of slots keeps one value a name: so are the labels compared."""
    kept = {}
    for name, a, b in spans:
        kept[name] = (name, a, b)
    return sorted(kept.values(), key=lambda s: s[1])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--ting", nargs="+", default=["ting", "understand", "--json", "--session", "--domain"],
                   help="the command; the domain's name is put behind it")
    p.add_argument("--domains", nargs="*", default=["nlpcc2018", "cais", "smp2019", "smp2020"])
    p.add_argument("--limit", type=int, help="sessions a domain")
    a = p.parse_args()
    sets = data.load_all()
    for domain in a.domains:
        sessions = sets[domain][1][:a.limit]
        given = "\n\n".join("\n".join(t[0].replace("\n", " ") for t in s) for s in sessions) + "\n"
        done = subprocess.run(a.ting + [domain], input=given, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr.strip())
        lines = [json.loads(l) for l in done.stdout.splitlines() if l.strip()]
        turns = sum(map(len, sessions))
        if len(lines) != turns:
            raise SystemExit(f"{domain}: expected {turns} answers, found {len(lines)}")
        answers, at, gold, false = [], 0, [], 0
        for s in sessions:
            rows = []
            for text, _, _, _ in s:
                x = lines[at]
                at += 1
                rows.append((x["intent"] or "OTHERS", once(spans_of(text, x["slots"]), text), x.get("directed", 1)))
            answers.append(rows)
            gold.append([(t, i, once(sp, t), w) for t, i, sp, w in s])
        print(json.dumps({domain: score(gold, answers, domain)}), flush=True)


if __name__ == "__main__":
    main()
