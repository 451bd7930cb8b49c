"""The loss of a batch: a scalar, and the average over the samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

#: How far the loss of a batch may be from the average over its halves; a sum is far off.
TOLERANCE = 1e-2


def loss_of_batch(loss: Callable[[Any, Any], Tensor], output: Any, targets: Any) -> Tensor:
    """Return the loss of a batch.

    Raises
    ------
    TypeError
        If it is no scalar tensor.
    ValueError
        If it is not finite, does not depend on any layer of batch normalization, or is no average
        over the samples.
    """
    value = loss(output, targets)
    if not isinstance(value, Tensor) or value.ndim:
        shape = f" of shape {tuple(value.shape)}" if isinstance(value, Tensor) else ""
        raise TypeError(f"the loss returns type {type(value).__name__}{shape}, no scalar tensor")
    if not value.isfinite():
        raise ValueError(f"the loss of a batch is {value.item()}")
    if not value.requires_grad:
        raise ValueError("the loss has no gradient at any layer of batch normalization")
    if isinstance(output, Tensor) and isinstance(targets, Tensor) and output.ndim and targets.ndim:
        if len(output) == len(targets) > 1:
            _check_average(loss, output.detach(), targets, value.item())
    return value


def _check_average(loss: Any, output: Tensor, targets: Tensor, value: float) -> None:
    """Compare the loss of a batch with those of its two halves, of n1 and n2 samples."""
    n = len(output)
    with torch.no_grad():
        parts = [
            float(loss(output[half], targets[half])) for half in (slice(n // 2), slice(n // 2, n))
        ]
    average = (n // 2) / n * parts[0] + (n - n // 2) / n * parts[1]
    if abs(average - value) > TOLERANCE * max(map(abs, [value, *parts])):
        raise ValueError(
            f"the loss of a batch is {value:.6g}, but that over its halves is {average:.6g}; "
            "it has to be the average over the samples, without weights that depend on the batch"
        )
