"""Expectations of functions of two correlated Gaussian fields, in closed form.

Two methods share the work.  An integrand that is polynomial on each quadrant of the (u, v) plane,
which is what every piecewise-polynomial activation with its kink at 0 leads to, goes to
:mod:`~bntheory.calculus.orthants`; polynomials times Gaussians and error functions go to
:mod:`~bntheory.calculus.error_functions`.  What neither reaches raises :class:`NoClosedForm`,
and :mod:`~bntheory.calculus.quadrature` computes it instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from bntheory.calculus import error_functions, orthants


class NoClosedForm(ValueError):
    """Neither method reaches the integrand."""


@dataclass(frozen=True)
class NormalPair:
    """Two centred Gaussian variables.

    Attributes
    ----------
    u, v : Symbol
        The variables.
    scale : Expr
        The standard deviation of u, positive; v has standard deviation 1.
    correlation : Expr
        Their correlation R, in [-1, 1]; the covariance is ``scale * correlation``.
    """

    u: sp.Symbol
    v: sp.Symbol
    scale: sp.Expr
    correlation: sp.Expr

    @property
    def covariance(self) -> sp.Matrix:
        """The 2x2 covariance matrix of (u, v)."""
        c = self.scale * self.correlation
        return sp.Matrix([[self.scale**2, c], [c, 1]])

    def covariance_of(self, a: sp.Expr, b: sp.Expr) -> sp.Expr:
        """Return the covariance of two linear combinations of u and v."""
        left, right = (sp.Matrix([[sp.diff(e, z) for z in (self.u, self.v)]]) for e in (a, b))
        return sp.factor((left * self.covariance * right.T)[0])


def from_angle(expr: sp.Expr, correlation: sp.Expr) -> sp.Expr:
    """Write an expression in the angle theta in terms of its cosine."""
    theta = orthants.theta
    return expr.subs(
        {
            sp.sin(theta): sp.sqrt(1 - correlation**2),
            sp.cos(theta): correlation,
            theta: sp.pi / 2 - sp.asin(correlation),
        }
    )


def by_powers(expr: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """Collect powers of ``symbol``, each with one fraction as its coefficient."""
    terms = sp.collect(sp.expand(expr), symbol, evaluate=False)
    return sp.Add(*(power * sp.factor_terms(sp.together(c)) for power, c in terms.items()))


def expectation(integrand: sp.Expr, pair: NormalPair) -> sp.Expr:
    """Return E[integrand] in closed form.

    Parameters
    ----------
    integrand : Expr
        A function of ``pair.u`` and ``pair.v``.
    pair : NormalPair
        Their law.

    Raises
    ------
    NoClosedForm
        Where neither method reaches the integrand.
    """
    try:
        standard = integrand.subs(pair.u, pair.scale * pair.u)
        in_angle = orthants.expectation(standard, pair.u, pair.v)
        return by_powers(from_angle(in_angle, pair.correlation), pair.scale)
    except orthants.NotPiecewisePolynomial:
        pass
    try:
        return error_functions.expectation(integrand, (pair.u, pair.v), pair.covariance)
    except error_functions.NotReached as reason:
        raise NoClosedForm(f"no closed form for E[{integrand}]: {reason}") from None
