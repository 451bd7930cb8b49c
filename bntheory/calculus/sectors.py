"""Means of homogeneous quadratics of two Gaussian variables over sectors of their plane.

Let p and q be Gaussian with deviations a and b and the correlation cos(phi): in polar coordinates
p = a r cos(t) and q = b r cos(t - phi).  A function that is quadratic and homogeneous, though
another one in each of several sectors, has the mean

    1/(2 pi) int_0^oo r^3 exp(-r^2/2) dr * sum of int f(a cos(t), b cos(t - phi)) dt over sectors

in which the angular integrals are elementary, wherever the rays between the sectors lie.
"""

from __future__ import annotations

import sympy as sp

from bntheory.calculus.orthants import radial


def mean(
    quadratic: sp.Expr,
    pair: tuple[sp.Symbol, sp.Symbol],
    deviations: tuple[sp.Expr, sp.Expr],
    angle: sp.Expr,
    ends: tuple[sp.Expr, sp.Expr],
) -> sp.Expr:
    """Return E[quadratic; ends[0] < t < ends[1]].

    Parameters
    ----------
    quadratic : Expr
        Homogeneous, of the second degree, in both variables.
    pair : tuple of Symbol
        p and q.
    deviations : tuple of Expr
        Of p and of q.
    angle : Expr
        phi, the arc cosine of their correlation.
    ends : tuple of Expr
        The angles t of the rays that bound the sector.

    Raises
    ------
    ValueError
        If it is not homogeneous of the second degree.
    """
    polynomial = sp.Poly(quadratic, *pair)
    if polynomial.is_zero:
        return sp.S.Zero
    if any(sum(powers) != 2 for powers in polynomial.monoms()):
        raise ValueError(f"{quadratic} is not homogeneous of the second degree in {pair}")
    low, high = ends
    total = sp.S.Zero
    for powers, coefficient in polynomial.terms():
        phases = [0] * powers[0] + [angle] * powers[1]
        scale = sp.Mul(*(a**k for a, k in zip(deviations, powers, strict=True)))
        total += coefficient * scale * _integral(phases[0], phases[1], low, high)
    return radial(2) / (2 * sp.pi) * total


def _integral(first: sp.Expr, second: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """Integrate cos(t - first) cos(t - second), half of cos(difference) + cos(sum)."""
    both = first + second
    waves = sp.sin(2 * high - both) - sp.sin(2 * low - both)
    return (sp.cos(first - second) * (high - low) + waves / 2) / 2
