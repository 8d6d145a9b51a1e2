"""Draws random sentences from grammars and writes what hassil itself answers, one JSON object a line.

    python make_hassil_answers.py [FOLDER]      # home-assistant-intents is found through Python

Written: answers-small.jsonl, answers-small-zh.jsonl, answers-en.jsonl, answers-zh-CN.jsonl beside this file.
Made with hassil 3.12.1 and home-assistant-intents 2026.10.27.

hassil keeps the words of a range without looking at its multiplier, so that after a list of 0…100 one of 0…100 with
multiplier −1 answers with the wrong sign (八十 for −80). The test allows for these few.
"""

import json
import random
import sys
from pathlib import Path

import home_assistant_intents
import yaml
from hassil.expression import (Alternative, ListReference, Permutation, RuleReference, Sequence, TextChunk)
from hassil.intents import Intents, RangeSlotList, TextSlotList, WildcardSlotList
from hassil.numbers import get_rbnf_engine
from hassil.recognize import recognize_best
from hassil.util import merge_dict

HERE = Path(__file__).parent
WILD = {
    "en": ["milk", "yellow submarine", "the long and winding road", "clean up by noon", "two eggs", "jane on the phone"],
    "zh": ["牛奶", "晚上开会", "周杰伦的稻香", "三个苹果", "明天记得交作业"],
}


def draw(expression, intents, data, rng, language):
    """One random text of an expression."""
    if isinstance(expression, TextChunk):
        return expression.text
    if isinstance(expression, Permutation):
        items = list(expression.items)
        rng.shuffle(items)
        return "".join(draw(item, intents, data, rng, language) for item in items)
    if isinstance(expression, Alternative):
        return draw(rng.choice(expression.items), intents, data, rng, language)
    if isinstance(expression, Sequence):
        return "".join(draw(item, intents, data, rng, language) for item in expression.items)
    if isinstance(expression, RuleReference):
        rules = {**intents.expansion_rules, **data.expansion_rules}
        return draw(rules[expression.rule_name].expression, intents, data, rng, language)
    assert isinstance(expression, ListReference)
    lists = {**intents.slot_lists, **data.slot_lists}
    values = lists.get(expression.list_name)
    if values is None:
        start, stop, step = expression.get_inline_range()
        values = RangeSlotList(name=None, start=start, stop=stop, step=step)
    if isinstance(values, TextSlotList):
        return draw(rng.choice(values.values).text_in, intents, data, rng, language)
    if isinstance(values, WildcardSlotList):
        return rng.choice(WILD[language[:2]])
    number = rng.choice(list(values.get_numbers()))
    if rng.random() < 0.5:
        return str(number)
    words = sorted(set(get_rbnf_engine(language).format_number(number).text_by_ruleset.values()))
    return rng.choice(words) if words else str(number)


def spoil(text, rng, language):
    """A text with a small mistake, so that wrong sentences are compared as well."""
    kind = rng.randrange(4)
    place = rng.randrange(len(text) + 1)
    if kind == 0 and len(text) > 1:
        return text[: place] + text[place + 1:]
    if kind == 1:
        return text[:place] + rng.choice("的一aeo ") + text[place:]
    if kind == 2:
        return text + ("" if language.startswith("zh") else " ") + rng.choice(WILD[language[:2]])
    return rng.choice(["please ", "PLEASE "]) + text if language == "en" else rng.choice(["请", "麻烦你"]) + text


def answers(sources, name, count, seed):
    """Writes the answers of one merged grammar."""
    merged = {}
    for source in sources:
        merge_dict(merged, source)
    language = merged["language"]
    intents = Intents.from_dict(merged)
    rng = random.Random(seed)
    pool = [(data, sentence) for intent in intents.intents.values() for data in intent.data for sentence in data.sentences]
    lines, seen = [], set()
    while len(lines) < count:
        data, sentence = rng.choice(pool)
        text = " ".join(draw(sentence.expression, intents, data, rng, language).split())
        if rng.random() < 0.2:
            text = spoil(text, rng, language)
        context = rng.choice([{}, {"area": "kitchen"}, {"area": "Attic"}])
        if not text or (text, str(context)) in seen:
            continue
        seen.add((text, str(context)))
        best = recognize_best(text, intents, intent_context=dict(context))
        line = {"text": text, "context": context, "intent": None}
        if best is not None:
            slots = {entity.name: entity.value for entity in best.entities_list}
            line = {"text": text, "context": context, "intent": best.intent.name, "slots": slots}
        lines.append(json.dumps(line, ensure_ascii=False, sort_keys=True))
    (HERE / f"answers-{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(home_assistant_intents.__file__).parent / "data"

    def read(path):
        return yaml.safe_load(path.read_text(encoding="utf-8"))

    answers([read(HERE / "small.yaml")], "small", 300, 1)
    answers([read(HERE / "small-zh.yaml")], "small-zh", 300, 2)
    for number, language in enumerate(["en", "zh-CN"]):
        package = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
        answers([package, read(HERE / f"names-{language}.yaml")], language, 400, 3 + number)


if __name__ == "__main__":
    main()
