"""Small models and data, and a model that normalizes by the population."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """Two convolutions beside an identity, with one more normalization at the end."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(channels)
        self.head = nn.Linear(channels, 2)
        self.norm3 = nn.BatchNorm1d(2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.norm1(self.first(x)))
        x = x + torch.tanh(self.norm2(self.second(x)))
        out: Tensor = self.norm3(self.head(x.mean((2, 3))))
        return out


def mlp(width: int = 4) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(3, width),
        nn.BatchNorm1d(width),
        nn.Softplus(),
        nn.Linear(width, width),
        nn.BatchNorm1d(width),
        nn.Tanh(),
        nn.Linear(width, 2),
    )


def convolutional(channels: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, channels, 2),
        nn.BatchNorm2d(channels),
        nn.Tanh(),
        nn.Conv2d(channels, channels, 2),
        nn.BatchNorm2d(channels),
        nn.Softplus(),
        nn.Flatten(),
        nn.Linear(4 * channels, 2),
    )


def build(make: Any, *args: Any, seed: int = 0, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Return a model with random scales, shifts and (stale) running averages."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: nn.Module = make(*args)
        for module in model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                if module.affine:
                    nn.init.uniform_(module.weight, 0.5, 1.5)
                    nn.init.normal_(module.bias)
                if module.track_running_stats:
                    nn.init.normal_(module.running_mean)
                    nn.init.uniform_(module.running_var, 0.5, 2.0)
        return model.to(dtype).train()


def samples(
    *shape: int, seed: int = 0, dtype: torch.dtype = torch.float64, outputs: int = 2
) -> tuple[Tensor, Tensor]:
    """Return skewed inputs and targets."""
    generator = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(*shape, generator=generator, dtype=torch.float64).mul(0.5).exp()
    y = torch.randn(shape[0], outputs, generator=generator, dtype=torch.float64)
    return x.to(dtype), y.to(dtype)


def in_batches(x: Tensor, y: Tensor, size: int) -> list[tuple[Tensor, Tensor]]:
    return list(zip(x.split(size), y.split(size), strict=True))


def squared_error(output: Tensor, target: Tensor) -> Tensor:
    return (output - target).square().sum(1).mean() / 2


def inputs_in_training(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Return what each layer normalizes when all data are one batch: the population."""
    seen: dict[str, Tensor] = {}
    copy = deepcopy(model).train()
    for name, module in copy.named_modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.register_forward_hook(
                lambda module, args, output, name=name: seen.update({name: args[0].detach()})
            )
    with torch.no_grad():
        copy(x)
    return seen


def at_population(model: nn.Module, x: Tensor) -> nn.Module:
    """Return a copy in evaluation mode whose running averages are those of the population."""
    copy = deepcopy(model)
    for name, h in inputs_in_training(model, x).items():
        layer = copy.get_submodule(name)
        axes = [axis for axis in range(h.ndim) if axis != 1]
        layer.running_mean = h.mean(axes)
        layer.running_var = h.var(axes, unbiased=False)
        layer.track_running_stats = True
    return copy.eval()
