"""Gamma decay raises the largest stable learning rate (Prop. 4).

The largest effective rate of batch normalization is a function of the decay; what it gains over
weight normalization and plain SGD is the subject.  The print bounds the gain from below by 2 zeta.
Its proof splits the rate in three, and both terms that the decay adds can be had exactly: so the
sharpest true statement is an equality.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory import checking
from bntheory.activations import RELU, Activation
from bntheory.calculus.radicals import normal
from bntheory.derivation import Derivation
from bntheory.notation import I2, SYMBOLS
from bntheory.proof import Proof
from derivations import prop1, prop2, prop3, table1_bn, table1_sgd, table1_wn
from derivations.model import L0, eta, gamma0, zeta

eta_max_bn, eta_max_wn, eta_max_sgd = (SYMBOLS[f"eta_max_{m}"] for m in ("bn", "wn", "sgd"))
eta_eff = SYMBOLS["eta_eff_bn"]
I1_R, I2_R, I3_R = (SYMBOLS[name] for name in ("I1_R", "I2_R", "I3_R"))

#: The three terms of the printed proof.
PLAIN = (I3_R - I1_R) / (I2_R / 2)
MIDDLE = (1 - 1 / gamma0) * I1_R / (I2_R / 2)
LAST = -zeta * gamma0 / (I2_R / 2)


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the gain as an equality, and hold it against the printed bound."""
    d = Proof("prop4", activation)
    general = d.cite(prop2.derive())
    stability = d.cite(prop3.derive(activation))
    bn = d.cite(table1_bn.derive(activation))["bn_eta_max"]
    wn = d.cite(table1_wn.derive(activation))["wn_eta_max"]
    sgd = d.cite(table1_sgd.derive(activation))["sgd_eta_max"]
    rest = prop1.at_rest(d.cite(prop1.derive(activation)))
    here = {**rest, **{s: e.subs(rest) for s, e in prop3.slopes(stability).items()}}

    d.rewrite(
        "The proof splits the largest effective rate of Table 1 in three",
        general["eta_max"],
        lambda _: PLAIN + MIDDLE + LAST,
        eta_max_bn,
    )
    d.substitute("The first term is", PLAIN, here)
    d.substitute("The middle one, which the print calls positive and drops, is", MIDDLE, here)
    d.substitute("The last, which it keeps, is", LAST, here)
    d.substitute("Together", general["eta_max"], here, eta_max_bn)
    gain = d.rewrite(
        "So batch normalization gains over the others",
        bn - wn,
        normal,
        eta_max_bn - eta_max_wn,
    )
    excess = gain - 2 * rest.get(zeta, zeta)
    if activation is RELU:
        excess = d.rewrite("It exceeds the printed 2 zeta by", excess, normal)
        d.sign("The printed bound holds, and is reached without decay only", excess, ">=")

    raw = d.rewrite(
        "At equal L0, in eta rather than eta_eff, the rate may be larger by the factor",
        bn / gamma0.subs(rest) / wn,
        normal,
    )
    entry = general["jacobian"][1, 1].subs(eta, eta_eff * L0**2 / gamma0) / eta_eff
    complete = d.solve(
        "With I2 at R = 1 not neglected, the slope of dR/dt in R vanishes at", entry, eta_eff
    )
    complete = d.substitute(
        "At the fixed point this is",
        complete,
        {**here, I2(gamma0, 1): stability["noise"].subs(rest)},
    )
    d.remark(_sharpest(activation, gain, excess))
    d.remark(
        "With I2 kept, R is stable up to a larger rate still; where that rate comes out negative, "
        "dR/dt falls with R at every rate. But with I2 > 0 the point is not quite at rest (prop1)."
    )
    return d.conclude(
        {eta_max_bn: bn, eta_max_wn: wn, eta_max_sgd: sgd, **rest},
        applies=activation is RELU,
        gain=gain,
        gain_in_eta=raw,
        eta_max_complete=complete,
    )


def _sharpest(activation: Activation, gain: sp.Expr, excess: sp.Expr) -> str:
    """Say what is true in place of the bound, for this activation."""
    if activation is RELU:
        return (
            "The sharpest true statement is an equality: eta_max_bn = eta_max_wn + 4 zeta. The "
            "middle term that the print drops is as large as the last one that it keeps."
        )
    value = checking.evaluate(excess)
    points = checking.sample(excess.free_symbols, points=200)
    below = [point for point in points if value(point) < 0]
    verdict = f"at least 2 zeta at all of {len(points)} points sampled"
    if below:
        where = ", ".join(f"{symbol} = {place}" for symbol, place in below[0].items())
        verdict = (
            f"below 2 zeta at {len(below)} of {len(points)} points sampled, for instance at {where}"
        )
    return f"The print speaks of ReLU. For this activation the gain is {verdict}."
