"""What a simulation is given: each number inside its domain."""

from __future__ import annotations

import math
import numbers
from collections.abc import Collection
from typing import Any


def inside(name: str, value: Any, low: float, high: float = math.inf, ends: str = "[)") -> float:
    """Return a float inside its domain.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : float
        What it is.
    low, high : float
        The ends of the domain.
    ends : {"[)", "()"}
        Whether the lower end belongs to it; the upper one does not.

    Raises
    ------
    ValueError
        Naming the argument, the value and the domain.
    """
    if not isinstance(value, numbers.Real):
        raise ValueError(f"{name} = {value!r} is not a number")
    number = float(value)
    if not (low <= number < high) or (number == low and ends == "()"):
        left = f"{low:g} {'<' if ends == '()' else '<='} {name}"
        right = "" if high == math.inf else f" < {high:g}"
        raise ValueError(f"{name} = {number:.12g} is outside its domain, {left}{right}")
    return number


def whole_number(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Return an integer inside its domain, both ends included.

    Raises
    ------
    ValueError
        Naming the argument, the value and the domain.
    """
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise ValueError(f"{name} = {value!r} is not a whole number")
    number = int(value)
    if number < low or (high is not None and number > high):
        right = "" if high is None else f" <= {high}"
        raise ValueError(f"{name} = {number} is outside its domain, {low} <= {name}{right}")
    return number


def one_of(name: str, value: Any, known: Collection[str], plural: str) -> str:
    """Return a name that is known.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not (isinstance(value, str) and value in known):
        raise ValueError(f"{name} = {value!r}; the {plural} are {', '.join(known)}")
    return value
