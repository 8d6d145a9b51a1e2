"""A small critic for adversarial training on a processor: convolutions over envelopes that say, patch by patch, whether they
were recorded or made (least squares, Mao et al. 2017; feature matching as in MelGAN, Kumar et al. 2019).

Strides shrink the frequency axis early, so that it costs a tenth of a billion products a second of sound.
"""
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm


class Critic(nn.Module):
    """[batch, bands, frames] -> a score per patch, and the layers' answers."""

    def __init__(self, channels=(32, 48, 64, 64)):
        super().__init__()
        strides = [(2, 1)] * len(channels)
        dilations = [1, 1, 2, 2]
        inputs = (1,) + tuple(channels[:-1])
        self.layers = nn.ModuleList([
            weight_norm(nn.Conv2d(a, b, (7 if i == 0 else 5, 3), stride=s, dilation=(1, d), padding=(3 if i == 0 else 2, d)))
            for i, (a, b, s, d) in enumerate(zip(inputs, channels, strides, dilations))])
        self.score = weight_norm(nn.Conv2d(channels[-1], 1, (3, 3), padding=(1, 1)))

    def forward(self, x):
        x, features = x.unsqueeze(1), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.score(x), features


def critic_loss(real, made):
    """What the critic pays: recordings should score one, what was made zero."""
    return ((1 - real[0]) ** 2).mean() + (made[0] ** 2).mean()


def maker_loss(real, made):
    """What the maker pays: (its patches should score one, its features should be those of recordings)."""
    match = sum((a.detach() - b).abs().mean() / a.detach().abs().mean().clamp(min=1e-3) for a, b in zip(real[1], made[1]))
    return ((1 - made[0]) ** 2).mean(), match / len(made[1])
