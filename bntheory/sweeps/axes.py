"""What is swept over: ``--over eta=0.5,1,2 --over zeta=0:0.5:6 --over seed=0:199:200``.

An axis is a name with its values: they stand there with commas between them, or as ``a:b:n``, n
values from a to b, evenly spaced.  Every statement can be swept over ``seed`` and ``N``, the
neurons; others are the keyword-only arguments of the function ``at`` of its module in
``validation``, where annotations say what they take.
"""

from __future__ import annotations

import inspect
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Literal, get_args, get_origin

Value = float | int | str

#: What the axes take that every statement has.
OF_ALL: dict[str, Any] = {"seed": int, "N": int}

#: A dataset has a file or two for each task.
MOST = 100_000

#: Whole numbers are of 64 bits.
LOW, HIGH = -(2**63), 2**63 - 1


class BadAxis(ValueError):
    """An axis is not there, or has no such values."""


@dataclass(frozen=True)
class Axis:
    """A name, and the values that it takes.

    Attributes
    ----------
    name : str
    values : tuple
        Of one type, and all different.
    """

    name: str
    values: tuple[Value, ...]

    def __str__(self) -> str:
        shown = [f"{value:g}" if isinstance(value, float) else str(value) for value in self.values]
        if len(shown) <= 8:
            return f"{self.name} = {', '.join(shown)}"
        return f"{self.name} = {shown[0]}, {shown[1]} ... {shown[-1]} ({len(shown)} values)"


def offered(module: Any) -> dict[str, Any]:
    """Return the axes of a statement, each with the type of its values.

    Parameters
    ----------
    module : module
        Of ``validation``.

    Returns
    -------
    dict
        float, int, or a Literal of names.
    """
    own: dict[str, Any] = {}
    if hasattr(module, "at"):
        parameters = inspect.signature(module.at, eval_str=True).parameters.values()
        own = {each.name: each.annotation for each in parameters if each.kind is each.KEYWORD_ONLY}
    return {**own, **OF_ALL}


def axes(id: str, texts: Sequence[str], known: dict[str, Any]) -> tuple[Axis, ...]:
    """Read axes.

    Parameters
    ----------
    id : str
        Of the statement, for what is said of it.
    texts : sequence of str
        Each is ``NAME=VALUES``.
    known : dict
        As :func:`offered` returns it.

    Raises
    ------
    BadAxis
        In one line: what is wrong, and what would do.
    """
    found: dict[str, Axis] = {}
    for text in texts:
        name, _, values = text.partition("=")
        if not values:
            raise BadAxis(f"{text!r} is no axis; one is eta=0.5,1,2 or eta=0:1:11, for instance")
        if name not in known:
            raise BadAxis(f"{id} has no axis {name!r}; it has {', '.join(known)}")
        if name in found:
            raise BadAxis(f"the axis {name} is given twice")
        found[name] = Axis(name, _values(name, values, known[name]))
    tasks = math.prod(len(axis.values) for axis in found.values())
    if tasks > MOST:
        raise BadAxis(f"{tasks} tasks are too many for one dataset, which takes {MOST}")
    return tuple(found.values())


def points(swept: Sequence[Axis]) -> Iterator[tuple[tuple[int, ...], dict[str, Value]]]:
    """Yield each point of the product of axes: where it is, and its values by name."""
    for each in product(*(enumerate(axis.values) for axis in swept)):
        where, values = zip(*each, strict=True)
        yield where, dict(zip((axis.name for axis in swept), values, strict=True))


def _values(name: str, text: str, kind: Any) -> tuple[Value, ...]:
    """Return the values of an axis, all different."""
    values: list[Value]
    if get_origin(kind) is Literal:
        values = [*_names(name, text, kind)]
    else:
        values = [_typed(name, number, kind) for number in _numbers(name, text)]
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise BadAxis(f"{name} = {twice[0]} is there twice")
    return tuple(values)


def _names(name: str, text: str, kind: Any) -> Iterator[str]:
    for each in text.split(","):
        if each not in get_args(kind):
            raise BadAxis(f"{name} = {each!r}; it takes {', '.join(get_args(kind))}")
        yield each


def _numbers(name: str, text: str) -> Iterator[Decimal]:
    """Yield numbers exactly as they are written, so that ends and whole numbers are met."""
    if ":" not in text:
        yield from (_number(name, each) for each in text.split(","))
        return
    parts = text.split(":")
    if len(parts) != 3:
        raise BadAxis(f"{name} = {text!r}; evenly spaced values are FIRST:LAST:HOW MANY")
    first, last = (_number(name, each) for each in parts[:2])
    many = int(parts[2]) if parts[2].isdecimal() and len(parts[2]) < 10 else 0
    if not 2 <= many <= MOST:
        raise BadAxis(f"{name} = {text!r}; how many is a whole number from 2 to {MOST}")
    yield from (first + (last - first) * k / (many - 1) for k in range(many))


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadAxis(f"{name} = {text!r} is no number") from None
    if not (number.is_finite() and math.isfinite(float(number))):
        raise BadAxis(f"{name} = {text} is no finite number")
    return number


def _typed(name: str, number: Decimal, kind: Any) -> float | int:
    if kind is float:
        return float(number)
    low = 1 if name == "N" else LOW
    if not low <= number <= HIGH:
        raise BadAxis(f"{name} = {number:.12g} is outside its domain, {low} <= {name} <= {HIGH}")
    if number != number.to_integral_value():
        raise BadAxis(f"{name} = {number:.12g} is no whole number")
    return int(number)
