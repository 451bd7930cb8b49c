"""Random points of the domain of a derivation's symbols."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath as mp
import sympy as sp

from bntheory.notation import BY_NAME

POINTS = 5
SEED = 2019
DIMENSION = 3  # of the explicit vectors that stand in for w, w* and x

Point = Mapping[sp.Symbol, Any]


@cache
def _range(symbol: sp.Symbol) -> tuple[float, float] | None:
    """Return the ends of the domain of a number, None for a vector."""
    quantity = BY_NAME.get(symbol.name)
    if quantity is None:
        return (0.0, float("inf")) if symbol.is_nonnegative else (-float("inf"), float("inf"))
    if quantity.domain is None:
        return None
    return float(quantity.domain.inf), float(quantity.domain.sup)


def _draw(symbol: sp.Symbol, rng: random.Random) -> Any:
    """Draw a value inside the domain of ``symbol``, away from its ends.

    Numbers are fractions, so that they are the same at every working precision.
    """
    ends = _range(symbol)
    if ends is None:
        return tuple(Fraction(rng.randint(-30, 30), 7) for _ in range(DIMENSION))
    low, high = (Fraction(end) if abs(end) < float("inf") else None for end in ends)
    if low is not None and high is not None:
        return low + Fraction(rng.randint(1, 98), 100) * (high - low)
    if low is not None:  # half a line: factors between 1/4 and 4
        return low + Fraction(rng.randint(100, 400), 100) ** rng.choice((-1, 1))
    return Fraction(rng.randint(-300, 300), 100)


def sample(symbols: Iterable[sp.Symbol], points: int = POINTS, seed: int = SEED) -> list[Point]:
    """Return random points of the domain of ``symbols``, the same ones for the same seed."""
    rng = random.Random(seed)
    ordered = sorted(symbols, key=lambda symbol: symbol.name)
    return [{symbol: _draw(symbol, rng) for symbol in ordered} for _ in range(points)]


def strangers(expr: sp.Basic, known: Iterable[sp.Symbol]) -> Point:
    """Return values for symbols that an expression should not have: they must not matter."""
    return sample(expr.free_symbols - set(known), points=1)[0]


def number(value: Any) -> Any:
    """Return a coordinate at the working precision of mpmath."""
    if isinstance(value, Fraction):
        return mp.mpf(value.numerator) / value.denominator
    if isinstance(value, tuple):
        return mp.matrix([number(component) for component in value])
    if isinstance(value, sp.Rational):
        return mp.mpf(int(value.p)) / int(value.q)
    return value
