"""Replica symmetry: the entropy of n weight vectors with given overlaps, and Gaussian integrals.

Draw w_1, ..., w_n one after the other.  Given those before it and the teacher, the part of w_a that
is across all of them has the squared length N det_a/det_{a-1}, where det_a is the determinant of
the overlaps of the teacher and the first a vectors, and lies on a sphere of N - a dimensions, whose
volume goes as the length to the power N.  The product over a telescopes: n vectors with given
overlaps have, to leading order in N, the volume det^(N/2).
"""

from __future__ import annotations

import sympy as sp


def determinant(own: sp.Expr, other: sp.Expr, teacher: sp.Expr, n: sp.Expr) -> sp.Expr:
    """Return the determinant of the overlaps of a teacher of length 1 and n equivalent replicas.

    Parameters
    ----------
    own, other, teacher : Expr
        The overlap of a replica with itself, with another one, and with the teacher.
    n : Expr
        How many replicas there are; any number, once the determinant is known.

    Notes
    -----
    Combinations of the replicas whose coefficients add up to 0 have the eigenvalue ``own - other``,
    n - 1 times.  What is left is the teacher and the sum of the replicas over sqrt(n).
    """
    sum_and_teacher = sp.Matrix(
        [[1, sp.sqrt(n) * teacher], [sp.sqrt(n) * teacher, own + (n - 1) * other]]
    )
    return (own - other) ** (n - 1) * sum_and_teacher.det()


def overlaps(own: sp.Expr, other: sp.Expr, teacher: sp.Expr, n: int) -> sp.Matrix:
    """Return the matrix of the overlaps of a teacher and ``n`` replicas, row by row."""
    rows = [[1] + [teacher] * n]
    rows += [[teacher] + [own if a == b else other for b in range(n)] for a in range(n)]
    return sp.Matrix(rows)


def whole_line(exponent: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """Return the integral of exp(exponent) over all u, for a quadratic in u that falls."""
    return _integral(exponent, u, -sp.oo)


def half_line(exponent: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """Return the integral of exp(exponent) over u > 0, for a quadratic in u that falls."""
    return _integral(exponent, u, sp.S.Zero)


def _integral(exponent: sp.Expr, u: sp.Symbol, low: sp.Expr) -> sp.Expr:
    """Complete the square, and integrate what is left over w = u - b/(2 a)."""
    a, b, c = sp.Poly(-exponent, u).all_coeffs()
    steep = sp.Symbol("steep", positive=True)
    start, w = sp.Symbol("start", real=True), sp.Symbol("w", real=True)
    rest = sp.integrate(sp.exp(-steep * w**2), (w, start, sp.oo))
    rest = rest.subs(start, low + b / (2 * a)) if low.is_finite else sp.limit(rest, start, low)
    return sp.exp(sp.factor(b**2 / (4 * a) - c)) * rest.subs(steep, a)
