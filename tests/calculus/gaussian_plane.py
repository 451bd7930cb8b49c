"""Expectations over two Gaussian fields by numerical integration, for comparison only.

The teacher's field is split into its part along the student's and the rest, v = R p + sqrt(1-R^2) z
with p and z independent; the symbolic routes use neither this split nor these integrators.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, pi, sqrt

import numpy as np
import sympy as sp
from scipy.integrate import dblquad

REACH = 11.0  # standard deviations

#: The quadrants (sign of u, sign of v).
QUADRANTS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def over_quadrant(
    f: Callable[[float, float], float], scale: float, R: float, signs: tuple[int, int] = (1, 1)
) -> float:
    """Return E[f(u, v); u, v of the given signs] by adaptive quadrature."""
    rest = sqrt(1 - R * R)

    def height(z: float, p: float) -> float:
        return f(scale * p, R * p + rest * z) * exp(-(p * p + z * z) / 2)

    def edge(p: float) -> float:  # where v changes sign
        return max(-REACH, min(REACH, -R * p / rest))

    low, high = (0.0, REACH) if signs[0] > 0 else (-REACH, 0.0)
    below, above = (edge, REACH) if signs[1] > 0 else (-REACH, edge)
    return dblquad(height, low, high, below, above, epsabs=1e-10, epsrel=1e-10)[0] / (2 * pi)


def over_plane(integrand: sp.Expr, u: sp.Symbol, v: sp.Symbol, scale: float, R: float) -> float:
    """Return the expectation of an integrand with kinks at 0, quadrant by quadrant."""
    f = sp.lambdify((u, v), integrand, "math")
    return sum(over_quadrant(f, scale, R, signs) for signs in QUADRANTS)


def smooth(integrand: sp.Expr, z: tuple[sp.Symbol, sp.Symbol], covariance: np.ndarray) -> float:
    """Return the expectation of an entire function: the trapezoidal rule is spectral here."""
    from scipy.special import erf

    line = np.arange(-REACH, REACH, 0.05)
    first, second = np.meshgrid(line, line, indexing="ij")
    root = np.linalg.cholesky(covariance)
    u, v = root[0, 0] * first, root[1, 0] * first + root[1, 1] * second
    f = sp.lambdify(z, integrand, [{"erf": erf}, "numpy"])
    density = np.exp(-(first**2 + second**2) / 2) / (2 * pi)
    return float((f(u, v) * density).sum() * 0.05**2)
