"""Rates and their Jacobians in the variable m = 1 - R, assembled from the derived pieces."""

from __future__ import annotations

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.radicals import normal
from bntheory.codegen.cheap import Kept
from bntheory.codegen.near import careful, collected, has_sine, plain
from bntheory.notation import I1, I2, SYMBOLS

gamma, R, L = SYMBOLS["gamma"], SYMBOLS["R"], SYMBOLS["L"]
m, A = SYMBOLS["misalignment"], SYMBOLS["alignment"]


class Drift(sp.Function):
    """(1 - R^2) E[g'(u) g'(v)], left open."""

    nargs = 2


def aligned(activation: Activation, method: str) -> tuple[sp.Tuple, sp.Tuple]:
    """Return the rates of (gamma, m, L), or of (m, L) for plain SGD, and their Jacobian.

    Parameters
    ----------
    activation : Activation
        One with closed forms.
    method : {"bn", "sgd"}
        Weight normalization is ``bn`` without decay.

    Raises
    ------
    bntheory.calculus.gaussian.NoClosedForm
        If the activation has none.
    """
    from derivations import drift, eq13, eq15, prop1
    from derivations.model import closed_form

    scale = gamma if method == "bn" else L
    pieces = {
        I1: closed_form(eq13.derive(activation), "I1"),
        I2: closed_form(eq15.derive(activation), "I2"),
        Drift: (1 - R**2) * closed_form(prop1.derive(activation), "alignment"),
    }
    opened = drift.derive(activation)[f"open_{method}_rates"]
    without_A = (rate.subs(A, Drift(scale, R) / (1 - R**2)) for rate in opened)
    opened = sp.Tuple(*(sp.expand(sp.cancel(rate)) for rate in without_A))
    names = (gamma, R, L) if method == "bn" else (R, L)
    turn = [-1 if name == R else 1 for name in names]  # the rate of m is minus that of R
    jacobian = sp.Matrix(opened).jacobian(names)
    signs = sp.diag(*turn)
    values = {}
    noise = opened[-1].coeff(I2(scale, R))  # what I2 is multiplied by in dL/dt
    for piece, expr in pieces.items():
        expr = expr.subs(gamma, scale)
        values[piece(scale, R)] = {
            I1: lambda e: scale * careful(sp.expand(e / scale), scale),
            I2: lambda e: Kept(noise * careful(e, scale)) / noise,
            Drift: plain,
        }[piece](expr)
        for by in (scale, R):
            slope = sp.diff(expr, by)
            if has_sine(slope):  # 1/sqrt(1 - R^2) cancels in the sum
                slope = normal(slope)
            values[sp.Derivative(piece(scale, R), by)] = collected(slope, scale)

    def close(expr: sp.Expr) -> sp.Expr:
        named = {part: sp.Dummy() for part in values}
        turned = expr.xreplace(named).subs(R, 1 - m)
        return turned.xreplace({name: values[part] for part, name in named.items()})

    rates = sp.Tuple(*(close(sign * rate) for sign, rate in zip(turn, opened, strict=True)))
    matrix = (signs * jacobian * signs).applyfunc(close)
    return rates, sp.Tuple(*(sp.Tuple(*matrix.row(i)) for i in range(matrix.rows)))
