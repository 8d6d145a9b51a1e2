"""Batched inference for the multi-speaker Tacotron 2 and MelGAN that the `ttskit` package carries.

The package synthesises one clip at a time (real-time factor 1.5). Here the same weights run in batches: the encoder item
by item (so that padding changes nothing), the decoder with masked attention, shrinking the batch as items end, and the
vocoder on sorted, padded mels. Everything is plain tensor code over the extracted weights; no ttskit module is imported.
"""
import hashlib
import importlib.util
import os
import pickle
import types

import numpy as np
import torch
import torch.nn.functional as F

SAMPLE_RATE = 22050
HOP = 256
SILENCE = -11.5129


def package_dir(name):
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise SystemExit(f"package {name} is not installed")
    return spec.submodule_search_locations[0]


def state_dict(path):
    """Tensors of a whole-module pickle without its classes: unknown classes become empty shells."""

    class Shell(torch.nn.Module):
        pass

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            if module.split(".")[0] in ("mellotron", "melgan"):
                return Shell
            if name == "WeightNorm":
                return type("WeightNorm", (), {})
            if module.startswith("torch") or module in ("collections", "builtins", "__builtin__", "copyreg"):
                return super().find_class(module, name)
            raise pickle.UnpicklingError(f"unexpected class {module}.{name}")

    shim = types.ModuleType("shim")
    shim.Unpickler, shim.load, shim.__name__ = Unpickler, pickle.load, "pickle"
    module = torch.load(path, map_location="cpu", pickle_module=shim, weights_only=False)
    weights = {k: v.detach().float() for k, v in module.state_dict().items()}
    for key in [k for k in weights if k.endswith("weight_g")]:
        base = key[:-2]
        g, v = weights.pop(base + "_g"), weights.pop(base + "_v")
        norm = v.flatten(1).norm(dim=1).view(-1, *[1] * (v.dim() - 1))
        weights[base] = v * (g / norm)
    return weights


def speaker_vector(name):
    """The package keys a speaker by the MD5 of its name: 32 hexadecimal digits scaled to -0.7...0.8."""
    digits = hashlib.md5(name.encode("utf8")).hexdigest()
    return (np.array([int(c, 16) for c in digits], np.float32) - 7) / 10


def went_through(seen, spans):
    """Whether every syllable was attended to: one with fewer frames was skipped, one with more was stuck in."""
    frames = [float(seen[a : b + 1].sum()) for a, b in spans]
    return min(frames) >= 3 and max(frames) <= 90


class Phones:
    """Pinyin with tone digits to the model's symbol ids; returns ids and the token range of every syllable."""

    def __init__(self):
        from phkit.chinese import ph2id_dict, pinyin2ph_dict
        self.ids, self.table = ph2id_dict, pinyin2ph_dict

    def __call__(self, syllables):
        out, spans = [], []
        for s in syllables:
            if s in (",", ".", "?"):
                out += [self.ids[s], self.ids["-"]]
                continue
            if s not in self.table:
                return None
            start = len(out)
            out += [self.ids[p] for p in self.table[s].split()]
            spans.append((start, len(out)))
            out.append(self.ids["-"])
        return out + [self.ids["~"], self.ids["_"]], spans


class Tacotron:
    def __init__(self, low_precision=False, device="cpu"):
        path = os.path.join(package_dir("ttskit"), "resource/model/mellotron.kuangdd-mspk.pt")
        w = {k.replace("linear_layer.", "").replace(".conv.", "."): v.to(device) for k, v in state_dict(path).items()}
        self.w, self.device = w, device
        self.type = torch.bfloat16 if low_precision else torch.float32
        self.lstm = torch.nn.LSTM(256, 128, 1, batch_first=True, bidirectional=True).to(device)
        self.lstm.load_state_dict({k[len("encoder.lstm."):]: v for k, v in w.items() if k.startswith("encoder.lstm.")})
        d = "decoder."
        self.cells = []
        for name in ("attention_rnn", "decoder_rnn"):
            weight = torch.cat([w[f"{d}{name}.weight_ih"], w[f"{d}{name}.weight_hh"]], 1).to(self.type).t().contiguous()
            self.cells.append((weight, w[f"{d}{name}.bias_ih"] + w[f"{d}{name}.bias_hh"]))
        self.prenet = [w[f"{d}prenet.layers.{i}.weight"].to(self.type).t().contiguous() for i in (0, 1)]
        a = d + "attention_layer."
        self.query = w[a + "query_layer.weight"].to(self.type).t().contiguous()
        self.memory = w[a + "memory_layer.weight"].t().contiguous()
        self.energy = w[a + "v.weight"].squeeze(0)
        # Two linear maps in a row are one: fold the dense layer into the location convolution.
        self.location = torch.einsum("of,fck->ock", w[a + "location_layer.location_dense.weight"],
                                     w[a + "location_layer.location_conv.weight"])
        head = torch.cat([w[d + "linear_projection.weight"], w[d + "gate_layer.weight"]], 0)
        self.head = head.to(self.type).t().contiguous()
        self.head_bias = torch.cat([w[d + "linear_projection.bias"], w[d + "gate_layer.bias"]])

    def batch_norm(self, x, name):
        w = self.w
        return F.batch_norm(x, w[name + ".running_mean"], w[name + ".running_var"], w[name + ".weight"], w[name + ".bias"])

    def encode(self, ids, speaker):
        w = self.w
        x = F.embedding(torch.tensor([ids], device=self.device), w["embedding.weight"]).transpose(1, 2)
        for i in range(3):
            name = f"encoder.convolutions.{i}"
            x = F.relu(self.batch_norm(F.conv1d(x, w[name + ".0.weight"], w[name + ".0.bias"], padding=2), name + ".1"))
        x = self.lstm(x.transpose(1, 2))[0][0]
        s = torch.as_tensor(speaker, dtype=torch.float32, device=self.device)
        s = F.linear(s, w["speaker_embedding.weight"], w["speaker_embedding.bias"])
        return torch.cat([x, s.expand(len(ids), -1)], 1)

    @staticmethod
    def cell(x, hidden, state, weights):
        z = torch.mm(torch.cat([x, hidden.to(x.dtype)], 1), weights[0]).float() + weights[1]
        i, f, g, o = z.chunk(4, 1)
        state = torch.sigmoid(f) * state + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(state), state

    @torch.no_grad()
    def __call__(self, items, speakers, limit_per_symbol=11.0, gate=0.0):
        """items: symbol ids; speakers: 32 numbers each. Returns (mel [80, frames] or None, attention sum per symbol)."""
        count, dev, low = len(items), self.device, self.type
        memories = [self.encode(i, s) for i, s in zip(items, speakers)]
        lengths = torch.tensor([len(i) for i in items], device=dev)
        width = int(lengths.max())
        memory = torch.stack([F.pad(m, (0, 0, 0, width - len(m))) for m in memories])
        keys = memory @ self.memory
        mask = torch.arange(width, device=dev)[None] >= lengths[:, None]
        limits = (60 + lengths * limit_per_symbol).long()
        alive = torch.arange(count, device=dev)
        h1 = c1 = h2 = c2 = torch.zeros(count, 512, device=dev)
        context = torch.zeros(count, 288, device=dev)
        attention = total = torch.zeros(count, width, device=dev)
        frame = torch.zeros(count, 80, device=dev)
        frames, sums, owners = [], torch.zeros(count, width, device=dev), []
        ends = torch.zeros(count, dtype=torch.long, device=dev)
        tail = torch.zeros(count, dtype=torch.long, device=dev)
        done = torch.zeros(count, dtype=torch.bool, device=dev)
        step = 0
        while True:
            x = frame.to(low)
            for layer in self.prenet:
                x = F.dropout(F.relu(torch.mm(x, layer)), 0.5, True)
            h1, c1 = self.cell(torch.cat([x, context.to(low)], 1), h1, c1, self.cells[0])
            query = torch.mm(h1.to(low), self.query).float()
            place = F.conv1d(torch.stack([attention, total], 1), self.location, padding=15).transpose(1, 2)
            energy = (torch.tanh(place + keys + query[:, None]) @ self.energy).masked_fill(mask, -1e9)
            attention = torch.softmax(energy, 1)
            total = total + attention
            context = torch.bmm(attention[:, None], memory)[:, 0]
            h2, c2 = self.cell(torch.cat([h1, context], 1).to(low), h2, c2, self.cells[1])
            out = torch.mm(torch.cat([h2, context], 1).to(low), self.head).float() + self.head_bias
            frame = out[:, :80]
            frames.append(frame)
            owners.append(alive)
            step += 1
            stop = (out[:, 80] > gate) & ~done
            over = (step >= limits) & ~done & ~stop
            if bool((stop | over).any()):
                idx = alive[stop]
                ends[idx] = step
                sums[idx] = total[stop][:, :] if total.shape[1] == width else F.pad(total[stop], (0, width - total.shape[1]))
                tail[idx] = attention[stop].argmax(1)
                done = done | stop | over
                left = int((~done).sum())
                if left == 0:
                    break
                if left <= 0.8 * len(alive):
                    k = ~done
                    alive, h1, c1, h2, c2, context, attention, total, frame, limits, done, memory, keys, mask = (
                        t[k] for t in (alive, h1, c1, h2, c2, context, attention, total, frame, limits, done, memory,
                                       keys, mask))
        results = [None] * count
        rows = [[] for _ in range(count)]
        for f, o in zip(frames, owners):
            for r, i in enumerate(o.tolist()):
                rows[i].append(f[r])
        for i in range(count):
            n = int(ends[i])
            if n == 0 or int(tail[i]) < int(lengths[i]) - 5:
                continue
            mel = torch.stack(rows[i][:n], 1)[None]
            results[i] = (self.polish(mel)[0], sums[i, : int(lengths[i])])
        return results

    def polish(self, mel):
        x, w = mel, self.w
        for i in range(5):
            name = f"postnet.convolutions.{i}"
            x = self.batch_norm(F.conv1d(x, w[name + ".0.weight"], w[name + ".0.bias"], padding=2), name + ".1")
            if i < 4:
                x = torch.tanh(x)
        return mel + x


class MelGAN:
    def __init__(self, low_precision=False, device="cpu"):
        w = state_dict(os.path.join(package_dir("ttskit"), "resource/model/melgan.kuangdd.pt"))
        self.type, self.device = (torch.bfloat16 if low_precision else torch.float32), device
        self.w = {k: v.to(device, self.type) for k, v in w.items()}

    def conv(self, x, name, **options):
        return F.conv1d(x, self.w[name + ".weight"], self.w[name + ".bias"], **options)

    @torch.no_grad()
    def __call__(self, mel):
        """mel: [80, frames]; returns samples at 22,050 Hz. One clip at a time: a batch would leave the cache and be slower."""
        x = F.pad(mel, (0, 10), value=SILENCE)[None]
        x = ((x + 5) / 5).to(self.type)
        x = self.conv(F.pad(x, (3, 3), mode="reflect"), "generator.1")
        for up, stack, stride, pad in ((3, 4, 8, 4), (6, 7, 8, 4), (9, 10, 2, 1), (12, 13, 2, 1)):
            name = f"generator.{up}"
            x = F.conv_transpose1d(F.leaky_relu(x, 0.2), self.w[name + ".weight"], self.w[name + ".bias"], stride=stride,
                                   padding=pad)
            for i in range(3):
                name, d = f"generator.{stack}", 3**i
                y = self.conv(F.pad(F.leaky_relu(x, 0.2), (d, d), mode="reflect"), f"{name}.blocks.{i}.2", dilation=d)
                y = self.conv(F.leaky_relu(y, 0.2), f"{name}.blocks.{i}.4")
                x = self.conv(x, f"{name}.shortcuts.{i}") + y
        x = torch.tanh(self.conv(F.pad(F.leaky_relu(x, 0.2), (3, 3), mode="reflect"), "generator.16"))
        return x[0, 0, : mel.shape[1] * HOP].float().cpu().numpy()
