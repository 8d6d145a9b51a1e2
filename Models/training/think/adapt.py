"""What `ting adapt` gains on a domain that the network was never trained on.

    pip install home-assistant-intents hassil
    python adapt.py --ting .build/release/ting [--sentences 48] [--text-only]

The domain is Home Assistant's Chinese intents (package home-assistant-intents), of which no sentence is in any training
set: SENTENCES drawn at random to learn from, 400 others to measure, with names, rooms and things in the slots that no
learned sentence has. Without adaptation the network cannot name an intent it has never seen, so that two others stand for
it in the same run: the intent of the most similar learned sentence (pairs of characters, cosine) with its slots cut out
where the same words stand, and the most frequent intent.
"""
import argparse
import collections
import importlib.resources
import json
import math
import os
import random
import subprocess
import tempfile

from hassil import Intents, expression

INTENTS = ["HassTurnOn", "HassTurnOff", "HassLightSet", "HassClimateSetTemperature", "HassClimateGetTemperature", "HassSetPosition",
           "HassShoppingListAddItem", "HassVacuumStart", "HassMediaPause", "HassMediaNext", "HassSetVolume", "HassGetWeather"]
VALUES = {  # slot → words to learn with, words to measure with
    "name": (["台灯", "吊灯", "电风扇", "窗帘", "咖啡机", "热水壶", "投影仪", "小米音箱", "扫地机器人", "空气净化器"],
             ["落地灯", "走廊灯", "电热毯", "百叶窗", "洗碗机", "鱼缸水泵", "电视盒子", "猫眼", "除湿器", "地暖"]),
    "area": (["客厅", "卧室", "厨房", "书房", "阳台"], ["车库", "地下室", "花园", "玄关", "婴儿房"]),
    "item": (["牛奶", "鸡蛋", "卫生纸", "苹果", "酱油"], ["面包", "洗衣液", "西红柿", "猫粮", "矿泉水"]),
    "brightness": (["二十", "五十", "八十"], ["三十", "六十五", "九十"]),
    "temperature": (["二十", "二十四", "二十六"], ["十八", "二十三", "二十八"]),
    "position": (["十", "四十"], ["七十", "二十五"]),
    "volume_level": (["十五", "四十五"], ["三十五", "八十五"]),
    "color": (["红色", "蓝色"], ["绿色", "紫色"]), "floor": (["一楼", "二楼"], ["三楼", "负一楼"])}


class Sampler:
    def __init__(self, seed, held):
        path = importlib.resources.files("home_assistant_intents") / "data" / "zh-CN.json"
        self.data = json.loads(path.read_text(encoding="utf-8"))
        self.intents = Intents.from_dict(self.data)
        self.rules = self.intents.expansion_rules
        self.r, self.side = random.Random(seed), int(held)

    def words(self, node, own):
        """A random reading of an expression with its slots marked; None where it needs what is not offered here."""
        e = expression
        if isinstance(node, e.TextChunk):
            return node.text
        if isinstance(node, e.ListReference):
            slot = node.slot_name
            if slot in VALUES:
                return f"[{self.r.choice(VALUES[slot][self.side])}]({slot})"
            values = self.data.get("lists", {}).get(node.list_name, {}).get("values")
            if not values:
                return None
            value = self.r.choice(values)
            text = value if isinstance(value, str) else value["in"]
            return None if set(text) & set("[]()|{}<>") else text
        if isinstance(node, e.RuleReference):
            rule = own.get(node.rule_name) or self.rules.get(node.rule_name)
            return self.words(rule.expression, own) if rule else None
        items = list(getattr(node, "items", []))
        if isinstance(node, e.Alternative):
            return self.words(self.r.choice(items), own)
        if isinstance(node, e.Permutation):
            self.r.shuffle(items)
        parts = [self.words(i, own) for i in items]
        return None if any(p is None for p in parts) else "".join(parts)

    def draw(self, count, seen):
        out = collections.defaultdict(list)
        names = [n for n in INTENTS if n in self.intents.intents]
        tries = 0
        while sum(map(len, out.values())) < count and tries < 60 * count:
            tries += 1
            name = names[tries % len(names)]
            block = self.r.choice(self.intents.intents[name].data)
            sentence = self.r.choice(block.sentences)
            marked = self.words(sentence.expression, block.expansion_rules or {})
            if marked is None:
                continue
            marked = "".join(marked.split())
            plain = strip(marked)[0]
            if 3 <= len(plain) <= 24 and plain not in seen:
                seen.add(plain)
                out[name].append(marked)
        return out


def strip(marked):
    """Text and slots of a marked sentence."""
    text, slots, rest = "", {}, marked
    while rest:
        if rest[0] == "[" and "](" in rest:
            words, rest = rest[1:].split("](", 1)
            slot, rest = rest.split(")", 1)
            slots[slot] = words
            text += words
        else:
            text, rest = text + rest[0], rest[1:]
    return text, slots


def pairs(text):
    return collections.Counter(a + b for a, b in zip("^" + text, text + "$"))


def similar(test, train):
    """Intent of the most similar learned sentence, slots where its very words stand."""
    def cosine(a, b):
        return sum(v * b[k] for k, v in a.items()) / math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    known = [(pairs(t), n, s) for n, rows in train.items() for t, s in map(strip, rows)]
    words = {(k, v) for _, _, s in known for k, v in s.items()}
    out = []
    for text in test:
        _, name, slots = max(((cosine(pairs(text), p), n, s) for p, n, s in known), key=lambda x: x[0])
        out.append((name, {k: v for k, v in words if k in slots and v in text}))
    return out


def score(title, answers, gold):
    intent = sum(a[0] == g[0] for a, g in zip(answers, gold)) / len(gold)
    frame = sum(a[0] == g[0] and a[1] == g[1] for a, g in zip(answers, gold)) / len(gold)
    print(f"{title}: intent {100 * intent:.1f} %, whole frame {100 * frame:.1f} % of {len(gold)}", flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--ting", required=True)
    p.add_argument("--sentences", type=int, default=48)
    p.add_argument("--measure", type=int, default=400)
    p.add_argument("--text-only", action="store_true")
    p.add_argument("--epochs", type=int, default=60)
    a = p.parse_args()
    seen = set()
    train = Sampler(1, False).draw(a.sentences, seen)
    test = Sampler(2, True).draw(a.measure, seen)
    rows = [(strip(m)[0], (n, strip(m)[1])) for n, marked in test.items() for m in marked]
    gold = [g for _, g in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "hass.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write("domain: hass\nlanguages:\n  zh:\n    examples:\n")
            for name, sentences in train.items():
                f.write(f"      {name}: {json.dumps(sentences, ensure_ascii=False)}\n")
        done = subprocess.run([a.ting, "adapt", path, "--json", "--epochs", str(a.epochs)] + ["--text-only"] * a.text_only,
                              capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        print(done.stdout.strip())
        lines = subprocess.run([a.ting, "understand", "--json", "--domain", path], input="\n\n".join(t for t, _ in rows),
                               capture_output=True, text=True).stdout.splitlines()
    answers = [(x["intent"], x["slots"]) for x in map(json.loads, lines)]
    common = max(train, key=lambda n: len(train[n]))
    score("most frequent intent", [(common, {})] * len(gold), gold)
    score("most similar sentence", similar([t for t, _ in rows], train), gold)
    score("adapted", answers, gold)


if __name__ == "__main__":
    main()
