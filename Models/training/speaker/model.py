"""The speaker encoder: convolutions over 40 log-mel bands, mean and deviation over time, a unit vector of 256 (README.md)."""
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
RATE, WINDOW, HOP, MELS, SIZE = 16000, 400, 160, 40, 256


def mel_filters():
    """Slaney mel filters [40, 201], 0 to 8 kHz, area-normalised."""
    import librosa
    return torch.tensor(librosa.filters.mel(sr=RATE, n_fft=WINDOW, n_mels=MELS), dtype=torch.float32)


class Power(nn.Module):
    """(batch, samples) -> (batch, frames, 40) mel power; frame j covers samples 160 j ... 160 j + 399."""

    def __init__(self):
        super().__init__()
        self.register_buffer("window", torch.hann_window(WINDOW))
        self.register_buffer("mel", mel_filters())

    def forward(self, x):
        return torch.fft.rfft(x.unfold(1, WINDOW, HOP) * self.window).abs().pow(2) @ self.mel.t()


class Encoder(nn.Module):
    def __init__(self, width=192, wide=384):
        super().__init__()
        self.register_buffer("mean", torch.zeros(MELS))
        self.register_buffer("deviation", torch.ones(MELS))
        self.convs = nn.ModuleList([nn.Conv1d(MELS, width, 5, stride=2, padding=2)] +
                                   [nn.Conv1d(width, width, 3, dilation=d, padding=d) for d in (1, 2, 3)] +
                                   [nn.Conv1d(width, wide, 1)])
        self.norms = nn.ModuleList(nn.BatchNorm1d(c.out_channels) for c in self.convs)
        self.out = nn.Linear(2 * wide, SIZE)

    def normalise(self, power):
        """Log power, less its mean over the whole clip (so that level does not matter), then per band."""
        l = torch.log10(torch.clamp(power, min=1e-10))
        return (l - l.mean((1, 2), keepdim=True) - self.mean) / self.deviation

    def forward(self, power):
        x = self.normalise(power).transpose(1, 2)
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            y = F.relu(norm(conv(x)))
            x = x + y if i in (1, 2, 3) else y
        mean = x.mean(2)
        deviation = torch.sqrt(torch.clamp((x * x).mean(2) - mean * mean, min=1e-6))
        return F.normalize(F.relu(self.out(torch.cat([mean, deviation], 1))) + 1e-6, dim=1)

    def folded(self):
        """Convolutions with batch norm folded in: [(weight (out, in, taps), bias)]."""
        out = []
        for conv, norm in zip(self.convs, self.norms):
            g = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            out.append((conv.weight * g[:, None, None], (conv.bias - norm.running_mean) * g + norm.bias))
        return out


class Teacher(nn.Module):
    """Resemblyzer's GE2E encoder on mel power (not log) at -30 dBFS."""

    def __init__(self):
        super().__init__()
        import importlib.util
        base = importlib.util.find_spec("resemblyzer").submodule_search_locations[0]
        self.lstm, self.linear, self.power = nn.LSTM(MELS, 256, 3, batch_first=True), nn.Linear(256, SIZE), Power()
        state = torch.load(os.path.join(base, "pretrained.pt"), map_location="cpu")["model_state"]
        keep = {k: v for k, v in state.items() if k.startswith(("lstm.", "linear."))}
        missing = self.load_state_dict(keep, strict=False)
        assert not missing.unexpected_keys and all(k.startswith("power") for k in missing.missing_keys)

    @torch.no_grad()
    def forward(self, x):
        level = torch.sqrt((x * x).mean(1, keepdim=True) + 1e-9)
        x = F.pad(x * torch.clamp(0.0316 / level, min=1), (200, 200))  # frames centred, as librosa does
        _, (hidden, _) = self.lstm(self.power(x)[:, :160])
        return F.normalize(F.relu(self.linear(hidden[-1])), dim=1)
