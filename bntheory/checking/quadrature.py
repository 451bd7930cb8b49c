"""Gaussian expectations by quadrature of their integrand, in Cartesian coordinates."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath as mp
import sympy as sp

from bntheory.checking.check import Check, sampled
from bntheory.checking.evaluation import evaluate
from bntheory.checking.points import sample

NODES = 140
REACH = 11.0  # standard deviations; the Gaussian beyond weighs less than 1e-26


@cache
def _rule() -> tuple[Any, Any]:
    """Return nodes and weights on [0, REACH]."""
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return REACH * (nodes + 1) / 2, REACH * weights / 2


def quadrature(
    integrand: sp.Expr, fields: tuple[sp.Symbol, sp.Symbol], covariance: sp.Matrix, after: sp.Expr
) -> Check:
    """Check a Gaussian expectation against quadrature of its integrand over the four quadrants.

    Gauss-Legendre on each quadrant, so that a kink at 0 costs no digits; neither the polar
    coordinates nor the recurrences that made the closed form are used.
    """
    import numpy as np

    symbols = (integrand.free_symbols - set(fields)) | covariance.free_symbols | after.free_symbols
    ordered = sorted(symbols, key=lambda symbol: symbol.name)
    modules: list[Any] = [np]  # by name, lambdify would import all of NumPy's testing tools
    if integrand.has(sp.erf):
        from scipy.special import erf

        modules.insert(0, {"erf": erf})
    f = sp.lambdify([*fields, *ordered], integrand, modules)
    line, weights = _rule()
    pairs, points = [], sample(symbols, points=3)
    for point in points:
        law = [[float(evaluate(entry)(point)) for entry in row] for row in covariance.tolist()]
        deviation = np.sqrt([law[0][0], law[1][1]])
        correlation = law[0][1] / deviation.prod()
        rest = 1 - correlation**2
        total = 0.0
        for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            p, q = np.meshgrid(signs[0] * line, signs[1] * line, indexing="ij")
            density = np.exp(-(p**2 - 2 * correlation * p * q + q**2) / (2 * rest))
            heights = f(deviation[0] * p, deviation[1] * q, *(float(point[s]) for s in ordered))
            total += float(weights @ (heights * density) @ weights)
        total /= 2 * np.pi * np.sqrt(rest)
        pairs.append((mp.mpf(total), evaluate(after)(point)))
    return sampled("quadrature of the integrand", pairs, need=10, points=len(points))
