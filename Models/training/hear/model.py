"""Hear's streaming Conformer, in PyTorch: the shape that Sources/Hear runs, layer for layer.

80 log-mels a 10 ms -> two convolutions (stride 2) -> 50 frames a second -> six pre-norm blocks of chunked attention,
causal depthwise convolution and feed-forward -> CTC units. Transferred from the encoder of Whisper base (MIT).
"""
import json
import math
import os
import sys

import librosa
import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from safetensors_aligned import dequantised  # noqa: E402

WIDTH, HEADS, INNER, BLOCKS, TAPS = 512, 8, 2048, 6, 15
CHUNK, LEFT, PERIOD = 20, 100, 1500
SHIFTED = 3  # from this block on, chunks start half a chunk earlier: no frame lacks a future in every block


class LogMel(nn.Module):
    """(batch, samples at 16 kHz) -> (batch, frames, 80). Frame j is centred on sample 160 j; the ceiling is causal."""

    def __init__(self):
        super().__init__()
        mel = librosa.filters.mel(sr=16000, n_fft=400, n_mels=80, fmin=0, fmax=8000)
        self.register_buffer("mel", torch.from_numpy(mel.T.copy()), persistent=False)
        self.register_buffer("window", torch.hann_window(400), persistent=False)

    def power(self, x):
        x = F.pad(x, (200, 400))
        frames = x.unfold(1, 400, 160)[:, :(x.shape[1] - 600) // 160]
        return torch.fft.rfft(frames * self.window).abs().square() @ self.mel

    def forward(self, x):
        level = torch.log10(self.power(x).clamp_min(1e-10))
        peak = torch.cummax(level.amax(-1), 1).values.clamp_min(0)
        return (torch.maximum(level, peak[..., None] - 8) + 4) / 4


def sinusoids(positions):
    """Whisper's table: sines then cosines, log-spaced to 10,000."""
    half = WIDTH // 2
    rates = torch.exp(-math.log(10000) / (half - 1) * torch.arange(half))
    angles = positions[..., None].float() * rates
    return torch.cat([angles.sin(), angles.cos()], -1)


def rounded(x):
    """Each row as INT8 leaves it (symmetric, its own scale); the gradient passes as if nothing were rounded (Jacob et al. 2018)."""
    with torch.no_grad():
        scale = x.abs().amax(-1, keepdim=True).clamp_min(1e-8) / 127
        change = (x / scale).round() * scale - x
    return x + change


class Linear(nn.Linear):
    """A product that the board makes in INT8; `Linear.rounds` makes training feel it."""
    rounds = False

    def forward(self, x):
        return F.linear(rounded(x), rounded(self.weight), self.bias) if Linear.rounds else super().forward(x)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.qkv, self.out = nn.LayerNorm(WIDTH), Linear(WIDTH, 3 * WIDTH), Linear(WIDTH, WIDTH)

    def forward(self, x, mask):
        b, t, _ = x.shape
        q, k, v = self.qkv(self.norm(x)).view(b, t, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out(y.transpose(1, 2).reshape(b, t, WIDTH))


class Convolution(nn.Module):
    """Pointwise, GLU, causal depthwise, SiLU, pointwise; the last starts at zero so that transfer is exact."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        setattr(self, "in", Linear(WIDTH, WIDTH))
        self.depthwise = nn.Conv1d(WIDTH // 2, WIDTH // 2, TAPS, groups=WIDTH // 2)
        self.out = Linear(WIDTH // 2, WIDTH)
        nn.init.zeros_(self.out.weight), nn.init.zeros_(self.out.bias)

    def forward(self, x):
        y = F.glu(getattr(self, "in")(self.norm(x)), -1)
        y = self.depthwise(F.pad(y.transpose(1, 2), (TAPS - 1, 0))).transpose(1, 2)
        return self.out(F.silu(y))


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(WIDTH), Linear(WIDTH, INNER), Linear(INNER, WIDTH)

    def forward(self, x):
        return self.down(F.gelu(self.up(self.norm(x))))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.conv, self.ffn = Attention(), Convolution(), FeedForward()

    def forward(self, x, mask):
        x = x + self.attention(x, mask)
        x = x + self.conv(x)
        return x + self.ffn(x)


class Hear(nn.Module):
    def __init__(self, unit_count):
        super().__init__()
        self.features = LogMel()
        self.conv1, self.conv2 = nn.Conv1d(80, WIDTH, 3, padding=1), nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.norm, self.head, self.dialect = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, unit_count), nn.Linear(WIDTH, 4)

    def encode(self, mel, lengths, offset=0):
        """mel (b, t, 80), lengths in mel frames -> states (b, t/2, 512), lengths. `offset`: start position, frames."""
        x = F.gelu(self.conv1(mel.transpose(1, 2)))
        x = F.gelu(self.conv2(x)).transpose(1, 2)
        t = x.shape[1]
        x = x + sinusoids((torch.arange(t, device=x.device) + offset) % PERIOD).to(x.dtype)
        lengths = (lengths + 1) // 2
        i = torch.arange(t, device=x.device)
        masks = []
        for shift in (0, CHUNK // 2):
            start = (i + shift) // CHUNK * CHUNK - shift
            near = (i[None] >= start[:, None] - LEFT) & (i[None] < start[:, None] + CHUNK)
            mask = near[None, None] & (i[None] < lengths[:, None])[:, None, None]
            masks.append(mask | (i[:, None] == i[None]))
        for index, block in enumerate(self.blocks):
            x = block(x, masks[index >= SHIFTED])
        return self.norm(x), lengths

    def forward(self, samples, lengths, offset=0):
        mel = self.features(samples)
        states, frames = self.encode(mel, lengths // 160, offset)
        return self.head(states).float().log_softmax(-1), states, frames


def exported(path):
    """The parameters in a file that export.py wrote, dequantised and back in PyTorch's layout."""
    state, _ = dequantised(path)
    for name, value in state.items():
        if name.endswith("depthwise.weight"):
            state[name] = value.T[:, None].contiguous()
        elif name in ("conv1.weight", "conv2.weight"):
            state[name] = value.view(WIDTH, 3, -1).permute(0, 2, 1).contiguous()
    return state


def transfer(model, path, units):
    """Load shipped weights, or the encoder and the shared units of a first recogniser's safetensors file."""
    from safetensors import safe_open
    with safe_open(path, "pt") as f:
        if (f.metadata() or {}).get("part") == "hear":  # go on from shipped weights
            model.load_state_dict(exported(path))
            return len(f.keys())
        old = {k: f.get_tensor(k).float() for k in f.keys()}
        names = json.loads(f.metadata()["units"])
    state = model.state_dict()
    loaded = 0
    for key, value in old.items():
        if key in state and state[key].shape == value.shape:
            state[key], loaded = value, loaded + 1
    where = {n: i for i, n in enumerate(names)}
    old_w, old_b = old["head.units.weight"], old["head.units.bias"]
    for i, unit in enumerate(units):
        if unit in where:
            state["head.weight"][i], state["head.bias"][i] = old_w[where[unit]], old_b[where[unit]]
        elif unit[:2] != "Y_" and unit[:-1] + "1" in where:  # a tone it had not seen: start from a sister
            state["head.weight"][i] = old_w[where[unit[:-1] + "1"]]
            state["head.bias"][i] = old_b.min()
        else:
            state["head.bias"][i] = old_b.min()
    model.load_state_dict(state)
    return loaded
