"""The same function with m = 1 - R as its argument, without loss of digits as m -> 0.

Two kinds of cancellation stand in the way.  For piecewise-polynomial activations I2 is a polynomial
in the angle theta = arccos R and its sine and cosine, whose leading powers of theta cancel.  What
cancels is theta - sin(theta), for which a Taylor series is used below theta = 1/8.  For error
functions it is a sum of inverse sines that cancel where student and teacher coincide; there
differences of inverse sines are taken first,

    arcsin a - arcsin c = arcsin[(a^2 - c^2) / (a sqrt(1 - c^2) + c sqrt(1 - a^2))],

where a^2 - c^2 is a rational function, simplified exactly.
"""

from __future__ import annotations

import sympy as sp

from bntheory.calculus.radicals import normal
from bntheory.notation import SYMBOLS

R, m, gamma = SYMBOLS["R"], SYMBOLS["misalignment"], SYMBOLS["gamma"]

SMALL = sp.Rational(1, 128)  # theta = sqrt(2m) = 1/8
ORDER = 9  # of the Taylor series of theta - sin(theta)
ARCS = sp.Rational(1, 2)


class NoDifferences(ValueError):  # noqa: N818 - the name says it
    """The inverse sines of an expression do not cancel."""


def steady(expr: sp.Expr) -> sp.Expr:
    """Write 1 - R^2 as a product, which keeps its digits near R = 1 and R = -1."""
    product = sp.Mul(1 - R, 1 + R, evaluate=False)
    return expr.replace(sp.sqrt(1 - R**2), sp.sqrt(product))


def plain(expr: sp.Expr) -> sp.Expr:
    """Put R = 1 - m, with the sine and the angle in the form that keeps their digits."""
    angle = 2 * sp.asin(sp.sqrt(m / 2))
    return expr.subs(
        {sp.asin(R): sp.pi / 2 - angle, sp.sqrt(1 - R**2): sp.sqrt(m * (2 - m)), R: 1 - m}
    ).subs(1 - (1 - m) ** 2, m * (2 - m))


def careful(expr: sp.Expr, scale: sp.Symbol = gamma) -> sp.Expr:
    """Return ``expr`` in m, by a form without cancellation where m is small, if one is known."""
    if not _arcs(expr):
        return collected(expr, scale)
    try:
        near = _differences(expr, scale)
    except NoDifferences:
        return plain(expr)
    return sp.Piecewise((near, m < ARCS), (plain(expr), True))


def collected(expr: sp.Expr, scale: sp.Symbol = gamma) -> sp.Expr:
    """Return ``expr`` in m, with like terms together: what vanishes at scale = 1 shows it."""
    if _arcs(expr):
        return plain(expr)
    if expr.has(sp.asin) or has_sine(expr):
        return _in_angle(expr)
    return _by_powers(expr.subs(R, 1 - m), scale) if expr.is_polynomial(R) else plain(expr)


def has_sine(expr: sp.Expr) -> bool:
    """Whether there is an odd power of sqrt(1 - R^2)."""
    return any(power.base == 1 - R**2 and power.exp.q == 2 for power in expr.atoms(sp.Pow))


def _arcs(expr: sp.Expr) -> list[sp.Expr]:
    """Return the inverse sines other than that of R."""
    return sorted((arc for arc in expr.atoms(sp.asin) if arc.args[0] != R), key=str)


def _by_powers(expr: sp.Expr, scale: sp.Symbol) -> sp.Expr:
    """Collect powers of m, each coefficient factored."""
    terms = sp.collect(sp.expand(expr), m, evaluate=False)
    return sp.Add(*(power * sp.factor(c) for power, c in terms.items()))


def _in_angle(expr: sp.Expr) -> sp.Expr:
    """Collect powers of m by Horner's rule, with theta - sin(theta) in place of the sine."""
    angle, sine, lag = sp.symbols("angle sine lag", cls=sp.Dummy)
    opened = expr.subs({sp.asin(R): sp.pi / 2 - angle, sp.sqrt(1 - R**2): sine, R: 1 - m})
    terms = sp.Poly(sp.expand(opened), sine).terms()
    square = m * (2 - m)
    linear = sum(c * square ** (k // 2) * (angle - lag) ** (k % 2) for (k,), c in terms)
    value = sp.S.Zero
    for coefficient in sp.Poly(sp.expand(linear), m).all_coeffs():
        parts = sp.collect(sp.expand(coefficient), (angle, lag), evaluate=False)
        value = value * m + sp.Add(*(part * sp.factor(c) for part, c in parts.items()))
    theta = 2 * sp.asin(sp.sqrt(m / 2))
    return value.subs({lag: _lag(theta), angle: theta})


def _lag(theta: sp.Expr) -> sp.Expr:
    """Return theta - sin(theta), by its Taylor series where theta is small."""
    series = sp.S.One
    for k in range(ORDER, 3, -2):
        series = 1 - theta**2 * series / (k * (k - 1))
    near = theta**3 * series / 6
    return sp.Piecewise((near, m < SMALL), (theta - sp.sqrt(m * (2 - m)), True))


def _differences(expr: sp.Expr, scale: sp.Symbol) -> sp.Expr:
    """Take differences from one inverse sine of the sum before their small sum is taken."""
    names = {arc: sp.Dummy() for arc in _arcs(expr)}
    linear = expr.xreplace(names)
    weights = {arc.args[0]: sp.diff(linear, name) for arc, name in names.items()}
    total = linear.subs(dict.fromkeys(names.values(), 0))
    excess = sp.cancel(sum(weights.values()))
    if excess != 0:  # the constant is an inverse sine, too
        constant = sp.cancel(total / excess)
        if constant.free_symbols:
            raise NoDifferences(expr)
        weights[-sp.sin(constant)] = -excess
        total = sp.S.Zero
    c = max(weights, key=lambda sine: -weights[sine].subs(scale, 1).evalf())
    for a, weight in weights.items():
        if a == c:
            continue
        top, bottom = sp.fraction(normal((a**2 - c**2).subs(R, 1 - m)))
        mixed = (_cosine(c) * a + _cosine(a) * c).subs(R, 1 - m)
        total += weight * sp.asin(_by_powers(top, scale) / (bottom * mixed))
    return total


def _cosine(sine: sp.Expr) -> sp.Expr:
    """Return sqrt(1 - sine^2) over one root."""
    return sp.sqrt(sp.factor(sp.together(normal(1 - sine**2))))
