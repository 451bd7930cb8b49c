"""Means over sectors of the plane of two Gaussians, against quadrature and sampling."""

from __future__ import annotations

from math import cos, exp, pi, sin

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad

from bntheory.calculus.sectors import mean

p, q = sp.symbols("p q", real=True)
coefficients = st.tuples(*(st.integers(-5, 5) for _ in range(3)))
deviations = st.tuples(st.integers(2, 30), st.integers(2, 30))
angles = st.integers(0, 31).map(lambda k: k / 10)
ends = st.tuples(st.integers(-40, 40), st.integers(0, 62)).map(
    lambda pair: (pair[0] / 10, (pair[0] + pair[1]) / 10)
)


def exact(number: float) -> sp.Rational:
    return sp.Rational(round(1000 * number), 1000)


def found(
    abc: tuple[float, ...], sizes: tuple[float, float], angle: float, sector: tuple[float, float]
) -> float:
    quadratic = sum(c * f for c, f in zip(abc, (p**2, p * q, q**2), strict=True))
    a, b = map(exact, sizes)
    closed = mean(quadratic, (p, q), (a, b), exact(angle), tuple(map(exact, sector)))
    return float(sp.N(closed, 20))


@given(coefficients, deviations, angles, ends)
def test_against_quadrature(
    abc: tuple[int, ...], sizes: tuple[int, int], angle: float, sector: tuple[float, float]
) -> None:
    """Over radius and angle, with the density of two independent Gaussians."""
    a, b = sizes[0] / 10, sizes[1] / 10

    def height(r: float, t: float) -> float:
        z = (r * cos(t), r * sin(t))
        at_p, at_q = a * z[0], b * (cos(angle) * z[0] + sin(angle) * z[1])
        value = abc[0] * at_p**2 + abc[1] * at_p * at_q + abc[2] * at_q**2
        return value * r * exp(-r * r / 2) / (2 * pi)

    wanted = dblquad(height, *sector, 0.0, 9.0, epsabs=1e-9, epsrel=1e-9)[0]
    scale = 5 * max(a, b) ** 2
    assert found(abc, (a, b), angle, sector) == pytest.approx(wanted, rel=1e-8, abs=1e-8 * scale)


@pytest.mark.parametrize("angle", [0.4, 1.9])
@pytest.mark.parametrize("sector", [(-0.3, 0.9), (1.0, 4.5), (2.0, 2.0 + 2 * pi - 0.01)])
def test_against_correlated_samples(angle: float, sector: tuple[float, float]) -> None:
    """p and q drawn by their covariance; t is the angle of (p/a, its partner across)."""
    a, b, size = 0.7, 1.6, 400_000
    covariance = [[a * a, a * b * cos(angle)], [a * b * cos(angle), b * b]]
    rng = np.random.default_rng(5)
    at_p, at_q = rng.multivariate_normal([0.0, 0.0], covariance, size, method="cholesky").T
    along = at_p / a
    across = (at_q / b - cos(angle) * along) / sin(angle)
    turned = (np.arctan2(across, along) - sector[0]) % (2 * pi)
    values = np.where(turned < sector[1] - sector[0], at_p**2 - 2 * at_p * at_q + 3 * at_q**2, 0.0)
    error = values.std() / np.sqrt(size)
    assert abs(found((1, -2, 3), (a, b), angle, sector) - values.mean()) < 5 * error + 2e-3


@given(coefficients, deviations, angles, st.integers(-30, 30))
def test_the_whole_turn_has_the_moments(
    abc: tuple[int, ...], sizes: tuple[int, int], angle: float, start: int
) -> None:
    """From wherever it starts; and sectors side by side add up."""
    a, b = sizes
    quadratic = abc[0] * p**2 + abc[1] * p * q + abc[2] * q**2
    low, phi = sp.Rational(start, 10), exact(angle)
    rays = (low, low + 1, low + sp.Rational(33, 10), low + 2 * sp.pi)
    parts = [
        mean(quadratic, (p, q), (sp.Integer(a), sp.Integer(b)), phi, pair)
        for pair in zip(rays, rays[1:], strict=False)
    ]
    law = np.array([[a * a, a * b * cos(angle)], [a * b * cos(angle), b * b]])
    wanted = abc[0] * law[0, 0] + abc[1] * law[0, 1] + abc[2] * law[1, 1]
    scale = sum(map(abs, abc)) * max(a, b) ** 2
    assert float(sum(parts)) == pytest.approx(wanted, abs=1e-10 * max(1, scale))


def test_what_is_not_homogeneous_is_refused() -> None:
    for wrong in (p, p**2 + 1, p**3, p * q + q):
        with pytest.raises(ValueError, match="not homogeneous of the second degree"):
            mean(wrong, (p, q), (sp.S.One, sp.S.One), sp.S.One, (sp.S.Zero, sp.S.One))
    nothing = mean(sp.S.Zero, (p, q), (sp.S.One, sp.S.One), sp.S.One, (sp.S.Zero, sp.S.One))
    assert nothing == 0
