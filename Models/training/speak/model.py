"""The two networks of Speak, made of one kind of block so that one piece of Swift runs both.

Acoustic: units -> durations -> F0, voicing, energy -> envelope [frames, 80]. Vocoder: envelope + F0 -> filters for a
harmonic and a noise excitation -> 24 kHz. Everything is convolutional and symmetric, so that chunks with enough context
give exactly what the whole gives.
"""
import torch
from torch import nn
from torch.nn import functional as F

from features import BINS, FFT, HOP, MELS, RATE, WINDOW, mel_to_bins

TAPS = 7
DROPPED = 0.1  # of the acoustic blocks: with an hour of a voice the network learns sentences by heart


class Block(nn.Module):
    """x + down(relu(up(norm(depthwise(x))))) over [batch, time, width]."""

    def __init__(self, width, hidden, dropped=0.0):
        super().__init__()
        self.dropped = dropped  # share of the hidden values left out in training
        self.depthwise = nn.Parameter(torch.randn(TAPS, width) * 0.2)
        self.depthwise_bias = nn.Parameter(torch.zeros(width))
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)
        nn.init.normal_(self.down.weight, std=0.3 / hidden ** 0.5)
        nn.init.zeros_(self.down.bias)

    def forward(self, x, mask=None):
        h = x if mask is None else x * mask
        h = F.conv1d(h.transpose(1, 2), self.depthwise.t().unsqueeze(1).to(h.dtype), self.depthwise_bias.to(h.dtype),
                     padding=TAPS // 2, groups=h.shape[2]).transpose(1, 2)
        return x + self.down(F.dropout(F.relu(self.up(self.norm(h))), self.dropped, self.training))


class Taps(nn.Module):
    """Dense convolution as one linear over a window of TAPS frames, tap-major."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(TAPS * inputs, outputs)

    def forward(self, x):
        p = F.pad(x, (0, 0, TAPS // 2, TAPS // 2))
        return self.linear(torch.cat([p[:, k:k + x.shape[1]] for k in range(TAPS)], 2))


def scaled(envelope):
    return (envelope + 5) / 2.5


class Vocoder(nn.Module):
    def __init__(self, width=256, hidden=640, blocks=6):
        super().__init__()
        self.config = {"width": width, "hidden": hidden, "blocks": blocks}
        self.input = Taps(MELS + 2, width)
        self.blocks = nn.ModuleList([Block(width, hidden) for _ in range(blocks)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 4 * MELS)
        nn.init.normal_(self.head.weight, std=0.003)
        with torch.no_grad():
            self.head.bias.zero_()
            self.head.bias[MELS:2 * MELS] = -1.0   # noise starts 9 dB under
            self.head.bias[2 * MELS:3 * MELS] = 1.0  # zero phase
        self.register_buffer("expand", torch.from_numpy(mel_to_bins()), persistent=False)
        self.register_buffer("window", torch.from_numpy(WINDOW), persistent=False)

    def filters(self, envelope, f0, voiced):
        """envelope [B,T,80], f0 [B,T] Hz continuous, voiced [B,T] 0…1 -> harmonic complex and noise real filters."""
        x = torch.cat([scaled(envelope), torch.log(f0 / 200).unsqueeze(2), voiced.unsqueeze(2)], 2)
        x = self.input(x)
        for b in self.blocks:
            x = b(x)
        dh, dn, p, q = self.head(self.norm(x)).split(MELS, 2)
        m = self.expand.t()
        p, q = p @ m, q @ m
        r = torch.rsqrt(p * p + q * q + 1e-6)
        gain = torch.exp((envelope + dh).clamp(-12, 4) @ m) * voiced.unsqueeze(2)
        return torch.complex(gain * p * r, gain * q * r), torch.exp((envelope + dn).clamp(-12, 4) @ m)

    def forward(self, envelope, f0, voiced, harmonic, noise):
        """harmonic, noise [B, T·HOP] excitations -> harmonic part, noise part."""
        h, n = self.filters(envelope, f0, voiced)
        count = envelope.shape[1]

        def shape(e, g):
            s = torch.stft(e, FFT, HOP, window=self.window, return_complex=True)[:, :, :count]
            return torch.istft(s * g.transpose(1, 2), FFT, HOP, window=self.window, length=(count - 1) * HOP)

        return shape(harmonic, h), shape(noise, n)


def pulses(phase, f0):
    """Band-limited pulse train of unit power from the phase per sample (radians) and F0 per sample."""
    count = torch.floor(RATE / 2 / f0).clamp(min=1)
    s = torch.sin(phase / 2)
    safe = torch.where(s.abs() < 1e-4, torch.ones_like(s), s)
    total = torch.where(s.abs() < 1e-4, count, (torch.sin((count + 0.5) * phase) / safe - 1) / 2)
    return total * torch.sqrt(2 / count)


class Acoustic(nn.Module):
    """Tokens (base, tone) with a manner (whose prosody) and a voice (whose timbre) -> envelope frames.

    The heads answer with what is added to the regression of prior.py. Frames are made in pairs: the frame-level blocks run at half the frame rate and each place answers for two frames.
    """

    PLACE = 5   # where a frame pair lies in its token
    CONTROL = 6  # relative log F0, voicing, energy of both frames

    def __init__(self, bases, tones, speakers, width=192, hidden=512, encoder=4, duration=1, prosody=3, decoder=6):
        super().__init__()
        self.config = {"width": width, "hidden": hidden, "encoder": encoder, "duration": duration, "prosody": prosody,
                       "decoder": decoder}
        self.base = nn.Embedding(bases, width)
        self.tone = nn.Embedding(tones, width)
        self.manner = nn.Embedding(speakers, width)
        self.voice = nn.Embedding(speakers, width)
        for e in (self.base, self.tone, self.manner, self.voice):
            nn.init.normal_(e.weight, std=0.3)

        def stack(n):
            return nn.ModuleList([Block(width, hidden, DROPPED) for _ in range(n)])

        self.encoder = stack(encoder)
        self.duration = stack(duration)
        self.duration_norm = nn.LayerNorm(width)
        self.duration_head = nn.Linear(width, 1)
        self.prosody_place = nn.Linear(self.PLACE, width)
        self.prosody = stack(prosody)
        self.prosody_norm = nn.LayerNorm(width)
        self.prosody_head = nn.Linear(width, self.CONTROL)
        self.decoder_place = nn.Linear(self.PLACE, width)
        self.control = nn.Linear(self.CONTROL, width)
        self.decoder = stack(decoder)
        self.decoder_norm = nn.LayerNorm(width)
        self.decoder_head = nn.Linear(width, 2 * MELS)
        for head in (self.duration_head, self.prosody_head, self.decoder_head):  # at first only the regression speaks
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)

    def encode(self, base, tone, manner, mask):
        x = self.base(base) + self.tone(tone) + self.manner(manner).unsqueeze(1)
        for b in self.encoder:
            x = b(x, mask)
        return x

    def durations(self, x, mask):
        for b in self.duration:
            x = b(x, mask)
        return self.duration_head(self.duration_norm(x)).squeeze(2)  # log(1 + frames)

    def prosodies(self, x, owner, place, manner, mask):
        h = gather(x, owner) + self.prosody_place(place)
        for b in self.prosody:
            h = b(h, mask)
        return self.prosody_head(self.prosody_norm(h))

    def decode(self, x, owner, place, voice, control, mask):
        h = gather(x, owner) + self.decoder_place(place) + self.control(control) + self.voice(voice).unsqueeze(1)
        for b in self.decoder:
            h = b(h, mask)
        out = self.decoder_head(self.decoder_norm(h))
        return out.reshape(out.shape[0], -1, MELS)


def gather(x, owner):
    return torch.gather(x, 1, owner.unsqueeze(2).expand(-1, -1, x.shape[2]))


def places(durations):
    """Frames per token -> owner token of each frame pair and its five place features, from the pair's first frame."""
    import numpy as np
    owner, place = [], []
    total = int(sum(durations))
    ends = np.cumsum(durations)
    i = 0
    for t in range(0, total, 2):
        while ends[i] <= t:
            i += 1
        d = durations[i]
        s = t - (ends[i] - d) + 1.0
        place.append([s / (d + 1), 1 - s / (d + 1), np.log(d + 1) / 3, min(s, 16) / 16, min(d + 1 - s, 16) / 16])
        owner.append(i)
    return np.array(owner, np.int64), np.array(place, np.float32)
