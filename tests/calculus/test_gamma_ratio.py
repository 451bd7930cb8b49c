"""The series of gamma functions against mpmath at many digits, and against DLMF 5.11.13."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from bntheory.calculus.gamma_ratio import algebraic, coefficients
from bntheory.notation import SYMBOLS

M = SYMBOLS["M"]
ROOTS = sp.sqrt(M) * sp.sqrt(M + 1)

#: f(M) f(M + 1), by hand, and f.
SERIES: dict[str, tuple[sp.Expr, Callable[[Any], Any]]] = {
    "mean of 1/sigma_B": (
        ROOTS / (M - 2),
        lambda m: mp.sqrt(m / 2) * mp.gammaprod([(m - 2) / 2], [(m - 1) / 2]),
    ),
    "mean of sigma_B": (
        (M - 1) / ROOTS,
        lambda m: mp.sqrt(2 / m) * mp.gammaprod([m / 2], [(m - 1) / 2]),
    ),
    "no gamma function": ((1 + 1 / M) * (1 + 1 / (M + 1)), lambda m: 1 + 1 / m),
}
ORDER = 12


def fitted(f: Callable[[Any], Any], order: int) -> list[Any]:
    """Return the coefficients of 1, 1/M, ... of f, from its values at 40 sizes."""
    with mp.workdps(250):
        sizes = [mp.mpf(1000 * (k + 1)) for k in range(order + 28)]
        matrix = mp.matrix([[m**-k for k in range(len(sizes))] for m in sizes])
        return list(mp.lu_solve(matrix, mp.matrix([f(m) for m in sizes])))[: order + 1]


@pytest.fixture(scope="module")
def values() -> dict[str, list[Any]]:
    return {name: fitted(f, ORDER) for name, (_, f) in SERIES.items()}


@pytest.mark.parametrize("name", SERIES)
def test_coefficients_are_those_of_the_values(name: str, values: dict[str, list[Any]]) -> None:
    found = coefficients(SERIES[name][0], ORDER)
    assert len(found) == ORDER + 1 and all(isinstance(c, sp.Rational) for c in found)
    for k, (coefficient, expected) in enumerate(zip(found, values[name], strict=True)):
        assert abs(mp.mpf(coefficient.p) / coefficient.q - expected) < 1e-9, k


@pytest.mark.parametrize(
    "wrong",
    [
        ROOTS / (M - 3),
        ROOTS / (M + 2),
        (M + 1) / (M - 2),
        M / (M - 2),
        ROOTS / (M - 2) + M**-6,
    ],
    ids=str,
)
def test_another_recurrence_has_other_coefficients(
    wrong: sp.Expr, values: dict[str, list[Any]]
) -> None:
    found = coefficients(wrong, 8)
    expected = values["mean of 1/sigma_B"]
    gaps = [abs(mp.mpf(c.p) / c.q - v) for c, v in zip(found, expected, strict=False)]
    assert max(gaps) > 1e-3


def test_a_shorter_series_is_the_beginning_of_a_longer_one() -> None:
    recurrence = SERIES["mean of 1/sigma_B"][0]
    assert coefficients(recurrence, 3) == coefficients(recurrence, 9)[:4]
    assert coefficients(recurrence, 0) == (1,)


def test_the_first_coefficients_are_the_published_ones() -> None:
    """DLMF 5.11.13, 5.11.17 at z = M/2: of Gamma(z + a)/Gamma(z + b) over z^(a - b)."""
    for name, a, b in (
        ("mean of 1/sigma_B", -1, -sp.Rational(1, 2)),
        ("mean of sigma_B", 0, -sp.Rational(1, 2)),
    ):
        first = (a - b) * (a + b - 1) / 2
        second = sp.binomial(a - b, 2) * (3 * (a + b - 1) ** 2 - (a - b + 1)) / 12
        expected = (1, 2 * first, 4 * sp.expand_func(second))
        assert coefficients(SERIES[name][0], 2) == expected


@given(shifts=st.tuples(*[st.integers(-3, 4)] * 2), half=st.booleans())
def test_gamma_functions_a_whole_number_apart(shifts: tuple[int, int], half: bool) -> None:
    """Nothing but a rational function is left, with the values of the gamma functions."""
    above, below = (M / 2 + k + sp.Rational(int(half), 2) for k in shifts)
    found = algebraic(sp.gamma(above) / sp.gamma(below))
    assert not found.has(sp.gamma)
    with mp.workdps(30):
        for m in (mp.mpf("9.3"), mp.mpf(11), mp.mpf("40.7")):
            up, low = (mp.gamma(m / 2 + k + mp.mpf(int(half)) / 2) for k in shifts)
            assert abs(mp.mpf(sp.N(found.subs(M, sp.Float(m, 30)), 30)) / (up / low) - 1) < 1e-20


def test_products_at_neighbours_are_algebraic() -> None:
    """Both series, at M and at M + 1."""
    std = sp.sqrt(2 / M) * sp.gamma(M / 2) / sp.gamma((M - 1) / 2)
    inverse = sp.sqrt(M / 2) * sp.gamma(M / 2 - 1) / sp.gamma((M - 1) / 2)
    for expr, name in ((std, "mean of sigma_B"), (inverse, "mean of 1/sigma_B")):
        f = SERIES[name][1]
        found = algebraic(expr * expr.subs(M, M + 1))
        assert not found.has(sp.gamma)
        for m in (5, 17.5, 300):
            expected = f(mp.mpf(m)) * f(mp.mpf(m) + 1)
            assert abs(float(found.subs(M, sp.Float(m, 30))) / float(expected) - 1) < 1e-12
