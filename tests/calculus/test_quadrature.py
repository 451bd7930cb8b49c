"""Integrals in polar coordinates, against quadrature in Cartesian ones and known expectations."""

from __future__ import annotations

from collections.abc import Callable
from math import asin, cosh, erf, erfc, exp, inf, log1p, pi, sqrt, tanh

import numpy as np
import pytest
import sympy as sp
from gaussian_plane import QUADRANTS, over_plane, over_quadrant
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from scipy.integrate import dblquad

from bntheory import activations
from bntheory.calculus.gaussian import NormalPair
from bntheory.calculus.quadrature import integral, integrals, mean

u, v = sp.symbols("u v", real=True)
scale, R = sp.Symbol("s", positive=True), sp.Symbol("R", real=True)
scales = st.integers(3, 25).map(lambda k: k / 10)
correlations = st.integers(-97, 97).map(lambda k: k / 100)

RELU_U, RELU_V = (sp.Piecewise((z, z > 0), (0, True)) for z in (u, v))
INTEGRANDS = [
    RELU_U * (RELU_V - RELU_U),
    sp.Abs(u) * sp.tanh(v),
    (sp.tanh(v) - sp.tanh(u)) ** 2 / sp.cosh(u) ** 2,
    sp.cos(u - v) + u**2 * v**2,
    sp.exp(-sp.Abs(u)) * RELU_V**3,
]


@pytest.mark.parametrize("integrand", INTEGRANDS, ids=str)
@given(scales, correlations)
def test_means_are_those_of_adaptive_quadrature(
    integrand: sp.Expr, at_scale: float, at_R: float
) -> None:
    """The stated error is a bound on the true one, and small."""
    got = mean(sp.lambdify((u, v), integrand, "numpy"), at_scale, at_R)
    wanted = over_plane(integrand, u, v, at_scale, at_R)
    assert abs(got.value - wanted) <= got.error + 1e-8
    assert got.error < 1e-8 * (1 + abs(wanted))


@pytest.mark.parametrize("at_R", [-1, -0.999999, 0, 0.999999, 1])
def test_known_means_up_to_the_ends(at_R: float) -> None:
    """Sheppard's quadrant, Isserlis's moment, and where the fields coincide or oppose."""
    quadrant = mean(lambda a, b: 1.0 * ((a > 0) & (b > 0)), 1.7, at_R)
    assert quadrant.value == pytest.approx(0.25 + asin(at_R) / (2 * pi), abs=1e-9)
    moment = mean(lambda a, b: a**2 * b**2, 1.7, at_R)
    assert moment.value == pytest.approx(1.7**2 * (1 + 2 * at_R**2), rel=1e-10)
    absolute = mean(lambda a, b: np.abs(a), 1.7, at_R)
    assert absolute.value == pytest.approx(1.7 * sqrt(2 / pi), rel=1e-10)


@pytest.mark.parametrize(
    ("at_scale", "at_R", "name"),
    [
        (0, 0.5, "scale"),
        (-1, 0.5, "scale"),
        (float("nan"), 0, "scale"),
        (1, 1.1, "correlation"),
        (1, -2, "correlation"),
        (1, float("nan"), "correlation"),
    ],
)
def test_outside_the_domain(at_scale: float, at_R: float, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        mean(lambda a, b: a * b, at_scale, at_R)


def by_scipy(expr: sp.Expr, values: dict[sp.Symbol, float]) -> float:
    """Return the value of a sum of unevaluated integrals over a radius and an angle."""
    total = 0.0
    for term in expr.atoms(sp.Integral):
        (r, low, high), (phi, start, end) = term.limits
        assert (low, high) == (0, sp.oo)
        f = sp.lambdify((r, phi), term.function.subs(values), "math")
        ends = [float(angle.subs(values)) for angle in (start, end)]
        total += dblquad(f, *ends, 0, 14, epsabs=1e-11)[0]
    return total


@pytest.mark.parametrize("integrand", INTEGRANDS[:3], ids=str)
@pytest.mark.parametrize(("at_scale", "at_R"), [(0.7, -0.6), (1.8, 0.9)])
def test_kept_integrals_have_the_value(integrand: sp.Expr, at_scale: float, at_R: float) -> None:
    kept = integral(integrand, NormalPair(u, v, scale, R))
    assert isinstance(kept, sp.Add) and all(isinstance(e, sp.Integral) for e in kept.args)
    wanted = over_plane(integrand, u, v, at_scale, at_R)
    assert by_scipy(kept, {scale: at_scale, R: at_R}) == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize("at_R", [-0.6, 0.1, 0.9])
def test_no_kink_lies_inside_a_sector(at_R: float) -> None:
    """The signs of u and v are the same all over a sector."""
    kept = integral(sp.sign(u) + 2 * sp.sign(v), NormalPair(u, v, scale, R))
    signs = set()
    for term in kept.atoms(sp.Integral):
        (r, *_), (phi, start, end) = term.limits
        height = sp.lambdify(phi, term.function.subs({r: 1, scale: 1.3, R: at_R}), "numpy")
        low, high = (float(angle.subs(R, at_R)) for angle in (start, end))
        (found,) = {float(np.round(height(low + (high - low) * k / 50), 9)) for k in range(1, 50)}
        signs.add(found)
    assert len(signs) == 4


# -- I1, I2, I3 of an activation -----------------------------------------------------------------

Function = Callable[[float], float]


def softplus(z: float) -> float:
    return max(z, 0.0) + log1p(exp(-abs(z)))


#: As an expression in x, as a function and its derivative of numbers, and the same of arrays.
ACTIVATIONS: dict[str, tuple[Function, Function, Callable[[np.ndarray], np.ndarray]]] = {
    "tanh(x)": (tanh, lambda z: 1 / cosh(z) ** 2, np.tanh),
    "log(1 + exp(x))": (softplus, lambda z: 1 / (1 + exp(-z)), lambda z: np.logaddexp(0, z)),
    "max(x, 0)": (lambda z: max(z, 0.0), lambda z: float(z > 0), lambda z: np.maximum(z, 0)),
    "abs(x)**3": (lambda z: abs(z) ** 3, lambda z: 3 * z * abs(z), lambda z: np.abs(z) ** 3),
    "erf(x)": (erf, lambda z: 2 / sqrt(pi) * exp(-z * z), special.erf),
    "erfc(x)": (erfc, lambda z: -2 / sqrt(pi) * exp(-z * z), special.erfc),
}


def adaptive(g: Function, slope: Function, gamma: float, at_R: float) -> list[float]:
    """Return E[delta u], E[delta^2] and E[delta v] by adaptive quadrature."""

    def delta(a: float, b: float) -> float:
        return slope(a) * (g(b) - g(a))

    parts: list[Callable[[float, float], float]] = [
        lambda a, b: delta(a, b) * a,
        lambda a, b: delta(a, b) ** 2,
        lambda a, b: delta(a, b) * b,
    ]
    return [sum(over_quadrant(f, gamma, at_R, signs) for signs in QUADRANTS) for f in parts]


@pytest.mark.parametrize(("gamma", "at_R"), [(0.6, 0.8), (1.3, -0.4)])
@pytest.mark.parametrize("text", ACTIVATIONS)
def test_integrals_of_an_activation(text: str, gamma: float, at_R: float) -> None:
    """Given as an expression, as a function, and as a function with its derivative."""
    g, slope, of_arrays = ACTIVATIONS[text]
    wanted = adaptive(g, slope, gamma, at_R)
    given_derivative = np.vectorize(slope)
    for got, digits in (
        (integrals(text, gamma, at_R), 1e-8),
        (integrals(of_arrays, gamma, at_R), 1e-6),
        (integrals(of_arrays, gamma, at_R, derivative=given_derivative), 1e-8),
    ):
        assert [i.value for i in got] == pytest.approx(wanted, rel=digits, abs=digits)
        assert all(0 <= i.error < 1e-6 for i in got)


def test_an_activation_of_the_toolkit_is_taken_as_its_expression() -> None:
    for text in ("relu", "tanh(x)"):
        assert integrals(activations.of(text), 0.6, 0.8) == integrals(text, 0.6, 0.8)


def test_the_slope_of_a_function_is_not_taken_across_its_kink() -> None:
    """However small u is: with the moments of Cho and Saul (2009) over the quadrant."""
    gamma, at_R = 1e-6, 0.5
    found = [i.value for i in integrals(lambda z: np.maximum(z, 0), gamma, at_R)]
    root, angle = sqrt(1 - at_R**2), pi / 2 + asin(at_R)
    products = (root + at_R * angle) / (2 * pi)  # E[u v; u > 0, v > 0] for standard fields
    squares = (angle + at_R * root) / (2 * pi)  # E[v^2; u > 0, v > 0]
    expected = [
        gamma * products - gamma**2 / 2,
        squares - 2 * gamma * products + gamma**2 / 2,
        squares - gamma * at_R / 2,
    ]
    assert found == pytest.approx(expected, rel=1e-8)


def test_a_free_parameter_or_no_activation_is_refused() -> None:
    with pytest.raises(ValueError, match="free parameter"):
        integrals("leaky_relu", 1.0, 0.5)
    with pytest.raises(ValueError):
        integrals("nonsense(", 1.0, 0.5)
    with pytest.raises(ValueError, match="scale"):
        integrals("relu", -1.0, 0.5)
    with pytest.raises(ValueError, match="correlation"):
        integrals("relu", 1.0, inf)
