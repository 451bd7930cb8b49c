"""The loss of a batch: a scalar, and the average over the samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from bntheory.nn.normalization import NotFinite

#: How far the loss of a batch may be from the average over its parts, relative; or 50 roundings.
TOLERANCE = 1e-4


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
        raise NotFinite(f"the loss of a batch is {value.item()}")
    if not value.requires_grad:
        raise ValueError("the loss has no gradient at any layer of batch normalization")
    if isinstance(output, Tensor) and isinstance(targets, Tensor) and output.ndim and targets.ndim:
        if len(output) == len(targets) > 1:
            _check_average(loss, output.detach(), targets, value.item())
    return value


def _check_average(loss: Any, output: Tensor, targets: Tensor, value: float) -> None:
    """Compare the loss of a batch with those of its halves, and of one sample and the rest."""
    n = len(output)
    rounding = torch.finfo(output.dtype).eps if output.is_floating_point() else 0.0
    for cut in {n // 2, 1}:
        with torch.no_grad():
            parts = [
                float(loss(output[part], targets[part])) for part in (slice(cut), slice(cut, n))
            ]
        average = cut / n * parts[0] + (n - cut) / n * parts[1]
        if abs(average - value) > max(TOLERANCE, 50 * rounding) * max(map(abs, [value, *parts])):
            raise ValueError(
                f"the loss of a batch is {value:.6g}, but averaged over its parts {average:.6g}; "
                "it has to be the average over the samples, without weights that depend on the "
                "batch"
            )
