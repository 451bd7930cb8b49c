"""Derivatives of the loss with respect to the noise of batch normalization.

In evaluation mode samples do not interact, and one channel's noise in sample n is a shift b_n of
the layer's output and a scale g_n, which adds g_n z at all positions.  The Hessian is then a block
for each sample, and one product with it gives a column of every block.  One more derivative of the
product, in g, tells how the Hessian goes with gamma.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from bntheory.nn.normalization import Call, Layer, Population, forward, over_positions


@dataclass(frozen=True)
class Noise:
    """Where the derivatives of one layer are taken: b and g of shape (n, C), both zero."""

    b: Tensor
    g: Tensor


@dataclass(frozen=True)
class Derivatives:
    """Derivatives of the loss of each sample at one layer; float64 of shape (n, C).

    ``third`` is that in g of the sum of bb, bg and gg with weights, zero where none were given.
    """

    b: Tensor
    g: Tensor
    bb: Tensor
    bg: Tensor
    gg: Tensor
    third: Tensor


#: What the third derivatives of each channel of a layer are weighted with: bbg, bgg, ggg; (C,).
Weights = tuple[Tensor, Tensor, Tensor]


def noisy_forward(
    model: torch.nn.Module,
    layers: Sequence[Layer],
    inputs: Tensor,
    normalizing: Mapping[str, Population],
    data: Mapping[str, Population],
) -> tuple[Any, dict[str, Noise], dict[str, Tensor]]:
    """Return the output, the noise that it is a function of, and each layer's z.

    The layers normalize by ``normalizing``; z is their input standardized by ``data``.
    """
    noise: dict[str, Noise] = {}
    z: dict[str, Tensor] = {}

    def normalize(call: Call) -> Tensor:
        name = call.layer.name
        b, g = (call.input.new_zeros(call.input.shape[:2]).requires_grad_() for _ in range(2))
        noise[name] = Noise(b, g)
        z[name] = data[name].standardize(call.input)
        shift, scale = over_positions(b, z[name]), over_positions(g, z[name])
        return call.normalize(normalizing[name]) + shift + scale * z[name]

    output = forward(model, layers, inputs, normalize)
    return output, {layer.name: noise[layer.name] for layer in layers}, z


def derivatives(
    loss: Tensor,
    noise: Mapping[str, Noise],
    probes: int,
    generator: torch.Generator,
    weights: Mapping[str, Weights] | None = None,
) -> dict[str, Derivatives]:
    """Return the derivatives of the sum of the samples' losses, by the name of the layer.

    Layers of at most ``probes`` channels are done exactly, a channel at a time.  The diagonals of
    all others are v (H v), averaged over ``probes`` random signs v (Hutchinson's estimator), which
    these layers share: a product with the Hessian costs the same for one layer and for all.  The
    third derivatives are v s d(s H v)/dg then, with signs s of their own.
    """
    every = [tensor for layer in noise.values() for tensor in (layer.b, layer.g)]
    first = torch.autograd.grad(loss, every, create_graph=True, materialize_grads=True)
    slopes = {name: Noise(*pair) for name, pair in zip(noise, _pairs(first), strict=True)}
    second: dict[str, list[Tensor]] = {}
    wide = []
    for name, layer in noise.items():
        if layer.b.shape[1] <= probes:
            wanted = None if weights is None else [weights[name]]
            (second[name],) = _diagonals([slopes[name]], [layer], _columns(layer), wanted)
        else:
            wide.append(name)
    if wide:
        layers = [noise[name] for name in wide]
        sums = _diagonals(
            [slopes[name] for name in wide],
            layers,
            _signs(layers, probes, generator, weights is not None),
            None if weights is None else [weights[name] for name in wide],
        )
        second |= {
            name: [total / probes for total in of_layer]
            for name, of_layer in zip(wide, sums, strict=True)
        }
    return {
        name: Derivatives(slope.b.detach().double(), slope.g.detach().double(), *second[name])
        for name, slope in slopes.items()
    }


#: For each layer a vector to multiply the Hessian with, and one for the third derivatives.
Probe = list[tuple[Tensor, Tensor]]


def _diagonals(
    slopes: Sequence[Noise],
    noise: Sequence[Noise],
    vectors: Iterable[Probe],
    weights: Sequence[Weights] | None,
) -> list[list[Tensor]]:
    """Return sums over the vectors for each layer: the parts bb, bg and gg of H, and the third."""
    every = [tensor for layer in noise for tensor in (layer.b, layer.g)]
    scales = [layer.g for layer in noise]
    sums = [[torch.zeros_like(layer.b, dtype=torch.float64) for _ in range(4)] for layer in noise]
    for probe in vectors:
        v, s = zip(*probe, strict=True)
        further = weights is not None
        along_b = _product([slope.b for slope in slopes], every, v, further)
        along_g = _product([slope.g for slope in slopes], scales, v, further)
        parts = [(bb, bg, gg) for (bb, bg), gg in zip(_pairs(along_b), along_g, strict=True)]
        for totals, signs, of_layer in zip(sums, v, parts, strict=True):
            for total, part in zip(totals, of_layer, strict=False):
                total += signs * part.detach()
        if weights is not None:
            outputs: list[Tensor] = []
            along: list[Tensor] = []
            for of_layer, other, weight in zip(parts, s, weights, strict=True):
                outputs += of_layer
                along += [other * factor.to(other) for factor in weight]
            third = _product(outputs, scales, along, False)
            for totals, signs, other, value in zip(sums, v, s, third, strict=True):
                totals[3] += signs * other * value
    return sums


def _product(
    slopes: Sequence[Tensor], by: Sequence[Tensor], v: Sequence[Tensor], further: bool
) -> Sequence[Tensor]:
    """Return the derivative of sum(slopes * v), zero where the slopes are constant."""
    curved = [(slope, part) for slope, part in zip(slopes, v, strict=True) if slope.requires_grad]
    if not curved:
        return [torch.zeros_like(tensor) for tensor in by]
    outputs, vectors = zip(*curved, strict=True)
    return torch.autograd.grad(
        outputs, by, vectors, retain_graph=True, create_graph=further, materialize_grads=True
    )


def _columns(layer: Noise) -> Iterator[Probe]:
    """Give the unit vector of each channel, the same for all samples."""
    for channel in range(layer.b.shape[1]):
        v = torch.zeros_like(layer.b)
        v[:, channel] = 1
        yield [(v, v)]


def _signs(
    layers: Sequence[Noise], probes: int, generator: torch.Generator, further: bool
) -> Iterator[Probe]:
    """Give random signs, independent for all samples, channels and layers.

    Those of the third derivatives are drawn where they are wanted.
    """

    def drawn(like: Tensor) -> Tensor:
        return (2 * torch.randint(2, like.shape, generator=generator) - 1).to(like)

    for _ in range(probes):
        v = [drawn(layer.b) for layer in layers]
        yield [(signs, drawn(signs) if further else signs) for signs in v]


def _pairs(tensors: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(tensors[::2], tensors[1::2], strict=True)
