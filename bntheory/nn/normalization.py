"""Population normalization in place of batch normalization, in a model that is not changed."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm
from torch.overrides import TorchFunctionMode

_SIGNATURE = inspect.signature(batch_norm)


class NotFinite(ValueError):
    """A value of the model, or a derivative of its loss, is nan or inf."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of batch normalization, by its name in the model."""

    name: str
    module: _BatchNorm


@dataclass(frozen=True)
class Population:
    """Mean and standard deviation of each channel, float64 of shape (C,).

    The deviation is sqrt(variance + eps), what torch divides by.
    """

    mean: Tensor
    std: Tensor

    def standardize(self, h: Tensor) -> Tensor:
        """Return (h - mean)/std for h of shape (n, C, ...), in the type of h."""
        mean, std = self.mean.to(h.dtype), self.std.to(h.dtype)
        return (h - over_positions(mean, h)) / over_positions(std, h)


@dataclass(frozen=True)
class Call:
    """What a layer is called with: input of shape (n, C, ...), scale and shift of shape (C,)."""

    layer: Layer
    input: Tensor
    gamma: Tensor
    beta: Tensor

    def normalize(self, population: Population) -> Tensor:
        """Return gamma (h - mean)/std + beta."""
        z = population.standardize(self.input)
        return over_positions(self.gamma, z) * z + over_positions(self.beta, z)


def over_positions(values: Tensor, like: Tensor) -> Tensor:
    """Return values of shape (C,) or (n, C) in a shape that broadcasts over the positions."""
    channels = values if values.ndim == 2 else values[None]
    return channels.reshape(*channels.shape, *[1] * (like.ndim - 2))


def find_layers(model: torch.nn.Module) -> tuple[Layer, ...]:
    """Return the layers of batch normalization.

    Raises
    ------
    ValueError
        If there are none.
    """
    found = tuple(
        Layer(name or type(module).__name__, module)
        for name, module in model.named_modules()
        if isinstance(module, _BatchNorm)
    )
    if not found:
        raise ValueError(f"the model, of type {type(model).__name__}, has no batch normalization")
    return found


def forward(
    model: torch.nn.Module,
    layers: Sequence[Layer],
    inputs: Tensor,
    normalize: Callable[[Call], Tensor],
) -> Any:
    """Return the output of the model with ``normalize`` in place of batch normalization.

    Raises
    ------
    ValueError
        If a layer does not normalize exactly once, or normalizes something else than one row per
        sample, or if the output is not finite.
    """
    reached: Counter[str] = Counter()

    def counted(call: Call) -> Tensor:
        reached[call.layer.name] += 1
        if len(call.input) != len(inputs):
            raise ValueError(
                f"the input of layer {call.layer.name!r} has {len(call.input)} rows for a batch of "
                f"{len(inputs)} samples; it has to have one for each"
            )
        return normalize(call)

    with ExitStack() as stack:
        for layer in layers:
            stack.enter_context(_instead(layer, counted))
        output = model(inputs)
    for layer in layers:
        if reached[layer.name] != 1:
            times = (
                f"reached {reached[layer.name]} times" if reached[layer.name] else "never reached"
            )
            raise ValueError(
                f"layer {layer.name!r} is {times} in a forward pass in evaluation mode; "
                "each layer of batch normalization has to be reached once"
            )
    if isinstance(output, Tensor) and not output.isfinite().all():
        raise NotFinite("the output of the model under population normalization is not finite")
    return output


@contextmanager
def _instead(layer: Layer, normalize: Callable[[Call], Tensor]) -> Iterator[None]:
    """Let the layer call ``normalize`` where it calls ``torch.nn.functional.batch_norm``."""
    attributes = vars(layer.module)
    own = attributes.get("forward")
    original = layer.module.forward

    def replaced(*args: Any, **kwargs: Any) -> Any:
        with _Interception(layer, normalize):
            return original(*args, **kwargs)

    attributes["forward"] = replaced
    try:
        yield
    finally:
        del attributes["forward"]
        if own is not None:
            attributes["forward"] = own


class _Interception(TorchFunctionMode):
    """Hands the calls of ``torch.nn.functional.batch_norm`` to a function of one's own.

    A layer that derives from torch's may do more than normalize, for instance apply its activation
    function; that remains as it is.
    """

    def __init__(self, layer: Layer, normalize: Callable[[Call], Tensor]) -> None:
        super().__init__()
        self._layer = layer
        self._normalize = normalize

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func is not batch_norm:
            return func(*args, **(kwargs or {}))
        given = _SIGNATURE.bind(*args, **(kwargs or {})).arguments
        h, gamma, beta = given["input"], given.get("weight"), given.get("bias")
        channels = h.new_ones(h.shape[1])
        return self._normalize(
            Call(
                self._layer,
                h,
                channels if gamma is None else gamma,
                torch.zeros_like(channels) if beta is None else beta,
            )
        )
