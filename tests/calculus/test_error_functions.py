"""Powers, Gaussians and error functions, against the trapezoidal rule on a fine grid."""

from __future__ import annotations

from math import asin, pi, sqrt

import numpy as np
import pytest
import sympy as sp
from gaussian_plane import smooth
from hypothesis import given
from hypothesis import strategies as st

from bntheory.calculus.error_functions import NotReached, expectation

u, v = Z = sp.symbols("u v", real=True)
tenths = st.integers(-12, 12).map(lambda k: sp.Rational(k, 10))
directions = st.tuples(tenths, tenths)


@st.composite
def covariances(draw: st.DrawFn) -> sp.Matrix:
    """Draw a positive definite covariance."""
    a, b = (sp.Rational(draw(st.integers(3, 15)), 10) for _ in range(2))
    c = sp.Rational(draw(st.integers(-95, 95)), 100) * a * b
    return sp.Matrix([[a**2, c], [c, b**2]])


def as_array(covariance: sp.Matrix) -> np.ndarray:
    return np.array(covariance.tolist(), dtype=float)


def along(direction: tuple[sp.Rational, sp.Rational]) -> sp.Expr:
    return direction[0] * u + direction[1] * v


@given(
    covariances(),
    st.integers(0, 3),
    st.integers(0, 3),
    st.lists(directions, max_size=2),
    st.lists(directions, max_size=2),
)
def test_products_of_powers_gaussians_and_error_functions(
    covariance: sp.Matrix,
    m: int,
    n: int,
    gaussians: list[tuple[sp.Rational, sp.Rational]],
    erfs: list[tuple[sp.Rational, sp.Rational]],
) -> None:
    integrand = 3 * u**m * v**n
    for direction in gaussians:
        integrand *= sp.exp(-sp.expand(along(direction) ** 2))
    for direction in erfs:
        integrand *= sp.erf(along(direction))
    wanted = smooth(integrand, Z, as_array(covariance))
    got = float(expectation(integrand, Z, covariance).evalf(30))
    assert got == pytest.approx(wanted, rel=1e-9, abs=1e-11)
    if (m + n + len(erfs)) % 2:  # odd under z -> -z
        assert got == 0


@given(covariances(), directions, directions)
def test_two_error_functions_are_the_arcsine(
    covariance: sp.Matrix, a: tuple[sp.Rational, ...], b: tuple[sp.Rational, ...]
) -> None:
    """Williams (1998): (2/pi) arcsin(2 C_st / sqrt((1 + 2 C_ss)(1 + 2 C_tt)))."""
    law = as_array(covariance)
    s, t = (np.array(row, dtype=float) for row in (a, b))
    wanted = 2 / pi * asin(2 * s @ law @ t / sqrt((1 + 2 * s @ law @ s) * (1 + 2 * t @ law @ t)))
    got = expectation(sp.erf(along(a)) * sp.erf(along(b)), Z, covariance)
    assert float(got.evalf(30)) == pytest.approx(wanted, rel=1e-10, abs=1e-12)


def test_sums_are_taken_term_by_term() -> None:
    law = sp.Matrix([[sp.Rational(9, 4), sp.Rational(-3, 5)], [sp.Rational(-3, 5), 1]])
    integrand = (sp.erf(u) - sp.erf(v / 2)) ** 2 * (1 + u * v) + sp.exp(-(u**2)) - v**4
    wanted = smooth(integrand, Z, as_array(law))
    assert float(expectation(integrand, Z, law).evalf(30)) == pytest.approx(wanted, rel=1e-9)


def test_open_parameters_stay_open() -> None:
    """With a symbol for the slope and the scale, at some of their values."""
    k, s = sp.symbols("k s", positive=True)
    law = sp.Matrix([[s**2, s / 3], [s / 3, 1]])
    integrand = u * sp.erf(k * u) + sp.erf(k * u) * sp.erf(v) * v**2 - u**2 * sp.exp(-k * v**2)
    closed = expectation(integrand, Z, law)
    for values in ({k: sp.Rational(1, 2), s: 2}, {k: 1, s: sp.Rational(7, 10)}):
        wanted = smooth(integrand.subs(values), Z, as_array(law.subs(values)))
        assert float(closed.subs(values).evalf(30)) == pytest.approx(wanted, rel=1e-9)


def test_powers_bring_a_third_error_function_within_reach() -> None:
    """Stein's lemma turns one of three into a Gaussian."""
    law = sp.Matrix([[1, sp.Rational(1, 3)], [sp.Rational(1, 3), 2]])
    integrand = u * sp.erf(u) ** 2 * sp.erf(v)
    wanted = smooth(integrand, Z, as_array(law))
    assert float(expectation(integrand, Z, law).evalf(30)) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    "integrand",
    [
        sp.erf(u) ** 4,
        sp.erf(u) ** 2 * sp.erf(v) * sp.erf(u + v),
        u * sp.erf(u) ** 5,
        sp.tanh(u),
        sp.erf(u + 1),
        sp.erf(u**2),
        sp.erf(sp.Abs(u)),
        sp.exp(u),
        sp.exp(-(u**4)),
        u / sp.erf(v),
        1 / u,
        sp.sqrt(sp.Abs(u)),
        sp.Piecewise((u, u > 0), (0, True)),
    ],
    ids=str,
)
def test_what_is_out_of_reach(integrand: sp.Expr) -> None:
    with pytest.raises(NotReached):
        expectation(integrand, Z, sp.eye(2))
