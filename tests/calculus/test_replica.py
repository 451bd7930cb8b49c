"""Overlaps of replicas and Gaussian integrals, against explicit matrices and quadrature."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import exp, sqrt
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from bntheory.calculus.replica import determinant, half_line, overlaps, whole_line

own, other, teacher, n = sp.symbols("own other teacher n")
u = sp.Symbol("u", real=True)

numbers = st.integers(-40, 40).map(lambda k: sp.Rational(k, 10))


def matrix(q2: float, g2: float, r: float, replicas: int) -> np.ndarray:
    """Return the overlaps of a teacher of length 1 and replicas."""
    whole = np.full((replicas + 1, replicas + 1), g2)
    np.fill_diagonal(whole, q2)
    whole[0, :] = whole[:, 0] = r
    whole[0, 0] = 1.0
    return whole


@given(numbers, numbers, numbers, st.integers(1, 7))
def test_determinant_of_any_overlaps(
    q2: sp.Rational, g2: sp.Rational, r: sp.Rational, replicas: int
) -> None:
    """Whether or not vectors have such overlaps: it is a polynomial."""
    found = determinant(q2, g2, r, sp.Integer(replicas)) if q2 != g2 or replicas == 1 else 0
    explicit = matrix(float(q2), float(g2), float(r), replicas)
    sizes = np.prod(np.linalg.norm(explicit, axis=1))  # Hadamard
    assert float(found) == pytest.approx(np.linalg.det(explicit), rel=1e-9, abs=1e-12 * sizes)
    given_matrix = overlaps(q2, g2, r, replicas)
    np.testing.assert_array_equal(np.array(given_matrix, dtype=float), explicit)


def test_determinant_in_symbols() -> None:
    """As a polynomial in the overlaps, for up to four replicas."""
    for replicas in (1, 2, 3, 4):
        closed = determinant(own, other, teacher, sp.Integer(replicas))
        explicit = overlaps(own, other, teacher, replicas).det(method="berkowitz")
        assert sp.expand(closed - explicit) == 0


@given(st.floats(0.3, 2.0), st.floats(0.05, 0.95), st.floats(-0.95, 0.95), st.integers(1, 4))
def test_determinant_is_the_squared_volume_of_vectors(
    q: float, part: float, R: float, replicas: int
) -> None:
    """Of vectors that are drawn one after the other, by their lengths across those before."""
    rng = np.random.default_rng(replicas)
    gamma = q * sqrt(part)
    across = np.linalg.qr(rng.standard_normal((12, replicas + 2)))[0].T
    centre = gamma * (R * across[0] + sqrt(1 - R**2) * across[1])
    rows = np.array([across[0], *(centre + sqrt(q**2 - gamma**2) * h for h in across[2:])])
    rest = np.linalg.qr(rows.T, mode="r").diagonal()
    found = determinant(
        sp.Float(q**2, 30), sp.Float(gamma**2, 30), sp.Float(gamma * R, 30), replicas
    )
    assert float(found) == pytest.approx(float(np.prod(rest**2)), rel=1e-8)


def test_determinant_for_few_replicas() -> None:
    """As n -> 0 its logarithm over n is that of a polynomial through whole n; 1 at n = 0."""
    at = {own: sp.Rational(13, 10), other: sp.Rational(7, 10), teacher: sp.Rational(2, 5)}
    closed = determinant(own, other, teacher, n).subs(at)
    assert sp.simplify(closed.subs(n, 0)) == 1
    with mp.workdps(60):

        def rest(k: int) -> mp.mpf:  # det/(own - other)^n is linear in n: a line through 1 and 2
            explicit = mp.matrix(
                [[mp.mpf(x.p) / x.q for x in row] for row in overlaps(*at.values(), k).tolist()]
            )
            return mp.det(explicit) / (mp.mpf(6) / 10) ** k

        slope = rest(2) - rest(1)
        wanted = mp.log(mp.mpf(6) / 10) + slope  # rest(0) is 1
        assert abs(rest(1) - slope - 1) < mp.mpf(10) ** -50
        found = sp.diff(sp.log(closed), n).subs(n, 0).evalf(50)
        assert abs(mp.mpf(str(found)) - wanted) < mp.mpf(10) ** -45


a, b, c = sp.Symbol("a", positive=True), *sp.symbols("b c", real=True)
coefficients = st.tuples(st.floats(0.05, 20.0), st.floats(-6.0, 6.0), st.floats(-3.0, 3.0))


@cache
def closed(form: Callable[[sp.Expr, sp.Symbol], sp.Expr], mirrored: bool = False) -> Any:
    """Return the integral of exp(-a u^2 + b u + c), or with -u, as a function."""
    exponent = -a * u**2 + (-b if mirrored else b) * u + c
    return sp.lambdify((a, b, c), form(exponent, u), "mpmath")


@given(coefficients)
def test_integrals_over_a_line_and_half_of_it(abc: tuple[float, float, float]) -> None:
    """By adaptive quadrature around the peak."""
    steep, pull, level = abc
    peak, reach = abs(pull) / (2 * steep), 12 / sqrt(2 * steep)
    near = min(reach, 3 / (abs(pull) + 0.1))

    def area(side: int) -> float:
        ends = [0.0, *sorted({near, peak, peak + reach / 3}), peak + reach]
        pieces = zip(ends, ends[1:], strict=False)
        return sum(quad(height, *ends, args=(side,), epsabs=0, epsrel=1e-11)[0] for ends in pieces)

    def height(x: float, side: int) -> float:
        return exp(-steep * x * x + side * pull * x + level)

    right, left = area(1), area(-1)
    assert float(closed(whole_line)(*abc)) == pytest.approx(right + left, rel=1e-9)
    with mp.workdps(40):  # of 1 + erf(x) at x << 0 sixteen digits would leave few
        halves = [closed(half_line, mirrored)(*map(mp.mpf, abc)) for mirrored in (False, True)]
    assert [float(half) for half in halves] == pytest.approx([right, left], rel=1e-9)


def test_integrals_in_symbols() -> None:
    """A Boltzmann factor on a field of some spread: its Gaussian integral, by numbers."""
    beta, spread = sp.symbols("beta spread", positive=True)
    m, y = sp.symbols("m y", real=True)
    exponent = sp.expand(-beta * (u - y) ** 2 / 2 - (u - m) ** 2 / (2 * spread))
    forms = {
        low: sp.lambdify((beta, spread, m, y), form(exponent, u), "mpmath")
        for low, form in ((-20.0, whole_line), (0.0, half_line))
    }
    for point in ((0.5, 2.0, -0.3, 1.1), (7.0, 0.1, 0.4, -2.0), (2.0, 1.0, -1.5, -0.2)):
        at_beta, at_spread, at_m, at_y = point

        def height(
            x: float,
            beta: float = at_beta,
            m: float = at_m,
            y: float = at_y,
            spread: float = at_spread,
        ) -> float:
            return exp(-beta * (x - y) ** 2 / 2 - (x - m) ** 2 / 2 / spread)

        for low, form in forms.items():
            pieces = [(low, 0.0), (0.0, 2.0), (2.0, 20.0)] if low else [(0.0, 2.0), (2.0, 20.0)]
            wanted = sum(
                quad(height, *ends, epsabs=0, epsrel=1e-11, limit=200)[0] for ends in pieces
            )
            assert float(form(*point)) == pytest.approx(wanted, rel=1e-9)
