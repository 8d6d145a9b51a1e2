"""Writes a checkpoint as Models/think.safetensors (INT8), and a fixture of answers for the Swift parity test."""

import argparse
import json
import pathlib
import struct

import numpy as np
import torch

import data
from data import ACTS, DOMAINS, LISTS, ListFeatures, Vocabulary, fingerprint
from encode import COLUMNS, collate, decode, encode
from model import CROSS_LAYERS, HEADS, LAYERS, Network

FLOAT = ("input", "intent", "tags", "act", "directed", "segment", "domain", "tone", "syllable")


def quantise(w):
    scale = np.abs(w).max(1) / 127
    safe = np.where(scale > 0, scale, 1)
    return np.clip(np.rint(w / safe[:, None]), -127, 127).astype(np.int8), scale.astype(np.float32)


def tensors_of(state, vocabulary, lists):
    floats, bytes_ = {}, {}

    def put(name, w):
        if w.ndim == 2 and name not in FLOAT:
            bytes_[name + ".weight"], floats[name + ".scale"] = quantise(w)
        else:
            floats[name + ".weight"] = w.astype(np.float32)

    for key, value in state.items():
        w = value.float().cpu().numpy()
        parts = key.split(".")
        if parts[-1] == "weight":
            put(key[:-len(".weight")], w)
        elif parts[-1] in ("bias", "gate"):
            floats[key] = w.astype(np.float32)
    for i in range(LAYERS):  # the learned biases of positions, not of a layer
        floats[f"blocks.{i}.relative"] = floats.pop(f"blocks.{i}.bias")
    r = vocabulary.readings
    chars = vocabulary.chars + vocabulary.syllable_only
    floats["readings"] = np.array([[vocabulary.syllable_index.get(r.syllable.get(c), 0), r.tone.get(c, 0)] for c in chars], np.float32)
    masks = {}
    for i, name in enumerate(LISTS):
        by_sound = name.endswith("~")
        for e in lists.get(name, ()):
            if by_sound or len(e) <= data.MAX_ENTRY:
                key = fingerprint(e, by_sound)
                masks[key] = masks.get(key, 0) | (1 << i)
    rows = sorted((a, b, m) for (a, b), m in masks.items())
    floats["lists"] = np.array(rows, np.float32).reshape(-1, 3)
    return floats, bytes_


def write(path, floats, bytes_, metadata):
    """Tensors whose size is a multiple of 64 bytes come first, so that all of those begin on 64 bytes without holes (which
    the format forbids); the small rest, which readers copy, follows."""
    header, blobs, at = {"__metadata__": metadata}, [], 0
    arrays = [(n, np.ascontiguousarray(w), k) for g, k in ((floats, "F32"), (bytes_, "I8")) for n, w in sorted(g.items())]
    assert all(w.nbytes % 64 == 0 for _, w, k in arrays if k == "I8")
    for name, w, kind in sorted(arrays, key=lambda x: x[1].nbytes % 64 != 0):
        header[name] = {"dtype": kind, "shape": list(w.shape), "data_offsets": [at, at + w.nbytes]}
        blobs.append(w.tobytes())
        at += w.nbytes
    text = json.dumps(header, ensure_ascii=False).encode("utf8")
    text += b" " * (-(len(text) + 8) % 64)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def metadata_of(vocabulary, allowed, training, figures):
    intents = [f"{d}\t{i}\t{' '.join(allowed[d].get(i, ()))}" for d in vocabulary.intents for i in vocabulary.intents[d]]
    tags = [f"{d}\t{t}" for d in vocabulary.tags for t in vocabulary.tags[d]]
    return {"part": "think", "version": "1", "licence": "Apache-2.0 for the weights as far as the training texts allow; the "
            "texts state no licence and are not included", "training": training, "figures": json.dumps(figures),
            "characters": "".join(vocabulary.chars), "characters.sound": "".join(vocabulary.syllable_only),
            "syllables": " ".join(vocabulary.syllables), "domains": " ".join(DOMAINS), "acts": " ".join(ACTS),
            "lists": " ".join(LISTS), "intents": "\n".join(intents), "tags": "\n".join(tags),
            "contextual": "nlpcc2018", "nothing": "nlpcc2018=OTHERS", "heads": str(HEADS), "layers": str(LAYERS),
            "crossLayers": " ".join(map(str, CROSS_LAYERS))}


def rounded(state):
    """The state with its weights as the file holds them, to measure what rounding costs."""
    out = {}
    for key, w in state.items():
        name = key[:-len(".weight")] if key.endswith(".weight") else None
        if name and w.dim() == 2 and name not in FLOAT:
            q, scale = quantise(w.float().cpu().numpy())
            w = torch.from_numpy(q.astype(np.float32) * scale[:, None])
        out[key] = w
    return out


FIXTURE = [("nlpcc2018", ["来一首周华健的花心", "下一首", "取消", "导航到信阳市汽车配件城", "取消", "打电话给王建良", "13400003268", "你好啊",
                          "播放DJ舞曲", "ＡＢＣ　你好😀", ""]),
           ("cais", ["我要听吴雨霏的歌", "明天北京天气怎么样", "讲一个白雪公主的故事。", "提醒我明天早上八点起床"]),
           ("smp2019", ["红烧排骨怎么做", "去枣庄的火车", "打开微信"]),
           ("smp2020", ["今天油价多少", "把客厅的空调打开", "给爸爸打电话", "苏州是哪个省的"])]


def fixture(model, vocabulary, features, allowed):
    lines = ["# domain, text, intent, slots (name start end), directed, act, then intent logits of the domain; a session is a domain"]
    for d, texts in FIXTURE:
        before, active = [], None
        a = vocabulary.intent_offset[d]
        for text in texts:
            item = encode(vocabulary, features, d, text, before, active)
            with torch.no_grad():
                out = {k: v.numpy() for k, v in model(collate([item])).items()}
            intent, spans, _ = decode(vocabulary, allowed, d, out["intent"][0], out["tags"][0], item["length"])
            logits = out["intent"][0][a:a + len(vocabulary.intents[d])]
            lines.append("\t".join([d, text, intent, ",".join(f"{n} {s} {e}" for n, s, e in spans),
                                    f"{1 / (1 + np.exp(-out['directed'][0])):.4f}", ACTS[int(out["act"][0].argmax())],
                                    " ".join(f"{x:.3f}" for x in logits)]))
            if d == "nlpcc2018":
                index = a + vocabulary.intents[d].index(intent)
                before.append((text, index, bool(spans)))
                active = -1 if active is None else active
                active = index if intent != "OTHERS" else active
    return "\n".join(lines) + "\n"


def load(path):
    saved = torch.load(path, map_location="cpu", weights_only=False)
    vocabulary = Vocabulary.restore(saved["vocabulary"])
    model = Network(len(vocabulary.chars) + len(data.SPECIAL), len(vocabulary.syllables), COLUMNS, len(DOMAINS),
                    vocabulary.intent_count, vocabulary.tag_count, len(ACTS))
    model.load_state_dict(saved["ema"])
    return saved, vocabulary, model.eval()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--checkpoint", default="data/think/think.pt")
    p.add_argument("--out", default=str(pathlib.Path(__file__).resolve().parents[2] / "think.safetensors"))
    p.add_argument("--fixture", default=str(pathlib.Path(__file__).resolve().parent / "parity/network.tsv"))
    p.add_argument("--figures", default="{}", help="one line of JSON, as evaluate.py prints it")
    p.add_argument("--emotion", default="data/think/emotion.pt", help="left out when there is none")
    p.add_argument("--smoke", action="store_true", help="lists of the generated corpus")
    a = p.parse_args()
    torch.set_num_threads(1)
    saved, vocabulary, model = load(a.checkpoint)
    lists = data.tiny()[1] if a.smoke else data.load_lists(vocabulary.readings)
    floats, bytes_ = tensors_of(model.state_dict(), vocabulary, lists)
    measured = json.loads(a.figures)
    if pathlib.Path(a.emotion).exists() and not a.smoke:
        heard = torch.load(a.emotion, weights_only=False)
        for key, w in heard["state"].items():
            floats["emotion." + key] = w.float().numpy()
        measured["emotion"] = heard["figures"]
        (pathlib.Path(a.fixture).parent / "prosody.txt").write_text(" ".join(f"{v:.5f}" for v in heard["probe"]) + "\n")
    training = ("NLPCC-2018 task 4 in-car logs (90 % of the training sessions), CAIS train, SMP-ECDT 2019 and 2020 (90 % of the "
                "training texts), chatterbot-corpus Chinese (BSD) and AISHELL-1 S0150 transcripts as speech not for the device; "
                "RAVDESS (CC BY-NC-SA) for emotion; hashed membership of the NLPCC slot dictionaries and of jieba's dictionary (MIT)")
    write(a.out, floats, bytes_, metadata_of(vocabulary, saved["allowed"], training, measured))
    model.load_state_dict(rounded(model.state_dict()))
    if a.fixture and not a.smoke:
        path = pathlib.Path(a.fixture)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fixture(model, vocabulary, ListFeatures(lists, vocabulary.readings), saved["allowed"]), encoding="utf8")
    learned = sum(w.size for n, w in list(floats.items()) + list(bytes_.items()) if not n.endswith(".scale"))
    print(a.out, pathlib.Path(a.out).stat().st_size, "bytes", learned, "numbers")


if __name__ == "__main__":
    main()
