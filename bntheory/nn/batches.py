"""The batches of a loader, the same in every pass, checked and on the device of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from bntheory.nn.state import RandomState


@dataclass
class Batches:
    """Pairs of input and target, as often as they are asked for.

    Attributes
    ----------
    loader : iterable of (Tensor, target)
    device : torch.device
        Where the tensors are moved.
    random : RandomState
        Restarted with ``seed`` in front of each pass, so that a loader that shuffles or augments
        gives the same samples in the same order.
    integers : bool
        Whether inputs may be integers.
    samples, first : int
        How many samples a pass has, and how many its first batch.
    """

    loader: Iterable[Any]
    device: torch.device
    random: RandomState
    seed: int
    integers: bool
    samples: int | None = field(default=None, init=False)
    first: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[tuple[Tensor, Any]]:
        self.random.seed(self.seed)
        samples = 0
        for place, batch in enumerate(self.loader):
            inputs, targets = self._checked(place, batch)
            if place == 0:
                self.first = len(inputs)
            samples += len(inputs)
            yield inputs.to(self.device), _moved(targets, self.device)
        if self.samples not in (None, samples):
            raise ValueError(f"the loader gave {self.samples} samples at first and {samples} later")
        if not samples:
            raise ValueError("the loader gives no batches")
        self.samples = samples

    def _checked(self, place: int, batch: Any) -> tuple[Tensor, Any]:
        if not (isinstance(batch, (tuple, list)) and len(batch) == 2):
            size = f" and length {len(batch)}" if isinstance(batch, (tuple, list)) else ""
            raise TypeError(
                f"batch {place} is of type {type(batch).__name__}{size}, no pair (input, target)"
            )
        inputs, targets = batch
        if not isinstance(inputs, Tensor):
            raise TypeError(
                f"the input of batch {place} is of type {type(inputs).__name__}, no tensor"
            )
        if not inputs.ndim or not len(inputs):
            raise ValueError(
                f"the input of batch {place} has no samples, but shape {tuple(inputs.shape)}"
            )
        if not (inputs.is_floating_point() or self.integers):
            raise TypeError(
                f"the input of batch {place} is of type {inputs.dtype}; a model without an "
                "embedding takes floating-point numbers"
            )
        if not inputs.isfinite().all():
            raise ValueError(f"the input of batch {place} holds nan or inf")
        return inputs, targets


def _moved(targets: Any, device: torch.device) -> Any:
    """Return the targets with every tensor among them moved."""
    if isinstance(targets, Tensor):
        return targets.to(device)
    if isinstance(targets, dict):
        return {key: _moved(value, device) for key, value in targets.items()}
    if type(targets) in (tuple, list):
        return type(targets)(_moved(value, device) for value in targets)
    return targets
