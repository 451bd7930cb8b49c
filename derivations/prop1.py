"""The fixed point of batch normalization (Prop. 1, Eqs. 11-12).

To first order in eta, R moves by gamma I3 - R I1 = E[delta (gamma v - R u)].  The combination
gamma v - R u is independent of u, and has the covariance gamma (1 - R^2) with v.  So Stein's lemma
[stein1981] gives

    gamma I3 - R I1 = gamma (1 - R^2) E[g'(u) g'(v)],

which holds for every activation, is free of the cancellation between I3 and I1, and shows at once
that R = 1 is at rest and attracts where g is monotone.  There I1(gamma, 1) = zeta gamma^2 fixes
gamma.  What the neglected terms in eta^2 leave over at this point is the last step: for zeta > 0 it
is not zero, so L keeps growing and the point is at rest only as eta/L^2 -> 0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import I1, I2, SYMBOLS, g, g_prime
from bntheory.proof import Proof
from derivations import eq10, eq13, eq14, eq15
from derivations.model import (
    FIELDS,
    L0,
    R0,
    L,
    R,
    closed_form,
    eta,
    gamma,
    gamma0,
    open_integrals,
    u,
    v,
    zeta,
)

DELTA = g_prime(u) * (g(v) - g(u))


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive gamma0 and R0, and what is left over there when nothing is neglected.

    Where gamma0 is not elementary in zeta, as for erf, it stays a parameter and zeta is derived as
    a function of it.
    """
    d = Proof("prop1", activation)
    rates = d.cite(eq10.derive())["bn_rates"]
    i1 = closed_form(d.cite(eq13.derive(activation)), "I1")
    i3 = closed_form(d.cite(eq14.derive(activation)), "I3")
    i2 = closed_form(d.cite(eq15.derive(activation)), "I2")
    dgamma_dt, dR_dt, _ = rates
    I_1, I_2, I_3 = open_integrals()

    d.assume("eta^2 is negligible beside eta")
    d.drop("Neglect eta^2 in dR/dt", dR_dt, eta, 2, name=SYMBOLS["dR_dt"])

    across = gamma * v - R * u
    with_u, with_v = (FIELDS.covariance_of(across, field) for field in (u, v))
    by_stein = d.rewrite(
        "gamma v - R u is uncorrelated with u, so by Stein's lemma E[delta (gamma v - R u)] is the "
        "mean of",
        with_u * sp.diff(DELTA, u) + with_v * sp.diff(DELTA, v),
        sp.factor,
    )
    alignment = d.expect(
        "The mean of g'(u) g'(v)",
        activation.derivative(u) * activation.derivative(v),
        FIELDS,
        name=SYMBOLS["alignment"],
    )
    d.rewrite(
        "So the closed forms of I1 and I3 combine to",
        gamma * i3 - R * i1,
        lambda _: by_stein.subs(g_prime(u) * g_prime(v), alignment),
        name=gamma * I_3 - R * I_1,
    )
    d.sign("which has the sign of this for |R| < 1", alignment, ">")
    aligned = d.solve("R is at rest where the student is aligned", 1 - R**2, R, R0, positive=True)

    pull = d.substitute("There gamma is pulled by", i1, {R: aligned}, name=I1(gamma, R0))
    balance = d.substitute(
        "so that dgamma/dt, over eta gamma, is", dgamma_dt / (eta * gamma), {I_1: pull, R: aligned}
    )
    numerator = sp.numer(sp.factor(balance))
    if numerator.is_polynomial(gamma) and sp.degree(numerator, gamma) == 1:
        resting = d.solve("which is zero at", numerator, gamma, gamma0, positive=True)
        rest = {gamma: resting}
    else:
        at_gamma0 = numerator.subs(gamma, gamma0)
        rest = {gamma: gamma0, zeta: d.solve("which is zero at gamma0 for", at_gamma0, zeta)}

    noise = d.limit("I2 at R = 1 is", i2, R, 1, name=I2(gamma, R0))
    left_over = d.substitute(
        "When nothing is neglected, what is left over at this point is",
        sp.Tuple(*rates),
        {I_1: zeta * gamma**2, I_3: zeta * gamma, I_2: noise, R: aligned, L: L0},
        name=RATES,
    )
    left_over = d.substitute("that is", left_over, rest, name=RATES)
    d.remark(
        "L0 is arbitrary only as long as eta^2 is neglected. With decay I2 > 0 at this point, so "
        "dL/dt > 0: L^4 grows linearly in time, eta/L^2 falls by itself, and R = 1 is at rest only "
        "in that limit. Without decay the point is at rest exactly."
    )
    d.remark(
        "For every activation gamma I3 - R I1 = gamma (1 - R^2) E[g'(u) g'(v)]: R = 1 is at rest "
        "to first order in eta whatever g is, and R grows toward it where g is monotone."
    )
    results = {"bn_fixed_point": rest[gamma]} if zeta not in rest else {"bn_decay": rest[zeta]}
    return d.conclude(
        {gamma0: rest[gamma], R0: aligned},
        applies=activation is RELU,
        R0=aligned,
        alignment=alignment,
        left_over=left_over,
        **results,
    )


def at_rest(fixed_point: Derivation) -> dict[sp.Symbol, sp.Expr]:
    """Return gamma0 in terms of zeta, or else zeta in terms of gamma0, at the fixed point."""
    if "bn_fixed_point" in fixed_point.results:
        return {gamma0: fixed_point["bn_fixed_point"]}
    return {zeta: fixed_point["bn_decay"]}


RATES = sp.Tuple(*(SYMBOLS[f"d{name}_dt"] for name in ("gamma", "R", "L")))
