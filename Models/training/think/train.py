"""Trains the understanding network. `--smoke` is one minute on generated data; resumes from its checkpoint."""

import argparse
import collections
import copy
import json
import pathlib
import random
import time

import numpy as np
import torch
from torch.nn import functional as F

import data
from data import ACTS, DOMAINS, LISTS, ListFeatures, Vocabulary, build_vocabulary, dialogue_act, normalise
from encode import COLUMNS, Homophones, allowed_table, collate, decode, encode, log_softmax
from model import Network

EXTRA = [  # what the logs say too rarely, in the logs' own labels
    ("music.prev", ["上一首", "上一曲", "播放上一首", "播放上一曲", "上一首歌", "放上一首歌", "切换到上一首", "切换到上一曲",
                    "播放上一首歌曲", "听上一首", "我要听上一首", "返回上一首", "上首歌", "请播放上一首", "请播放上一曲", "播上一首",
                    "刚才那首歌", "播放刚才那首", "再放一遍刚才的歌", "播放前一首", "前一首", "回到上一首", "帮我放上一首", "想听上一首歌",
                    "重新放刚才那首", "倒回上一首", "上一个歌", "听前一首歌", "播放前面那首歌", "上一首音乐", "播放上一首音乐", "退回上一曲"]),
    ("music.next", ["下首歌", "换歌", "换首歌", "换一个", "下一个歌", "我要听下一首歌", "跳过这首", "切到下一首", "换别的歌", "帮我切歌"]),
    ("navigation.start_navigation", ["开始导航吧", "继续导航吧", "现在开始导航", "启动导航开始", "恢复上次导航", "继续刚才的导航", "接着导航",
                                     "回到导航", "切到导航", "切换导航", "返回导航", "继续上一次的导航", "继续上次的导航", "恢复刚才的导航"]),
    ("phone_call.cancel", ["取消拨打", "挂断", "挂断电话", "挂电话", "不打了", "别打了", "取消拨号", "结束通话", "取消通话", "取消电话",
                           "不打电话了", "退出电话", "停止拨打", "关闭电话", "退出拨号"]),
]
PHONE = {"phone_num"}
MIXES = {  # slots whose values may stand for one another, as values of other sets and lists
    ("nlpcc2018", "song"): ["song"], ("cais", "song_name"): ["song"], ("smp2019", "song"): ["song"], ("smp2020", "song"): ["song"],
    ("nlpcc2018", "singer"): ["singer"], ("cais", "singer_name"): ["singer"], ("smp2019", "artist"): ["singer"],
    ("smp2020", "artist"): ["singer"]}


class Maker:
    """Draws an epoch of training rows, augmented."""

    def __init__(self, sets, lists, vocabulary, features, strength=1.0):
        self.sets, self.vocabulary, self.features = sets, vocabulary, features
        self.homophones = Homophones(vocabulary)
        self.values = collections.defaultdict(list)
        for d, (train, _) in sets.items():
            for s in train:
                for t in s:
                    for n, a, b in t[2]:
                        self.values[(d, n)].append(t[0][a:b])
        self.lists = {k: sorted(v) for k, v in lists.items()}
        self.strength = strength
        self.talk = []
        self.share = {}

    def swap(self, domain, turn):
        """Another value in the same slot."""
        text, intent, spans, ident = turn
        out, new, at = "", [], 0
        for n, a, b in spans:
            out += text[at:a]
            v = text[a:b]
            if n in PHONE and v.isdigit():
                v = v[:3] + "".join(random.choice("0123456789") for _ in v[3:]) if len(v) > 5 else v
            elif len(v) > 1 and random.random() < 0.8:
                pool = self.values[(domain, n)]
                extra = [self.lists[l] for l in MIXES.get((domain, n), ()) if self.lists.get(l)]
                if extra and random.random() < 0.6:
                    pool = random.choice(extra)
                v = random.choice(pool)
            new.append((n, len(out), len(out) + len(v)))
            out += v
            at = b
        return out + text[at:], intent, new, ident

    def item(self, domain, turn, before, active, augment=True):
        v = self.vocabulary
        if augment and turn[2] and random.random() < 0.3 * self.strength:
            turn = self.swap(domain, turn)
        text, intent, spans, _ = turn
        noise = None
        if augment and random.random() < 0.2 * self.strength:
            noise = lambda t: self.homophones(t, random.choice([0.1, 0.3]))
        if augment:
            before = [(t, None if random.random() < 0.1 else i, f) for t, i, f in before]
            if random.random() < 0.05:
                before, active = [], None
            if active is not None and active >= 0 and random.random() < 0.05:
                active = -1
        shown_domain, labelled = domain, True
        if augment and random.random() < 0.06:
            shown_domain, labelled = random.choice(["car", "home", "open"]), False
        x = encode(v, self.features, shown_domain, text, before, active, noise)
        if augment:
            drop = random.choice([0, 0, 0.03, 0.1])
            blind = {l for l in range(len(LISTS)) if random.random() < 0.08}
            rows = []
            for r in x["rows"]:
                r = list(r)
                if r[0] > 2 and random.random() < drop:
                    r[0] = 1
                elif r[1] and random.random() < drop / 2:
                    r[1] = r[2] = 0
                if blind and r[3]:
                    r[3] = [c for c in r[3] if c // data.FLAGS not in blind]
                rows.append(tuple(r))
            x["rows"] = rows
        a, b = v.intent_offset[domain], v.tag_offset[domain]
        tags = v.tags[domain]
        gold = [0] * x["length"]
        for n, s, e in spans:
            if "B-" + n in tags and e <= x["length"]:
                c = tags.index("B-" + n)
                gold[s] = c
                for k in range(s + 1, e):
                    gold[k] = c + 1
        x["intent_range"], x["tag_range"] = (a, a + len(v.intents[domain])), (b, b + len(tags))
        x["intent"] = v.intents[domain].index(intent) if intent in v.intents[domain] and labelled else -1
        x["tags"] = gold if labelled else None
        x["act"] = ACTS.index(dialogue_act(domain, text, intent, spans))
        x["directed"] = 0.0 if intent in ("OTHERS", "Chat") else 1.0
        return x

    def session(self, domain, turns, augment=True):
        v, before, active = self.vocabulary, [], None
        a = v.intent_offset[domain]
        for k, t in enumerate(turns):
            yield t, list(before[-data.CONTEXT_TURNS:]), active
            i = a + v.intents[domain].index(t[1]) if t[1] in v.intents[domain] else None
            before.append((t[0], i, bool(t[2])))
            if active is None:
                active = -1
            if i is not None and t[1] not in ("OTHERS",):
                active = i

    def epoch(self):
        items = []
        common = collections.Counter((d, t[0], t[1]) for d, (train, _) in self.sets.items() for s in train for t in s)
        for d, (train, _) in self.sets.items():
            repeat = 2 if d.startswith("smp") else 1
            for s in train:
                if random.random() > self.share.get(d, 1):
                    continue
                for _ in range(repeat):
                    for t, before, active in self.session(d, s):
                        if common[(d, t[0], t[1])] > 8 and random.random() < 0.5:
                            continue
                        more = 3 if t[1] in ("navigation.start_navigation", "phone_call.cancel", "music.prev", "AskKnowledge", "Sing") else 1
                        for _ in range(more):
                            items.append(self.item(d, t, before, active))
        if "nlpcc2018" in self.sets and "music.prev" in self.vocabulary.intents["nlpcc2018"]:
            train = self.sets["nlpcc2018"][0]
            for intent, texts in EXTRA:
                for text in texts:
                    for _ in range(2 if intent == "music.prev" else 1):
                        s = random.choice(train)
                        rows = list(self.session("nlpcc2018", s))
                        _, before, active = random.choice(rows)
                        items.append(self.item("nlpcc2018", (text, intent, [], ""), before, active))
        for text in random.sample(self.talk, min(len(self.talk), 400)):
            x = self.item("nlpcc2018" if "nlpcc2018" in self.sets else next(iter(self.sets)), (text, "OTHERS", [], ""), [], None)
            if random.random() < 0.5:
                x["domain"], x["intent"], x["tags"] = DOMAINS.index(random.choice(["car", "home", "open"])), -1, None
            items.append(x)
        return items


def batches(items, tokens):
    random.shuffle(items)
    out = []
    for at in range(0, len(items), 10000):
        part = sorted(items[at:at + 10000], key=lambda x: (len(x["turns"]), len(x["rows"])))
        group, longest = [], 0
        for x in part:
            longest = max(longest, len(x["rows"]) + len(x["turns"]))
            if group and longest * (len(group) + 1) > tokens:
                out.append(group)
                group, longest = [], len(x["rows"]) + len(x["turns"])
            group.append(x)
        out.append(group)
    random.shuffle(out)
    return out


def loss_of(out, group, smoothing=0.05):
    b, t, n = out["tags"].shape
    device = out["tags"].device
    intents, tags = out["intent"].float(), out["tags"].float()
    imask = torch.full((b, intents.shape[1]), -1e4)
    tmask = torch.full((b, n), -1e4)
    gi = torch.full((b,), -100)
    gt = torch.full((b, t), -100)
    for i, x in enumerate(group):
        imask[i, x["intent_range"][0]:x["intent_range"][1]] = 0
        tmask[i, x["tag_range"][0]:x["tag_range"][1]] = 0
        if x["intent"] >= 0:
            gi[i] = x["intent_range"][0] + x["intent"]
        if x["tags"] is not None:
            gt[i, 1:1 + x["length"]] = torch.tensor(x["tags"], dtype=torch.long) + x["tag_range"][0]
    imask, tmask, gi, gt = (z.to(device) for z in (imask, tmask, gi, gt))

    def smoothed(logits, mask, gold):
        ls = (logits + mask).log_softmax(-1)
        keep = gold >= 0
        if not keep.any():
            return logits.sum() * 0
        ls, mask, gold = ls[keep], mask[keep], gold[keep]
        allowed = (mask == 0).float()
        uniform = -(ls * allowed).sum(-1) / allowed.sum(-1)
        return ((1 - smoothing) * -ls.gather(-1, gold[:, None])[:, 0] + smoothing * uniform)

    li = smoothed(intents, imask, gi).mean()
    keep = gt >= 0
    lt = smoothed(tags[keep], tmask[:, None].expand(-1, t, -1)[keep], gt[keep]).sum() / max(1, b)
    act = F.cross_entropy(out["act"].float(), torch.tensor([x["act"] for x in group], device=device))
    directed = F.binary_cross_entropy_with_logits(out["directed"].float(),
                                                  torch.tensor([x["directed"] for x in group], device=device))
    return li + 0.5 * lt + 0.15 * act + 0.3 * directed, (li, lt, act, directed)


def evaluate(model, vocabulary, features, sets, allowed, autocast, joint=None, limit=None, dump=None):
    """Session by session, with the network's own earlier answers as context."""
    model.eval()
    figures = {}
    device = next(model.parameters()).device
    for d, (_, dev) in sets.items():
        sessions = dev[:limit] if limit else dev
        a = vocabulary.intent_offset[d]
        state = [{"before": [], "active": None} for _ in sessions]
        answers = [[] for _ in sessions]
        for k in range(max(map(len, sessions))):
            live = [i for i, s in enumerate(sessions) if len(s) > k]
            for at in range(0, len(live), 128):
                part = live[at:at + 128]
                items = [encode(vocabulary, features, d, sessions[i][k][0], state[i]["before"], state[i]["active"]) for i in part]
                batch = {n: z.to(device) for n, z in collate(items).items()}
                with torch.no_grad(), autocast():
                    out = {n: z.float().cpu().numpy() for n, z in model(batch).items()}
                for j, i in enumerate(part):
                    kw = {} if joint is None else {"joint": joint}
                    intent, spans, lp = decode(vocabulary, allowed, d, out["intent"][j], out["tags"][j], items[j]["length"], **kw)
                    index = a + vocabulary.intents[d].index(intent)
                    state[i]["before"].append((sessions[i][k][0], index, bool(spans)))
                    if state[i]["active"] is None:
                        state[i]["active"] = -1
                    if intent not in ("OTHERS",):
                        state[i]["active"] = index
                    answers[i].append((intent, spans, float(out["directed"][j])))
        figures[d] = score(sessions, answers, d)
        if dump is not None:
            dump[d] = (sessions, answers)
    model.train()
    return figures


def score(sessions, answers, domain):
    turns = frames = right = domains = 0
    tp = fp = fn = 0
    per = collections.defaultdict(lambda: [0, 0, 0])
    for s, r in zip(sessions, answers):
        for (text, intent, spans, _), (got, found, _) in zip(s, r):
            turns += 1
            want = sorted((n, text[b:e]) for n, b, e in spans)
            have = sorted((n, text[b:e]) for n, b, e in found)
            right += intent == got
            domains += intent.split(".")[0] == got.split(".")[0]
            frames += intent == got and want == have
            common = sum((collections.Counter(want) & collections.Counter(have)).values())
            tp, fp, fn = tp + common, fp + len(have) - common, fn + len(want) - common
            per[intent][2 if intent != got else 0] += 1
            if intent != got:
                per[got][1] += 1
    f1 = {i: 2 * t / max(1, 2 * t + p + n) for i, (t, p, n) in per.items() if t + n}
    out = {"turns": turns, "frame": frames / turns, "intent": right / turns, "slot_f1": 2 * tp / max(1, 2 * tp + fp + fn),
           "macro_f1": sum(f1.values()) / len(f1)}
    if domain.startswith("smp"):
        out["domain"] = domains / turns
    return {k: round(v, 4) for k, v in out.items()}


def char_vectors(vocabulary, width):
    """A start for the character table: which characters stand beside which in jieba's words (PMI, SVD)."""
    import jieba
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import svds

    index = vocabulary.index
    n = len(index) + len(data.SPECIAL)
    rows, cols, values = [], [], []
    kinds = {}
    for line in open(pathlib.Path(jieba.__file__).parent / "dict.txt", encoding="utf8"):
        word, count, kind = line.split(" ")
        w = np.log1p(float(count))
        kind = kinds.setdefault(kind.strip()[:2], len(kinds))
        ids = [index.get(c) for c in normalise(word)]
        for p, i in enumerate(ids):
            if i is None:
                continue
            if p + 1 < len(ids) and ids[p + 1] is not None:
                rows += [i, ids[p + 1]]
                cols += [ids[p + 1], n + i]
                values += [w, w]
            place = 0 if p == 0 else 1 if p == len(ids) - 1 else 2
            rows.append(i), cols.append(2 * n + kind * 3 + place), values.append(w)
    m = coo_matrix((values, (rows, cols)), shape=(n, 2 * n + 3 * len(kinds))).tocsr()
    total, r, c = m.sum(), np.asarray(m.sum(1)).ravel(), np.asarray(m.sum(0)).ravel()
    m = m.tocoo()
    pmi = np.log(m.data * total / (r[m.row] * c[m.col]))
    keep = pmi > 0
    m = coo_matrix((pmi[keep], (m.row[keep], m.col[keep])), shape=m.shape).tocsr()
    u, s, _ = svds(m, k=width, random_state=0)
    u = u * np.sqrt(s)
    u = u / (u.std() + 1e-9) * 0.3
    return torch.from_numpy(u.astype(np.float32).copy())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--out", default="data/think")
    p.add_argument("--name", default="think")
    p.add_argument("--minutes", type=float, default=30)
    p.add_argument("--epochs", type=int, default=14)
    p.add_argument("--tokens", type=int, default=4096)
    p.add_argument("--rate", type=float, default=8e-4)
    p.add_argument("--steady", type=float, default=0.6, help="the part of all steps after which the rate falls")
    p.add_argument("--logs", type=float, default=1.0, help="the share of the car logs' sessions an epoch draws")
    p.add_argument("--smoke", action="store_true")
    p.add_argument("--bf16", action="store_true", help="autocast (slower than fp32 without AMX)")
    p.add_argument("--measure", action="store_true", help="time 20 steps in bf16 and fp32 and stop")
    p.add_argument("--talk", default="data/think/talk.txt", help="sentences not meant for a device, one a line")
    a = p.parse_args()
    torch.set_num_threads(1)
    random.seed(1), torch.manual_seed(1), np.random.seed(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    out = pathlib.Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    if a.smoke:
        sets, lists = data.tiny()
        vocabulary = build_vocabulary(sets)
        a.minutes, a.epochs, a.name, a.tokens = 0.7, 8, "smoke", 256
    else:
        sets = data.load_all()
        vocabulary = build_vocabulary(sets)
        lists = data.load_lists(vocabulary.readings)
    features = ListFeatures(lists, vocabulary.readings)
    allowed = allowed_table(sets)
    maker = Maker(sets, lists, vocabulary, features)
    if pathlib.Path(a.talk).exists() and not a.smoke:
        maker.talk = [l.strip() for l in open(a.talk, encoding="utf8") if l.strip()]
    maker.share["nlpcc2018"] = a.logs
    model = Network(len(vocabulary.chars) + len(data.SPECIAL), len(vocabulary.syllables), COLUMNS, len(DOMAINS),
                    vocabulary.intent_count, vocabulary.tag_count, len(ACTS))
    if not a.smoke:
        cached = out / "characters.pt"
        if not cached.exists():
            torch.save(char_vectors(vocabulary, model.char.weight.shape[1]), cached)
        model.char.weight.data.copy_(torch.load(cached))
        model.char.weight.data[0] = 0
    model.to(device)
    ema = copy.deepcopy(model)
    print("parameters", sum(z.numel() for z in model.parameters()), "intents", vocabulary.intent_count, "tags", vocabulary.tag_count,
          "chars", len(vocabulary.chars), len(vocabulary.syllable_only), flush=True)
    off = not a.bf16

    def autocast():
        return torch.autocast(device, dtype=torch.bfloat16, enabled=not off)

    decay = [z for n, z in model.named_parameters() if z.dim() > 1 and "bias" not in n]
    plain = [z for n, z in model.named_parameters() if not (z.dim() > 1 and "bias" not in n)]
    optimiser = torch.optim.AdamW([{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}],
                                  lr=a.rate, betas=(0.9, 0.98))
    path = out / f"{a.name}.pt"
    epoch0, spent, step = 0, 0.0, 0
    if path.exists() and not a.smoke and not a.measure:
        saved = torch.load(path, map_location=device, weights_only=False)
        model.load_state_dict(saved["model"]), ema.load_state_dict(saved["ema"])
        optimiser.load_state_dict(saved["optimiser"])
        epoch0, spent, step = saved["epoch"], saved["spent"], saved["step"]
        print("resumed at epoch", epoch0, flush=True)

    def save(epoch):
        torch.save({"model": model.state_dict(), "ema": ema.state_dict(), "optimiser": optimiser.state_dict(), "epoch": epoch,
                    "spent": spent + time.process_time() - start, "step": step, "vocabulary": vocabulary.state(),
                    "allowed": allowed}, str(path) + ".new")
        pathlib.Path(str(path) + ".new").rename(path)

    start = time.process_time()
    if a.measure:
        group = batches(maker.epoch()[:4000], a.tokens)[:12]
        print("rows", sum(map(len, group)))
        for off in (True, False):
            t = time.process_time()
            for g in group:
                batch = collate(g)
                with autocast():
                    o = model(batch)
                loss_of(o, g)[0].backward()
            print("fp32" if off else "bf16", (time.process_time() - t) / len(group), "s a step")
        return
    last_save = time.time()
    per_epoch = None
    for epoch in range(epoch0, a.epochs):
        groups = batches(maker.epoch(), a.tokens)
        per_epoch = len(groups)
        total_steps = step + per_epoch * (a.epochs - epoch)
        sums = np.zeros(4)
        t0 = time.process_time()
        for g in groups:
            f = step / total_steps
            lr = a.rate * (min(1, (step + 1) / 150) * min(1, max(0, 1 - f) / (1 - a.steady)) + 0.01)
            for pg in optimiser.param_groups:
                pg["lr"] = lr
            batch = {n: z.to(device) for n, z in collate(g).items()}
            with autocast():
                o = model(batch)
            loss, parts = loss_of(o, g)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            step += 1
            rate = min(0.996, (1 + step) / (10 + step))
            with torch.no_grad():
                for z, y in zip(ema.parameters(), model.parameters()):
                    z.lerp_(y, 1 - rate)
            sums += [z.item() for z in parts]
            if step % 50 == 0:
                print(f"step {step}/{total_steps} {time.process_time() - t0:.0f} s", parts[0].item(), flush=True)
            if time.time() - last_save > 300:
                save(epoch)
                last_save = time.time()
        print(f"epoch {epoch} steps {per_epoch} loss", np.round(sums / len(groups), 4), f"{time.process_time() - t0:.0f} s cpu", flush=True)
        save(epoch + 1)
        last_save = time.time()
        if epoch == a.epochs - 1 or a.smoke:
            print(json.dumps(evaluate(ema, vocabulary, features, sets, allowed, autocast)), f"{(spent + time.process_time() - start) / 60:.1f} min", flush=True)
        if (spent + time.process_time() - start) / 60 > a.minutes:
            break


if __name__ == "__main__":
    main()
