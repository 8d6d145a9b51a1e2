"""The understanding transformer: characters with their sounds, turns before, and (when there are any) Hear's states."""

import math

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, FFN, LAYERS = 128, 8, 384, 3
CROSS_LAYERS = (1, 2)
CHAR, SYLLABLE, TONE = 128, 48, 16
REACH = 16  # relative positions are told apart up to this distance
SEGMENTS = 5  # the text itself, and the turns before it, 1 the latest
STATE, STRIDE = 512, 4


def position_index(segment, position):
    """Which learned bias a query and a key share: distance in one segment, the pair of segments across."""
    distance = (position[:, None, :] - position[:, :, None]).clamp(-REACH, REACH) + REACH
    across = 2 * REACH + 1 + segment[:, :, None] * SEGMENTS + segment[:, None, :]
    return torch.where(segment[:, :, None] == segment[:, None, :], distance, across)


def drop(x, rate, training):
    """Dropout of whole channels of a row's sequence: a tenth of the random numbers, which cost more than the products."""
    if not training or rate == 0:
        return x
    return x * ((torch.rand(x.shape[0], 1, x.shape[-1], device=x.device) > rate) / (1 - rate))


class Cross(nn.Module):
    """Attention into the (projected) states; `gate` starts shut, so that text alone is untouched."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.keyvalue = nn.Linear(WIDTH, 2 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.gate = nn.Parameter(torch.zeros(WIDTH))

    def forward(self, x, memory, memory_mask):
        b, t, _ = x.shape
        q = self.query(self.norm(x)).view(b, t, HEADS, -1).transpose(1, 2)
        k, v = self.keyvalue(memory).view(b, memory.shape[1], 2, HEADS, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=memory_mask[:, None, None, :])
        return torch.tanh(self.gate) * self.out(y.transpose(1, 2).reshape(b, t, -1))


class Block(nn.Module):
    def __init__(self, cross, dropout):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, FFN), nn.Linear(FFN, WIDTH)
        self.bias = nn.Parameter(torch.zeros(2 * REACH + 1 + SEGMENTS * SEGMENTS, HEADS))
        self.cross = Cross() if cross else None
        self.dropout = dropout

    def forward(self, x, index, mask, memory=None, memory_mask=None):
        b, t, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        bias = self.bias[index].permute(0, 3, 1, 2) + mask[:, None, None, :]
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(WIDTH // HEADS) + bias
        weights = scores.float().softmax(-1).to(v.dtype)
        y = torch.matmul(weights, v).transpose(1, 2).reshape(b, t, -1)
        x = x + drop(self.out(y), self.dropout, self.training)
        if self.cross is not None and memory is not None:
            x = x + drop(self.cross(x, memory, memory_mask), self.dropout, self.training)
        y = self.down(F.gelu(self.up(self.norm2(x))))
        return x + drop(y, self.dropout, self.training)


class Network(nn.Module):
    def __init__(self, chars, syllables, list_columns, domains, intents, tags, acts, dropout=0.15):
        super().__init__()
        self.char = nn.Embedding(chars, CHAR, padding_idx=0)
        self.syllable = nn.Embedding(syllables + 1, SYLLABLE, padding_idx=0)
        self.tone = nn.Embedding(6, TONE, padding_idx=0)
        self.input = nn.Linear(CHAR + SYLLABLE + TONE + list_columns, WIDTH)
        self.segment = nn.Embedding(SEGMENTS, WIDTH)
        self.domain = nn.Embedding(domains, WIDTH)
        self.before = nn.Embedding(2 * intents + 2, WIDTH)  # 0 none, 1 not known, then intents without and with slots
        self.active = nn.Embedding(intents + 2, WIDTH)  # 0 first turn, 1 nothing active, then intents
        self.near = nn.Linear(3 * WIDTH, WIDTH)  # a window of three, tap-major
        self.near_norm = nn.LayerNorm(WIDTH)
        self.blocks = nn.ModuleList([Block(i in CROSS_LAYERS, dropout) for i in range(LAYERS)])
        self.norm = nn.LayerNorm(WIDTH)
        self.states = nn.Linear(STATE, WIDTH)
        self.intent = nn.Linear(2 * WIDTH, intents)
        self.tags = nn.Linear(WIDTH, tags)
        self.act = nn.Linear(2 * WIDTH, acts)
        self.directed = nn.Linear(2 * WIDTH, 1)
        self.dropout = dropout
        for e in (self.char, self.syllable, self.tone, self.segment, self.domain, self.before, self.active):
            nn.init.normal_(e.weight, std=0.05)

    def embed(self, batch, prefix):
        return torch.cat([self.char(batch[prefix + "chars"]), self.syllable(batch[prefix + "syllables"]),
                          self.tone(batch[prefix + "tones"])], -1)

    def forward(self, batch):
        """Rows: K turns before (the latest last), `<text>`, its characters. chars, syllables, tones, position [B, 1 + T];
        lists [B, 1 + T, C]; turn_chars, turn_syllables, turn_tones [B, K, L]; before, turn_segment [B, K] (segment 0 is
        padding); domain, active [B]. A turn before is one row: the mean of its characters and what it was taken for."""
        k = batch["before"].shape[1]
        own = torch.cat([self.embed(batch, ""), batch["lists"]], -1)
        shown = (batch["turn_chars"] > 0)[..., None]
        turns = (self.embed(batch, "turn_") * shown).sum(2) / shown.sum(2).clamp(min=1)
        turns = F.pad(turns, (0, own.shape[-1] - turns.shape[-1]))
        x = self.input(torch.cat([drop(turns, self.dropout / 2, self.training), drop(own, self.dropout / 2, self.training)], 1))
        segment = F.pad(batch["turn_segment"], (0, own.shape[1]))
        position = F.pad(batch["position"], (k, 0))
        x = x + self.segment(segment) + self.domain(batch["domain"])[:, None]
        marks = torch.cat([self.before(batch["before"]), self.active(batch["active"])[:, None]], 1)
        x = x + F.pad(marks, (0, 0, 0, own.shape[1] - 1))
        valid = torch.cat([batch["turn_segment"] > 0, batch["chars"] > 0], 1)
        x = x * valid[..., None]
        padded = F.pad(x, (0, 0, 1, 1))
        x = x + F.gelu(self.near(torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], -1)))
        x = self.near_norm(x)
        index = position_index(segment, position)
        mask = torch.where(valid, 0.0, -1e9)
        memory, memory_mask = None, None
        if batch.get("states") is not None:
            memory = self.states(batch["states"])
            memory_mask = batch["states_mask"]
        for block in self.blocks:
            x = block(x, index, mask, memory, memory_mask)
        x = self.norm(x)
        characters = (batch["chars"][:, 1:] > 0)[..., None]
        mean = (x[:, k + 1:] * characters).sum(1) / characters.sum(1).clamp(min=1)
        pooled = F.dropout(torch.cat([x[:, k], mean], -1), self.dropout, self.training)
        tokens = drop(x[:, k:], self.dropout, self.training)
        return {"intent": self.intent(pooled), "tags": self.tags(tokens), "act": self.act(pooled),
                "directed": self.directed(pooled)[:, 0]}
