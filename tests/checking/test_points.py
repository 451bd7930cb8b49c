"""Sample points lie in the domains of the notation."""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational

import mpmath as mp
import pytest
import sympy as sp

from bntheory.checking import sample
from bntheory.checking.points import DIMENSION, number
from bntheory.notation import QUANTITIES, SYMBOLS, Quantity

NUMBERS = [q for q in QUANTITIES if q.domain is not None]
VECTORS = [q for q in QUANTITIES if q.domain is None and isinstance(q.symbol, sp.Symbol)]


@pytest.mark.parametrize("quantity", NUMBERS, ids=lambda q: q.name)
def test_numbers_lie_inside_their_domain(quantity: Quantity) -> None:
    values = [point[quantity.symbol] for point in sample([quantity.symbol], points=60)]
    assert quantity.domain is not None
    assert all(quantity.domain.interior.contains(sp.Rational(value)) for value in values)
    assert all(isinstance(value, Rational) for value in values)  # the same at every precision
    assert len(set(values)) > 25


@pytest.mark.parametrize("quantity", VECTORS, ids=lambda q: q.name)
def test_vectors_are_explicit(quantity: Quantity) -> None:
    values = [point[quantity.symbol] for point in sample([quantity.symbol], points=10)]
    assert all(len(value) == DIMENSION for value in values)
    assert len(set(values)) == 10


def test_overlaps_reach_both_signs_and_rates_both_sides_of_one() -> None:
    R, eta = SYMBOLS["R"], SYMBOLS["eta"]
    points = sample([R, eta], points=60)
    assert min(p[R] for p in points) < -0.5 and max(p[R] for p in points) > 0.5
    assert min(p[eta] for p in points) < 0.5 and max(p[eta] for p in points) > 2


def test_symbols_that_are_not_in_the_notation() -> None:
    """Their assumptions are their domain."""
    free, size = sp.Symbol("free", real=True), sp.Dummy("size", positive=True)
    points = sample([free, size], points=60)
    assert any(p[free] < 0 for p in points) and any(p[free] > 0 for p in points)
    assert all(p[size] > 0 for p in points)
    assert min(p[size] for p in points) < 0.5 and max(p[size] for p in points) > 2


def test_the_seed_decides() -> None:
    symbols = [SYMBOLS[name] for name in ("R", "gamma", "w")]
    assert sample(symbols) == sample(reversed(symbols))
    assert sample(symbols) != sample(symbols, seed=1)


def test_coordinates_take_the_working_precision() -> None:
    with mp.workdps(60):
        for third in (number(sp.Rational(1, 3)), number(Fraction(1, 3))):
            assert isinstance(third, mp.mpf) and abs(3 * third - 1) < mp.mpf(10) ** -59
        vector = number((Fraction(1, 7), sp.Integer(2)))
        assert abs(7 * vector[0] - 1) < mp.mpf(10) ** -58 and vector[1] == 2
        assert number(mp.mpf("0.5")) == mp.mpf("0.5")  # a number already
