"""The moments of what batch normalization normalizes, per channel.

For sample n with inputs h_np at positions p (one position in a fully connected layer) and
z_np = (h_np - mu)/sigma, with a_n the average of z_np over the positions and q_n that of z_np^2.
The statistics of a batch of M samples then fluctuate by

    Var(mu_B) = sigma^2 V_m/M,    Var(sigma_B) = sigma^2 V_q/(4M),
    Cov(mu_B, sigma_B) = sigma^2 C/(2M),

with V_m = Var(a_n), V_q = Var(q_n), C = Cov(a_n, q_n).  In a fully connected layer V_m = 1 and
V_q = rho + 2 (the prior of Luo et al. 2019, Sec. 2), and C is the skewness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from bntheory.nn.averages import Average
from bntheory.nn.batches import Batches
from bntheory.nn.normalization import Call, Layer, Population, forward


@dataclass(frozen=True)
class Moments:
    """Moments of the input of one layer, and its scale; float64 of shape (C,).

    Attributes
    ----------
    V_m, V_q, C : Tensor
        Var(a_n), Var(q_n) and Cov(a_n, q_n).
    square : Tensor
        The average of z^2: variance/(variance + eps).
    skewness, excess_kurtosis : Tensor
        Of the inputs at all samples and positions; nan where these do not vary.
    gamma : Tensor
        The scale, 1 for a layer without one.
    """

    V_m: Tensor
    V_q: Tensor
    C: Tensor
    square: Tensor
    skewness: Tensor
    excess_kurtosis: Tensor
    gamma: Tensor


def of_sample(z: Tensor) -> tuple[Tensor, Tensor]:
    """Return a_n and q_n, float64 of shape (n, C), for z of shape (n, C, ...)."""
    entries = _entries(z)
    return entries.mean(2), entries.square().mean(2)


def of_layers(
    model: torch.nn.Module,
    layers: Sequence[Layer],
    batches: Batches,
    normalizing: Mapping[str, Population],
    data: Mapping[str, Population],
) -> dict[str, Moments]:
    """Return the moments of each layer's input, by name; one pass.

    The layers normalize by ``normalizing``; mean and deviation of what they then see are ``data``.

    Raises
    ------
    ValueError
        If the number of positions differs between batches.
    """
    sums = {layer.name: _Sums() for layer in layers}

    def normalize(call: Call) -> Tensor:
        name = call.layer.name
        sums[name].add(call, data[name])
        return call.normalize(normalizing[name])

    with torch.no_grad():
        for inputs, _ in batches:
            forward(model, layers, inputs, normalize)
    return {layer.name: sums[layer.name].moments(data[layer.name]) for layer in layers}


@dataclass
class _Sums:
    a: Average = field(default_factory=Average)
    q: Average = field(default_factory=Average)
    product: Average = field(default_factory=Average)
    cube: Average = field(default_factory=Average)
    fourth: Average = field(default_factory=Average)
    gamma: Tensor = field(default_factory=lambda: torch.empty(0))
    positions: tuple[int, ...] | None = None
    rounding: float = 0.0

    def add(self, call: Call, population: Population) -> None:
        positions = tuple(call.input.shape[2:])
        if self.positions not in (None, positions):
            raise ValueError(
                f"the input of layer {call.layer.name!r} has positions {self.positions}, then "
                f"{positions}; the samples have to be of one size"
            )
        self.positions, self.gamma = positions, call.gamma.detach().double()
        self.rounding = torch.finfo(call.input.dtype).eps
        z = population.standardize(call.input)
        entries = _entries(z)
        a, q = of_sample(z)
        self.a.add(a)
        self.q.add(q)
        self.product.add(a * q)
        self.cube.add((entries**3).mean(2))
        self.fourth.add((entries**4).mean(2))

    def moments(self, population: Population) -> Moments:
        square = self.q.mean
        varies = square.sqrt() * population.std > self.rounding * population.mean.abs()
        variance = square.where(varies, torch.nan)
        return Moments(
            self.a.variance,
            self.q.variance,
            self.product.mean,  # a_n averages to zero
            square,
            self.cube.mean / variance**1.5,
            self.fourth.mean / variance**2 - 3.0,
            self.gamma,
        )


def _entries(z: Tensor) -> Tensor:
    return z.detach().double().reshape(*z.shape[:2], -1)
