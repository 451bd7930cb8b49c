"""The rates of gamma, R and L (Eq. 10), from those of gamma^2, RL and L^2 by the chain rule."""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.overlaps import chain_rule
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import eq9, eq13, eq14, eq15
from derivations.model import L, R, gamma, open_integrals

NAMES = dgamma_dt, dR_dt, dL_dt = tuple(SYMBOLS[f"d{name}_dt"] for name in ("gamma", "R", "L"))


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive dgamma/dt, dR/dt and dL/dt in terms of I1, I2, I3, which holds for every activation.

    For a given activation, also in closed form.
    """
    d = Proof("eq10", activation)
    squares = d.cite(eq9.derive())

    def balance(quantity: sp.Expr, rates: dict[sp.Symbol, sp.Expr], rate: sp.Expr) -> sp.Expr:
        return chain_rule(quantity, rates) - rate

    of_gamma = d.solve(
        "2 gamma dgamma/dt is the rate of gamma^2",
        balance(gamma**2, {gamma: dgamma_dt}, squares["dgamma2_dt"]),
        for_=dgamma_dt,
    )
    of_L = d.solve(
        "2 L dL/dt is the rate of L^2", balance(L**2, {L: dL_dt}, squares["dL2_dt"]), for_=dL_dt
    )
    of_R = d.solve(
        "L dR/dt + R dL/dt is the rate of RL",
        balance(R * L, {R: dR_dt, L: of_L}, squares["dRL_dt"]),
        for_=dR_dt,
    )
    rates = sp.Tuple(*map(sp.expand, (of_gamma, of_R, of_L)))
    values = dict(zip(NAMES, rates, strict=True))
    if activation is None:
        return d.conclude(values, bn_rates=rates)
    integrals = (
        d.cite(eq13.derive(activation))["I1"],
        d.cite(eq15.derive(activation))["I2"],
        d.cite(eq14.derive(activation))["I3"],
    )
    closed = d.substitute(
        "With the integrals of this activation",
        rates,
        dict(zip(open_integrals(), integrals, strict=True)),
        sp.Tuple(*NAMES),
    )
    return d.conclude(values, bn_rates=closed)
