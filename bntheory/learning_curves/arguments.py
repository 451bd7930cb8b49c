"""What a user gives to the solvers and curves: each number inside its domain."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

#: Lower end of each domain, whether it is left out, and whether infinity is allowed.
DOMAINS: dict[str, tuple[float, bool, bool]] = {
    "alpha": (0.0, True, False),
    "S": (0.0, False, False),
    "zeta": (0.0, False, False),
    "ridge": (0.0, False, False),
    "beta": (0.0, True, True),
    "q": (0.0, True, False),
    "M": (1.0, False, False),
}


def number(name: str, value: Any) -> float:
    """Return a float inside the domain of ``name``.

    Raises
    ------
    ValueError
        Naming the argument, the value and the domain.
    """
    try:
        given = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {_short(value)} is not a number") from None
    low, left_open, infinite = DOMAINS[name]
    inside = given > low if left_open else given >= low
    if not inside or (math.isinf(given) and not infinite):
        raise ValueError(
            f"{name} = {given:.12g} is outside its domain, {low:g} {'<' if left_open else '<='} "
            f"{name}{'' if infinite else ' < inf'}"
        )
    return given


def whole(name: str, value: Any, low: int) -> int:
    """Return a whole number that is not below ``low``.

    Raises
    ------
    ValueError
        Naming the argument, the value and the domain.
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < low:
        raise ValueError(f"{name} = {_short(value)} is no whole number, {low} <= {name}")
    return int(value)


def numbers(name: str, values: Any) -> np.ndarray:
    """Return a number or a one-dimensional array, each element inside the domain of ``name``.

    Raises
    ------
    ValueError
        As above, or if there are more dimensions, or no elements.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {_short(values)} is not a number or an array of them") from None
    if array.ndim > 1 or not array.size:
        raise ValueError(f"{name} has shape {array.shape}; it is one number or a 1-D array of them")
    for value in array.flat:
        number(name, value)
    return array


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 40 else text[:37] + "..."
