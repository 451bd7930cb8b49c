"""The mean of 1/sigma_B of a Gaussian batch, in powers of 1/M.

With f(M) = sqrt(M/2) Gamma((M - 2)/2)/Gamma((M - 1)/2) one gamma function of f(M) f(M + 1) cancels
and the others differ by a whole number: the product is algebraic in M.  That recurrence fixes the
asymptotic series, one coefficient after the other, without Stirling's formula.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.notation import SYMBOLS

M = SYMBOLS["M"]


def algebraic(expr: sp.Expr) -> sp.Expr:
    """Return an expression without the gamma functions whose arguments differ by whole numbers."""
    return sp.factor(sp.expand_func(sp.gammasimp(expr)))


@cache
def coefficients(recurrence: sp.Expr, order: int) -> tuple[sp.Rational, ...]:
    """Return the coefficients of 1, 1/M, ..., 1/M**order of f.

    Parameters
    ----------
    recurrence : Expr
        f(M) f(M + 1) as a function of M, 1 as M -> oo.
    order : int
        The last power of 1/M.
    """
    x = sp.Dummy("x", positive=True)
    wanted = sp.Poly(_series(recurrence.subs(M, 1 / x), x, order), x)
    found: list[sp.Rational] = [sp.S.One]
    for k in range(1, order + 1):
        rest = _product(found, x, k)  # with 0 for the new coefficient, which enters twice
        found.append((wanted.coeff_monomial(x**k) - rest.coeff_monomial(x**k)) / 2)
    return tuple(found)


def _product(found: list[sp.Rational], x: sp.Symbol, order: int) -> sp.Poly:
    """Return f(M) f(M + 1) from the coefficients found so far, in x = 1/M."""
    here = sum(c * x**k for k, c in enumerate(found))
    shifted = sum(
        c * x**k * sum(sp.binomial(-k, j) * x**j for j in range(order + 1))
        for k, c in enumerate(found)
    )
    return sp.Poly(sp.expand(here * shifted), x)


def _series(expr: sp.Expr, x: sp.Symbol, order: int) -> sp.Expr:
    return sp.series(sp.powsimp(sp.simplify(expr)), x, 0, order + 1).removeO()
