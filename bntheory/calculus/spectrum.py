"""The spectrum of X^T X for many Gaussian samples: its resolvent [marchenko1967].

X has P = alpha N rows, independent x ~ N(0, I/N).  Take one sample out of A = X^T X + ridge I: by
the formula of Sherman and Morrison x.A^{-1} x is g/(1 + g), where g = x.A_-^{-1} x no longer knows
x and is G = tr A^{-1}/N for large N.  The trace of A A^{-1} = I then closes on G.

What it closes in is a quadratic with one positive root.  The ridge may be anything from 0 to
infinity, so that root is also there in a form in which no digits cancel.
"""

from __future__ import annotations

import sympy as sp


def positive_root(quadratic: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """Return the positive root of a x^2 + b x - c, with a and c positive.

    Raises
    ------
    ValueError
        If the coefficients are not known to have these signs.
    """
    a, b, last = _coefficients(quadratic, symbol)
    return (sp.sqrt(b**2 - 4 * a * last) - b) / (2 * a)


def steady_root(quadratic: sp.Expr, symbol: sp.Symbol) -> sp.Piecewise:
    """Return the positive root as a sum of two positive numbers, whatever the sign of b.

    Where b is positive the other root has no cancellation, and the product of both is -c/a.
    """
    a, b, last = _coefficients(quadratic, symbol)
    root = sp.sqrt(b**2 - 4 * a * last)
    return sp.Piecewise((-2 * last / (root + b), b >= 0), ((root - b) / (2 * a), True))


def _coefficients(quadratic: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr]:
    a, b, last = sp.Poly(quadratic, symbol).all_coeffs()
    if not (a.is_nonnegative and (-last).is_nonnegative):
        raise ValueError(f"{quadratic} is no a x^2 + b x - c with a, c >= 0 in {symbol}")
    return [a, b, last]
