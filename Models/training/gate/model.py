"""The gate: causal convolutions and two GRUs over 40 log-mel bands, one speech probability every 16 ms (see README.md)."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

WINDOW, HOP, BINS, MELS = 512, 256, 257, 40
LOOK_AHEAD = 2  # hops: the answer of frame t + 2 stands for frame t, 32 ms later


def mel_filters(rate=16000, low=0.0, high=8000.0):
    """Slaney mel filters [MELS, BINS], area-normalised."""
    def to_mel(f):
        f = np.asarray(f, float)
        return np.where(f < 1000, f * 3 / 200, 15 + 27 * np.log(np.maximum(f, 1) / 1000) / np.log(6.4))

    def to_hertz(m):
        return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))

    edges = to_hertz(np.linspace(to_mel(low), to_mel(high), MELS + 2))
    f = np.arange(BINS) * rate / WINDOW
    rise = (f[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - f[None]) / (edges[2:] - edges[1:-1])[:, None]
    weights = np.maximum(0, np.minimum(rise, fall)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return torch.tensor(weights, dtype=torch.float32)


class Features(nn.Module):
    """(batch, samples) -> (batch, samples // 256, 40) log10 mel power; frame t sees samples 256(t-1) ... 256(t+1)."""

    def __init__(self):
        super().__init__()
        self.register_buffer("window", torch.hann_window(WINDOW))
        self.register_buffer("mel", mel_filters())

    def forward(self, x):
        x = F.pad(x[:, : x.shape[1] // HOP * HOP], (HOP, 0)).unfold(1, WINDOW, HOP) * self.window
        power = torch.fft.rfft(x).abs().pow(2)
        return torch.log10(torch.clamp(power @ self.mel.t(), min=1e-10))


class Gate(nn.Module):
    def __init__(self, narrow=64, wide=96, hidden=128):
        super().__init__()
        self.register_buffer("mean", torch.zeros(MELS))
        self.register_buffer("deviation", torch.ones(MELS))
        self.conv1, self.conv2 = nn.Conv1d(MELS, narrow, 3), nn.Conv1d(narrow, wide, 3)
        self.gru = nn.GRU(wide, hidden, 2, batch_first=True)
        self.output = nn.Linear(hidden, 1)

    def forward(self, mel, state=None):
        """Logits (batch, frames) from whole streams; that of frame t stands for frame t - LOOK_AHEAD."""
        x = ((mel - self.mean) / self.deviation).transpose(1, 2)
        x = F.relu(self.conv1(F.pad(x, (2, 0))))
        x = F.relu(self.conv2(F.pad(x, (2, 0))))
        x, _ = self.gru(x.transpose(1, 2), state)
        return self.output(x)[..., 0]
