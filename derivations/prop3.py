"""When the fixed point is stable (Prop. 3).

The slopes of I1, I2, I3 at R = 1 turn the eigenvalues of Prop. 2 into functions of the decay.
Every slope in R is taken from below, where square roots of 1 - R^2 cancel against each other.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import I2, SYMBOLS
from bntheory.proof import Proof
from derivations import eq13, eq14, eq15, prop1, prop2
from derivations.model import R, closed_form, gamma, gamma0

lambda_gamma, lambda_R = SYMBOLS["lambda_gamma"], SYMBOLS["lambda_R"]
I1_gamma, I1_R, I2_R, I3_R = (SYMBOLS[name] for name in ("I1_gamma", "I1_R", "I2_R", "I3_R"))


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the slopes at the fixed point and the signs of both eigenvalues."""
    d = Proof("prop3", activation)
    general = d.cite(prop2.derive())
    rest = prop1.at_rest(d.cite(prop1.derive(activation)))
    i1 = closed_form(d.cite(eq13.derive(activation)), "I1")
    i2 = closed_form(d.cite(eq15.derive(activation)), "I2")
    i3 = closed_form(d.cite(eq14.derive(activation)), "I3")

    i1_aligned = d.limit("I1 at R = 1", i1, R, 1)
    found = {
        I1_gamma: d.differentiate("and its slope in gamma", i1_aligned, gamma, I1_gamma),
        I1_R: d.slope("The slope of I1 in R", i1, R, 1, I1_R),
        I2_R: d.slope("The slope of I2 in R", i2, R, 1, I2_R),
        I3_R: d.slope("The slope of I3 in R", i3, R, 1, I3_R),
    }
    found = {name: slope.subs(gamma, gamma0) for name, slope in found.items()}

    noise = d.limit("What Prop. 2 neglects, I2 at R = 1", i2, R, 1, I2(gamma, 1))
    d.limit("is small beside 1 - gamma, without decay", noise / (1 - gamma), gamma, 1)

    def here(title: str, expr: sp.Expr, name: sp.Symbol) -> sp.Expr:
        return d.substitute(title, expr.subs(found), rest, name)

    speed_gamma = here("At the fixed point", general["lambda_gamma"], lambda_gamma)
    d.sign("so gamma returns", speed_gamma, "<")
    speed_R = here("and", general["lambda_R"], lambda_R)
    factor = d.rewrite(
        "lambda_R over eta_max - eta_eff is",
        general["lambda_R"] / (general["eta_max"] - general["eta_eff"]),
        lambda ratio: sp.factor(sp.cancel(ratio)),
    )
    d.sign(
        "which is negative, so R returns if and only if eta_eff < eta_max",
        factor.subs(found),
        "<",
    )
    if activation is RELU:
        d.remark(
            "The last line of the proof of (i) prints -zeta - 1/2 for lambda_gamma; it lacks the "
            "factor eta, which does not change the sign."
        )
    return d.conclude(
        {lambda_gamma: speed_gamma, I2_R: found[I2_R]},
        applies=activation is RELU,
        bn_lambda_gamma=speed_gamma,
        bn_lambda_R=speed_R,
        noise=noise.subs(gamma, gamma0),
        **{symbol.name: value for symbol, value in found.items()},
    )


def slopes(stability: Derivation) -> dict[sp.Symbol, sp.Expr]:
    """Return the slopes of I1, I2, I3 at the fixed point as functions of gamma0."""
    return {symbol: stability[symbol.name] for symbol in (I1_gamma, I1_R, I2_R, I3_R)}
