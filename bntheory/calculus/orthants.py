"""Moments of two correlated Gaussian variables over a quadrant, in polar coordinates.

Let p, q be standard normal with correlation R = cos(theta).  Rotating the plane so that
p = r cos(phi) and q = r cos(phi - theta), the quadrant p, q > 0 is the sector
theta - pi/2 < phi < pi/2, and the moment factorizes,

    E[p^m q^n; p, q > 0] = 1/(2 pi) * int_0^oo r^(m+n+1) exp(-r^2/2) dr
                                    * int cos(phi)^m cos(phi - theta)^n dphi.

The radial integral is a Gamma function.  In the angular one, with z = exp(i phi), the integrand is
a Laurent polynomial in z, and each power of z integrates at sight.  So every power (m, n) is
reached by the same few lines, and so is every integrand that is polynomial on each quadrant.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.notation import SYMBOLS

theta = SYMBOLS["theta"]


def radial(k: int) -> sp.Expr:
    """Return the integral of r^(k+1) exp(-r^2/2) over r > 0: with s = r^2/2, Euler's for Gamma."""
    half = sp.Rational(k, 2)
    return 2**half * sp.gamma(half + 1)


def _wave(k: int, j: int) -> sp.Expr:
    """Return the integral of cos(k phi + j theta) over the sector."""
    low, high = theta - sp.pi / 2, sp.pi / 2
    if k == 0:
        return sp.cos(j * theta) * (high - low)
    return (sp.sin(k * high + j * theta) - sp.sin(k * low + j * theta)) / k


@cache
def sector(m: int, n: int) -> sp.Expr:
    """Return the integral of cos(phi)^m cos(phi - theta)^n over the quadrant's sector."""
    z, a = sp.symbols("z a")  # exp(i phi), exp(i theta)
    laurent = sp.Poly((z**2 + 1) ** m * (z**2 + a**2) ** n, z, a)  # times z^-(m+n) a^-n 2^-(m+n)
    total = sp.S.Zero
    for (power_z, power_a), coefficient in laurent.terms():
        # powers come in complex-conjugate pairs, so the real part of each suffices
        total += coefficient * _wave(power_z - m - n, power_a - n)
    return sp.expand(sp.expand_trig(total / 2 ** (m + n)))


def quadrant_moment(m: int, n: int) -> sp.Expr:
    """Return E[p^m q^n; p > 0, q > 0] as an expression in the angle theta."""
    return sp.expand(radial(m + n) * sector(m, n) / (2 * sp.pi))


def on_quadrant(integrand: sp.Expr, p: sp.Symbol, q: sp.Symbol, signs: tuple[int, int]) -> sp.Poly:
    """Return the polynomial that ``integrand`` is where p, q have the given signs.

    The polynomial is in |p|, |q|.  Raises ``NotPiecewisePolynomial`` where it is not one.
    """
    size_p, size_q = sp.Dummy("p", positive=True), sp.Dummy("q", positive=True)
    inside = integrand.xreplace({p: signs[0] * size_p, q: signs[1] * size_q})
    try:
        return sp.Poly(inside, size_p, size_q)
    except sp.PolynomialError:
        raise NotPiecewisePolynomial(str(integrand)) from None


class NotPiecewisePolynomial(ValueError):
    """The integrand is not a polynomial on each quadrant."""


def expectation(integrand: sp.Expr, p: sp.Symbol, q: sp.Symbol) -> sp.Expr:
    """Return E[integrand] over standard normal p, q with correlation cos(theta).

    Parameters
    ----------
    integrand : Expr
        Polynomial in p and q on each of the four quadrants.
    p, q : Symbol
        The two standard normal variables.

    Returns
    -------
    Expr
        In the angle theta.
    """
    total = sp.S.Zero
    for sign_p in (1, -1):
        for sign_q in (1, -1):
            for (m, n), c in on_quadrant(integrand, p, q, (sign_p, sign_q)).terms():
                moment = quadrant_moment(m, n)
                if sign_p != sign_q:  # one variable reflected: R -> -R
                    moment = moment.subs(theta, sp.pi - theta)
                total += c * moment
    return sp.expand(total)
