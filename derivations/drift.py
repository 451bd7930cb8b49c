"""The rates without cancellation near R = 1.

There gamma I3 and R I1 agree in all their leading digits.  By Stein's lemma [stein1981], as in
prop1, their difference is gamma (1 - R^2) A with A = E[g'(u) g'(v)], so the rates can be had
without it: I3 drops out.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations import eq10, eq13, eq15, prop1, table1_sgd
from derivations.model import L, R, closed_form, gamma, open_integrals

A = SYMBOLS["alignment"]
STATEMENT = Statement("drift", "the rates without cancellation near R = 1", "beyond the paper")


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the rates of batch normalization's surrogate and of plain SGD in closed form."""
    d = Proof(STATEMENT, activation)
    alignment = d.cite(prop1.derive(activation))["alignment"]
    i1 = closed_form(d.cite(eq13.derive(activation)), "I1")
    i2 = closed_form(d.cite(eq15.derive(activation)), "I2")
    I_1, I_2, I_3 = open_integrals()
    without_I3 = {I_3: (R * I_1 + gamma * (1 - R**2) * A) / gamma}
    closed = {I_1: i1, I_2: i2, A: alignment}

    bn = d.substitute(
        "Put gamma I3 = R I1 + gamma (1 - R^2) A into the rates (10)",
        d.cite(eq10.derive())["bn_rates"],
        without_I3,
    )
    bn = d.rewrite("Collect A", bn, _collect, sp.Tuple(*eq10.NAMES))

    of_L = {gamma: L}  # plain SGD has no scale: L plays gamma
    sgd = d.substitute(
        "Likewise for plain SGD, where L plays gamma",
        d.cite(table1_sgd.derive(activation))["open_rates"],
        {i.subs(of_L): value.subs(of_L) for i, value in without_I3.items()},
    )
    sgd = d.rewrite("Collect A", sgd, _collect, table1_sgd.RATES)

    bn_closed = d.substitute("With I1, I2 and A", bn, closed, sp.Tuple(*eq10.NAMES))
    sgd_closed = d.substitute(
        "and for plain SGD",
        sgd,
        {i.subs(of_L): value.subs(of_L) for i, value in closed.items()},
        table1_sgd.RATES,
    )
    return d.conclude(
        bn_rates=bn_closed, sgd_rates=sgd_closed, open_bn_rates=bn, open_sgd_rates=sgd
    )


def _collect(rates: sp.Tuple) -> sp.Tuple:
    return sp.Tuple(*(sp.collect(sp.expand(rate), A, sp.factor) for rate in rates))
