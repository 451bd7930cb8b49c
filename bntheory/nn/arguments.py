"""What a user gives: each argument inside its domain."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import Any

import torch
from torch.nn.parameter import is_lazy
from torch.utils.data import Dataset, IterableDataset


def whole_number(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Return an integer inside its domain.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, the value and the domain.
    """
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"{name} = {_short(value)} is not an integer")
    number = int(value)
    if number < low or (high is not None and number > high):
        upper = "" if high is None else f" <= {high}"
        raise ValueError(f"{name} = {number} is outside its domain, {low} <= {name}{upper}")
    return number


def known_statistics(value: Any) -> None:
    """Check that there is such a kind of statistics.

    Raises
    ------
    ValueError
        If there is not.
    """
    if not (isinstance(value, str) and value in ("data", "running")):
        raise ValueError(f"statistics = {_short(value)} is neither 'data' nor 'running'")


def usable_model(model: Any) -> None:
    """Check the model.

    Raises
    ------
    TypeError, ValueError
        If it is no module, or if it does not know the sizes of its layers yet.
    """
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"model is of type {type(model).__name__}, no torch.nn.Module")
    if any(map(is_lazy, [*model.parameters(), *model.buffers()])):
        raise ValueError("the model has lazy layers; run it once on a batch to give them sizes")


def repeatable(loader: Any) -> None:
    """Check that the loader can be read several times.

    Raises
    ------
    TypeError
        If it cannot.
    """
    kind = type(loader).__name__
    if isinstance(loader, Iterator):
        raise TypeError(
            f"loader, of type {kind}, can be read once only; give a list of batches or a DataLoader"
        )
    if isinstance(loader, Dataset) and not isinstance(loader, IterableDataset):
        raise TypeError(f"loader, of type {kind}, gives single samples; put it in a DataLoader")
    if not (hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")):
        raise TypeError(f"loader, of type {kind}, gives no batches")


def place_of(model: torch.nn.Module, device: Any) -> torch.device:
    """Return the device that is asked for, or the one of the model's first parameter or buffer.

    Raises
    ------
    ValueError
        If torch knows no such device.
    """
    if device is None:
        tensors = (*model.parameters(), *model.buffers())
        return tensors[0].device if tensors else torch.device("cpu")
    try:
        return torch.device(device)
    except (RuntimeError, TypeError):
        raise ValueError(f"device = {_short(device)} is no device that torch knows") from None


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 40 else text[:37] + "..."
