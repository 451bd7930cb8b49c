"""The statistics of a large sample, for layers that normalize by them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import batch_norm

from bntheory.nn import arguments, populations
from bntheory.nn.batches import Batches
from bntheory.nn.normalization import Call, Layer, find_layers, forward
from bntheory.nn.state import evaluating, random_state

Sample = Tensor | Iterable[tuple[Tensor, Any]]


def refresh_population(model: torch.nn.Module, sample: Sample) -> None:
    """Set the running averages of all layers to the statistics of a sample.

    The statistics of a layer are those of what it sees where the layers in front of it normalize by
    theirs, in evaluation mode otherwise, so without dropout.  Layers of batch normalization are
    treated alike: what they normalize by in evaluation mode is then exact, where running averages
    lag behind the weights.

    Parameters
    ----------
    model : torch.nn.Module
        With :class:`bntheory.nn.PopulationNorm` or batch normalization, each reached once in a
        forward pass.  It may be wrapped in ``DistributedDataParallel`` or compiled; every process
        is then given the same sample.
    sample : Tensor, or iterable of (input, target)
        A tensor goes through the model in one piece and once: the quickest, where the memory
        suffices.  A ``DataLoader`` or a list of batches is read once for each layer, and the sums
        are in float64.

    Raises
    ------
    TypeError, ValueError
        If the model or the sample is not as described; in one line.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import refresh_population
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    >>> refresh_population(model, torch.randn(1000, 4))
    """
    model = unwrapped(model)
    arguments.usable_model(model)
    layers = find_layers(model)
    for layer in layers:
        if layer.module.running_mean is None:
            raise ValueError(f"layer {layer.name!r} has no running averages to set")
    if isinstance(sample, Tensor):
        with evaluating(model):
            found = _at_once(model, layers, sample)
    else:
        arguments.repeatable(sample)
        embeds = any(isinstance(part, torch.nn.Embedding) for part in model.modules())
        place = arguments.place_of(model, None)
        with random_state(sample) as random, evaluating(model):
            known = populations.of_data(
                model, layers, Batches(sample, place, random, 0, integers=embeds)
            )
        found = {
            layer.name: (known[layer.name].mean, known[layer.name].std ** 2 - layer.module.eps)
            for layer in layers
        }
    with torch.no_grad():
        for layer in layers:
            mean, variance = found[layer.name]
            module: Any = layer.module
            module.running_mean.copy_(mean)
            module.running_var.copy_(variance)


def unwrapped(model: torch.nn.Module) -> torch.nn.Module:
    """Return the model inside of ``torch.compile`` and ``DistributedDataParallel``."""
    inside: Any = model
    while True:
        if isinstance(inside, torch.nn.parallel.DistributedDataParallel):
            inside = inside.module
        elif hasattr(inside, "_orig_mod"):
            inside = inside._orig_mod
        else:
            return inside


def _at_once(
    model: torch.nn.Module, layers: tuple[Layer, ...], sample: Tensor
) -> dict[str, tuple[Tensor, Tensor]]:
    """Return mean and variance of what each layer sees; one pass with the sample as one batch."""
    found = {}

    def normalize(call: Call) -> Tensor:
        entries = call.input.numel() // call.input.shape[1]
        if entries < 2:
            number = ("no", "one")[entries]
            raise ValueError(
                f"the sample has {number} value for each channel of {call.layer.name!r}, and a "
                "variance takes two"
            )
        like: Any = call.layer.module.running_mean
        mean, variance = torch.zeros_like(like), torch.zeros_like(like)
        output: Tensor = batch_norm(
            call.input, mean, variance, call.gamma, call.beta, True, 1.0, call.layer.module.eps
        )
        found[call.layer.name] = mean, variance * ((entries - 1) / entries)
        return output

    with torch.no_grad():
        forward(model, layers, sample, normalize)
    return found
