"""How far a printed form is off, over the range that the paper uses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

#: Batch sizes, decays, and loads of the paper's examples and figures.
PAPER_BATCHES: tuple[float, ...] = tuple(float(2**k) for k in range(3, 11))
PAPER_DECAYS: tuple[float, ...] = tuple(k / 20 for k in range(11))
PAPER_LOADS: tuple[float, ...] = (0.1, 0.2, *(k / 4 for k in range(1, 17)))


@dataclass(frozen=True)
class Gap:
    """The largest difference of what is printed from what holds.

    Attributes
    ----------
    quantity : str
        What is compared.
    over : str
        The range, in words.
    largest : float
        The difference, over the larger of both sizes: 0 where they agree, 1 where one of them is 0
        or without bound, up to 2 where the signs differ.
    at : str
        Where it is largest.
    """

    quantity: str
    over: str
    largest: float
    at: str


def apart(printed: float, right: float) -> float:
    """Return how far two numbers are apart, over the larger of both sizes."""
    if printed == right:
        return 0.0
    if not (math.isfinite(printed) and math.isfinite(right)):
        return 1.0
    return abs(printed - right) / max(abs(printed), abs(right))


def widest(
    quantity: str,
    printed: Callable[..., float],
    right: Callable[..., float],
    **over: Sequence[float],
) -> Gap:
    """Compare two functions over a grid.

    Parameters
    ----------
    quantity : str
        What both give.
    printed, right : callable
        Functions of the arguments named in ``over``.
    **over : sequence of float
        The values of each argument.
    """
    points = [dict(zip(over, values, strict=True)) for values in product(*over.values())]
    found = [(apart(float(printed(**at)), float(right(**at))), at) for at in points]
    largest, where = max(found, key=lambda pair: pair[0])
    return Gap(quantity, ranges(over), largest, place(where))


def ranges(over: Mapping[str, Iterable[float]]) -> str:
    """Say in words over which values something is compared."""
    parts = []
    for name, values in over.items():
        low, high = min(values), max(values)
        parts.append(f"{name} = {low:g}" if low == high else f"{name} from {low:g} to {high:g}")
    return ", ".join(parts)


def place(at: Mapping[str, Any]) -> str:
    """Say in words where a point is."""
    return ", ".join(f"{name} = {value:.3g}" for name, value in at.items())
