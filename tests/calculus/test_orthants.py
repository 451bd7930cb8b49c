"""Quadrant moments, against adaptive quadrature and against known numbers."""

from __future__ import annotations

from math import asin, cos, exp, factorial, gamma, pi, sqrt

import pytest
import sympy as sp
from gaussian_plane import QUADRANTS, over_plane, over_quadrant
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from bntheory.calculus.orthants import (
    NotPiecewisePolynomial,
    expectation,
    on_quadrant,
    quadrant_moment,
    radial,
    sector,
    theta,
)

p, q = sp.symbols("p q", real=True)
correlations = st.integers(-97, 97).map(lambda k: k / 100)
powers = st.integers(0, 4)


def at(moment: sp.Expr, R: float) -> float:
    """Return an expression in the angle at the correlation R = cos(theta)."""
    return float(moment.subs(theta, sp.acos(sp.Rational(str(R)))).evalf(30))


@given(powers, powers, correlations)
def test_quadrant_moments_are_those_of_quadrature(m: int, n: int, R: float) -> None:
    wanted = over_quadrant(lambda a, b: a**m * b**n, 1.0, R)
    assert at(quadrant_moment(m, n), R) == pytest.approx(wanted, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("k", range(9))
def test_radial_integral_is_that_of_quadrature(k: int) -> None:
    wanted = quad(lambda r: r ** (k + 1) * exp(-r * r / 2), 0, 40)[0]
    assert float(radial(k)) == pytest.approx(wanted, rel=1e-9)


@given(powers, powers, st.integers(2, 312).map(lambda k: k / 100))
def test_sector_integral_is_that_of_quadrature(m: int, n: int, angle: float) -> None:
    wanted = quad(lambda phi: cos(phi) ** m * cos(phi - angle) ** n, angle - pi / 2, pi / 2)[0]
    assert float(sector(m, n).subs(theta, angle)) == pytest.approx(wanted, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("R", [-0.9, -0.3, 0.0, 0.25, 0.99])
def test_known_numbers(R: float) -> None:
    """Sheppard (1899) for the mass of the quadrant; Cho & Saul (2009) for the mean of p q."""
    assert at(quadrant_moment(0, 0), R) == pytest.approx(0.25 + asin(R) / (2 * pi), rel=1e-12)
    arc_cosine = (sqrt(1 - R * R) + R * (pi / 2 + asin(R))) / (2 * pi)
    assert at(quadrant_moment(1, 1), R) == pytest.approx(arc_cosine, rel=1e-12)
    assert at(quadrant_moment(1, 0), R) == pytest.approx((1 + R) / sqrt(8 * pi), rel=1e-12)


@pytest.mark.parametrize("m", range(5))
@pytest.mark.parametrize("n", range(5))
def test_where_the_fields_coincide_or_oppose(m: int, n: int) -> None:
    """At R = 1 the half-moment of one Gaussian, at R = -1 an empty quadrant; no nan at either."""
    half = 2 ** ((m + n) / 2) * gamma((m + n + 1) / 2) / (2 * sqrt(pi))
    assert at(quadrant_moment(m, n), 1) == pytest.approx(half, rel=1e-12)
    assert at(quadrant_moment(m, n), -1) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("m", range(0, 7, 2))
@pytest.mark.parametrize("n", range(0, 7, 2))
def test_independent_fields_factorize(m: int, n: int) -> None:
    """At R = 0, E[p^m] E[q^n] with the double factorial (2k - 1)!! = (2k)! / (2^k k!)."""
    a, b = (factorial(k) / (2 ** (k // 2) * factorial(k // 2)) for k in (m, n))
    assert at(expectation(p**m * q**n, p, q), 0) == pytest.approx(a * b, rel=1e-12)


coefficients = st.lists(st.integers(-3, 3), min_size=1, max_size=3)


def piecewise(z: sp.Symbol, right: list[int], left: list[int]) -> sp.Expr:
    """Return a function that is one polynomial for z > 0 and another for z < 0."""
    return sp.Piecewise(
        (sum(c * z**k for k, c in enumerate(right)), z > 0),
        (sum(c * z**k for k, c in enumerate(left)), True),
    )


@given(coefficients, coefficients, coefficients, coefficients, correlations)
def test_expectation_of_piecewise_polynomials(
    a: list[int], b: list[int], c: list[int], d: list[int], R: float
) -> None:
    integrand = piecewise(p, a, b) * piecewise(q, c, d) + piecewise(p, c, a)
    value = at(expectation(integrand, p, q), R)
    assert value == pytest.approx(over_plane(integrand, p, q, 1.0, R), rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("signs", QUADRANTS)
def test_pieces_are_read_on_each_quadrant(signs: tuple[int, int]) -> None:
    """The polynomial in |p|, |q| takes the value of the integrand there."""
    integrand = piecewise(p, [1, 2, 3], [4, -5]) * sp.Abs(q) + sp.sign(p) * q**2
    polynomial = on_quadrant(integrand, p, q, signs)
    for size_p, size_q in ((sp.Rational(1, 3), 2), (5, sp.Rational(7, 2))):
        there = integrand.subs({p: signs[0] * size_p, q: signs[1] * size_q})
        assert polynomial.eval((size_p, size_q)) == there


@pytest.mark.parametrize(
    "integrand",
    [
        sp.sin(p),
        sp.exp(-(p**2)),
        1 / p,
        sp.sqrt(sp.Abs(p)),
        sp.erf(q),
        sp.tanh(p) * q,
        sp.Piecewise((p, p > 1), (0, True)),
        sp.Max(p, q),
    ],
    ids=str,
)
def test_what_is_not_polynomial_on_quadrants_is_refused(integrand: sp.Expr) -> None:
    with pytest.raises(NotPiecewisePolynomial):
        expectation(integrand, p, q)
