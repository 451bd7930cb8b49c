"""Gamma functions of the batch size: one ratio of them, and a series in 1/M for large batches.

For M of a thousand gamma functions overflow, and where the leading terms of an expression cancel
their rounding does not.  The series is the one that the recurrence of
:mod:`bntheory.calculus.gamma_ratio` fixes; beyond M = 40 it is good to all digits of a float.
"""

from __future__ import annotations

import sympy as sp

import derivations
from bntheory.calculus.batch_noise import expansion
from bntheory.calculus.gamma_ratio import algebraic, coefficients
from bntheory.notation import SYMBOLS

M, tau = SYMBOLS["M"], SYMBOLS["tau"]

LARGE = 40
ORDER = 14


class GammaRatio(sp.Function):
    """Gamma(x)/Gamma(x + 1/2)."""

    nargs = 1


def ratio(expr: sp.Expr) -> sp.Expr:
    """Write gamma functions of M/2 and its neighbours as their ratio at M/2 - 1."""
    at, common = M / 2 - 1, sp.gamma((M - 1) / 2)
    below = GammaRatio(at) * common
    return sp.factor_terms(expr.subs({sp.gamma(M / 2): at * below, sp.gamma(at): below}))


def far(expr: sp.Expr) -> sp.Expr:
    """Return ``expr`` with a second branch for large M, if it has gamma functions."""
    if not expr.has(sp.gamma):
        return expr
    derived = derivations.derive("c3-moments")["inverse_std"].subs(SYMBOLS["sigma_P"], 1)
    recurrence = algebraic(derived * derived.subs(M, M + 1))
    inverse_std = sum(c * tau ** (2 * k) for k, c in enumerate(coefficients(recurrence, ORDER)))
    near, scale = ratio(expr), ratio(derived).subs(GammaRatio(M / 2 - 1), 1)
    opened = near.replace(GammaRatio, lambda _: inverse_std / scale)
    series = expansion(sp.cancel(opened.subs(M, tau**-2)), tau, 2 * ORDER)
    return sp.Piecewise((near, M < LARGE), (_horner(series), True))


def _horner(series: sp.Expr) -> sp.Expr:
    """Write a polynomial in tau^2 = 1/M so that it is summed from the smallest term on."""
    x, value = 1 / M, sp.S.Zero
    for k in range(sp.degree(series, tau) // 2, -1, -1):
        value = value * x + series.coeff(tau, 2 * k)
    return value
