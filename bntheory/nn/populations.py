"""Mean and deviation of what each layer normalizes: those of the data, or the running averages.

They are defined layer by layer: what a layer normalizes depends on how the layers in front of it
do so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import torch
from torch import Tensor

from bntheory.nn.averages import Average
from bntheory.nn.batches import Batches
from bntheory.nn.normalization import Call, Layer, Population, forward


def running(layers: Sequence[Layer]) -> dict[str, Population]:
    """Return the running averages of the layers, by name.

    Raises
    ------
    ValueError
        If a layer has none.
    """
    found = {}
    for layer in layers:
        mean, variance = layer.module.running_mean, layer.module.running_var
        if mean is None or variance is None:
            raise ValueError(
                f"statistics = 'running', but layer {layer.name!r} does not track them; use 'data'"
            )
        found[layer.name] = _population(layer, mean.double(), variance.double())
    return found


def of_data(
    model: torch.nn.Module, layers: Sequence[Layer], batches: Batches
) -> dict[str, Population]:
    """Return what the layers see where those in front of them normalize by what they see.

    One pass for each layer, in the order of execution, which ends at that layer.

    Raises
    ------
    ValueError
        If a layer is not reached, or if the order differs between batches.
    """
    known: dict[str, Population] = {}

    def normalize(call: Call, inputs: Average) -> Tensor:
        if call.layer.name in known:
            return call.normalize(known[call.layer.name])
        _take_in(inputs, call)
        raise _Unknown

    while len(known) < len(layers):
        reached = _seen(model, layers, batches, normalize)
        if len(reached) > 1:
            names = " and ".join(map(repr, reached))
            raise ValueError(f"which of the layers {names} comes first differs between batches")
        known |= reached
    return known


def of_data_behind(
    model: torch.nn.Module,
    layers: Sequence[Layer],
    batches: Batches,
    populations: Mapping[str, Population],
) -> dict[str, Population]:
    """Return what the layers see where all of them normalize by given populations; one pass."""

    def normalize(call: Call, inputs: Average) -> Tensor:
        _take_in(inputs, call)
        return call.normalize(populations[call.layer.name])

    return _seen(model, layers, batches, normalize)


class _Unknown(BaseException):
    """Ends a forward pass at the first layer whose population is not known yet."""


def _seen(
    model: torch.nn.Module,
    layers: Sequence[Layer],
    batches: Batches,
    normalize: Callable[[Call, Average], Tensor],
) -> dict[str, Population]:
    """Return the populations of the layers that take something in during one pass."""
    averages = {layer: Average() for layer in layers}
    with torch.no_grad():
        for inputs, _ in batches:
            with suppress(_Unknown):
                forward(model, layers, inputs, lambda call: normalize(call, averages[call.layer]))
    return {
        layer.name: _population(layer, average.mean, average.variance)
        for layer, average in averages.items()
        if average.count
    }


def _take_in(inputs: Average, call: Call) -> None:
    inputs.add(call.input.transpose(0, 1).flatten(1).T)


def _population(layer: Layer, mean: Tensor, variance: Tensor) -> Population:
    return Population(mean, (variance + layer.module.eps).sqrt())
