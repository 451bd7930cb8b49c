"""Expectations over two fields of any scale and correlation, against quadrature and Isserlis."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, pi, sqrt

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from gaussian_plane import over_plane
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from bntheory.calculus.gaussian import (
    NoClosedForm,
    NormalPair,
    by_powers,
    expectation,
    from_angle,
)
from bntheory.calculus.orthants import theta

u, v = sp.symbols("u v", real=True)
scale, R = sp.Symbol("s", positive=True), sp.Symbol("R", real=True)
PAIR = NormalPair(u, v, scale, R)
RELU_U, RELU_V = (sp.Piecewise((z, z > 0), (0, True)) for z in (u, v))
STEP_U = sp.Piecewise((1, u > 0), (0, True))

scales = st.integers(3, 25).map(lambda k: k / 10)
correlations = st.integers(-97, 97).map(lambda k: k / 100)
coefficients = st.lists(st.integers(-3, 3), min_size=1, max_size=3)


def value(expr: sp.Expr, at_scale: float, at_R: float) -> float:
    """Return the value of a function of the scale and R."""
    point = {scale: sp.Rational(str(at_scale)), R: sp.Rational(str(at_R))}
    return float(expr.subs(point).evalf(30))


def kinked(z: sp.Symbol, right: list[int], left: list[int]) -> sp.Expr:
    """Return a function that is one polynomial for z > 0 and another for z < 0."""
    pieces = [sum(c * z**k for k, c in enumerate(side)) for side in (right, left)]
    return sp.Piecewise((pieces[0], z > 0), (pieces[1], True))


@given(coefficients, coefficients, coefficients, coefficients, scales, correlations)
def test_kinks_in_both_fields(
    a: list[int], b: list[int], c: list[int], d: list[int], at_scale: float, at_R: float
) -> None:
    """Random polynomials on either side of 0 in both fields, against adaptive quadrature."""
    integrand = kinked(u, a, b) * kinked(v, c, d) + u * kinked(v, d, a)
    wanted = over_plane(integrand, u, v, at_scale, at_R)
    assert value(expectation(integrand, PAIR), at_scale, at_R) == pytest.approx(
        wanted, rel=1e-7, abs=1e-8
    )


def isserlis(factors: Sequence[sp.Symbol], law: dict[frozenset[sp.Symbol], float]) -> float:
    """Return the mean of a product of Gaussians: the sum over all pairings (Isserlis 1918)."""
    if not factors:
        return 1.0
    if len(factors) % 2:
        return 0.0
    first, *others = factors
    return sum(
        law[frozenset((first, other))] * isserlis([*others[:k], *others[k + 1 :]], law)
        for k, other in enumerate(others)
    )


@given(st.integers(0, 5), st.integers(0, 4), scales, correlations)
def test_polynomials_are_those_of_isserlis(m: int, n: int, at_scale: float, at_R: float) -> None:
    law = {frozenset((u,)): at_scale**2, frozenset((v,)): 1.0, frozenset((u, v)): at_scale * at_R}
    wanted = isserlis([u] * m + [v] * n, law)
    assert value(expectation(u**m * v**n, PAIR), at_scale, at_R) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("at_scale", [0.4, 1.0, 1.7])
@pytest.mark.parametrize("sign", [1, -1])
def test_where_the_fields_are_collinear(at_scale: float, sign: int) -> None:
    """At R = +-1, u = +-s v: one integral over one field, and no nan."""

    def relu(z: float) -> float:
        return max(z, 0.0)

    def height(q: float) -> float:
        p = sign * at_scale * q
        return (p > 0) * p * (relu(q) - relu(p)) * exp(-q * q / 2) / sqrt(2 * pi)

    wanted = quad(height, -12, 0)[0] + quad(height, 0, 12)[0]
    closed = expectation(STEP_U * u * (RELU_V - RELU_U), PAIR)
    assert value(closed, at_scale, sign) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    nearly = value(closed, at_scale, sign * (1 - 1e-12))
    assert nearly == pytest.approx(wanted, rel=1e-5, abs=1e-5)


@given(coefficients, coefficients, scales, correlations)
def test_reflecting_one_field_turns_the_correlation(
    a: list[int], b: list[int], at_scale: float, at_R: float
) -> None:
    integrand = kinked(u, a, b) * RELU_V
    mirrored = integrand.subs(u, -u)
    straight = value(expectation(integrand, PAIR), at_scale, at_R)
    assert straight == pytest.approx(
        value(expectation(mirrored, PAIR), at_scale, -at_R), rel=1e-10, abs=1e-10
    )


def test_error_functions_are_reached_too() -> None:
    """E[erf(u) erf(v)], against quadrature; and a sum that only one of both methods reaches."""
    closed = expectation(sp.erf(u) * sp.erf(v) + 3 * u * v, PAIR)
    wanted = over_plane(sp.erf(u) * sp.erf(v) + 3 * u * v, u, v, 1.3, -0.4)
    assert value(closed, 1.3, -0.4) == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize(
    "integrand",
    [
        sp.tanh(u) * v,
        sp.erf(u) ** 4,
        sp.erf(u) ** 3 * sp.erf(v),
        sp.erf(u + 1),
        sp.exp(u),
        1 / (1 + u**2),
        sp.Piecewise((u, u > 1), (0, True)),
        sp.Piecewise((sp.erf(u), u > 0), (0, True)) * v,
    ],
    ids=str,
)
def test_what_neither_method_reaches(integrand: sp.Expr) -> None:
    with pytest.raises(NoClosedForm, match="no closed form"):
        expectation(integrand, PAIR)


directions = st.tuples(st.integers(-5, 5), st.integers(-5, 5))


@given(directions, directions, scales, correlations)
def test_covariance_of_combinations(
    a: tuple[int, int], b: tuple[int, int], at_scale: float, at_R: float
) -> None:
    """Against a quadratic form of an explicit mixing matrix: u = s p, v = R p + sqrt(1-R^2) z."""
    mixing = np.array([[at_scale, 0.0], [at_R, sqrt(1 - at_R**2)]])
    wanted = np.array(a) @ mixing @ mixing.T @ np.array(b)
    got = PAIR.covariance_of(a[0] * u + a[1] * v, b[0] * u + b[1] * v)
    assert value(sp.sympify(got), at_scale, at_R) == pytest.approx(wanted, abs=1e-9)


def test_covariance_is_that_of_a_sample() -> None:
    rng = np.random.default_rng(1)
    p, z = rng.standard_normal((2, 400_000))
    fields = np.array([1.3 * p, 0.6 * p + 0.8 * z])
    got = np.array(PAIR.covariance.subs({scale: 1.3, R: 0.6}), dtype=float)
    np.testing.assert_allclose(got, np.cov(fields), atol=0.02)


@given(st.integers(1, 313).map(lambda k: k / 100))
def test_angles_are_written_in_their_cosine(angle: float) -> None:
    expr = sp.sin(theta) ** 3 + theta * sp.cos(theta) - theta**2
    with mp.workdps(30):
        x = mp.mpf(angle)
        wanted = mp.sin(x) ** 3 + x * mp.cos(x) - x**2
    got = from_angle(expr, R).subs(R, sp.cos(sp.Float(angle, 30))).evalf(25)
    assert float(got) == pytest.approx(float(wanted), rel=1e-12, abs=1e-12)


def test_collecting_powers_keeps_the_value() -> None:
    expr = sp.expand((1 + scale * R / 3) ** 3 * (scale - R / 7) + sp.sqrt(2) * scale)
    tidy = by_powers(expr, scale)
    for a, b in ((0.3, 0.2), (2.0, -0.7)):
        wanted = (1 + a * b / 3) ** 3 * (a - b / 7) + sqrt(2) * a
        assert value(tidy, a, b) == pytest.approx(wanted, rel=1e-12)
    assert len(tidy.args) == 5  # one term for each power, 0 to 4
