"""The row of weight normalization in Table 1.

Weight normalization [salimans2016] is batch normalization's surrogate without decay.  Then
gamma0 = 1, the student *is* the teacher at the fixed point, delta and with it I1, I2, I3 vanish
there whatever the activation, and nothing needs to be neglected: the fixed point is exact for every
eta and L0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import I2, SYMBOLS
from bntheory.proof import Proof
from derivations import eq10, eq13, eq14, eq15, prop2, prop3
from derivations.model import L0, R0, R, eta, gamma, gamma0, open_integrals, zeta

eta_max, eta_eff = SYMBOLS["eta_max_wn"], SYMBOLS["eta_eff_wn"]


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the fixed point, its eigenvalues, and the row of the table."""
    d = Proof("table1-wn", activation)
    rates = d.cite(eq10.derive())["bn_rates"]
    general = d.cite(prop2.derive())
    slopes = prop3.slopes(d.cite(prop3.derive(activation)))
    integrals = (
        eq13.derive(activation)["I1"],
        eq15.derive(activation)["I2"],
        eq14.derive(activation)["I3"],
    )

    wn = d.substitute("No decay", rates, {zeta: 0})
    wn = d.substitute(
        "With the integrals of this activation",
        wn,
        dict(zip(open_integrals(), integrals, strict=True)),
        prop2.RATES,
    )
    d.substitute(
        "Where student and teacher coincide, nothing is left over",
        wn,
        {R: 1, gamma: 1},
        prop2.RATES,
    )
    noise = d.differentiate("The slope of I2 in gamma, at R = 1", integrals[1].subs(R, 1), gamma)
    here = {zeta: 0, gamma0: 1, I2(gamma0, 1): 0, SYMBOLS["I2_gamma"]: noise.subs(gamma, 1)}
    full = d.substitute("The full Jacobian of Prop. 2 there", general["jacobian"], here, prop2.J)
    pair = d.eigenvalues(
        "Its eigenvalues, with nothing neglected",
        full,
        sp.Tuple(prop2.lambda_gamma, prop2.lambda_R, 0),
    )
    rate = d.substitute(
        "In the effective rate eta/L0^2, lambda_R over that rate is",
        pair[1] / eta_eff,
        {eta: eta_eff * L0**2},
    )
    largest = d.solve("which is zero at", rate, eta_eff, eta_max)
    here = {symbol: slope.subs(gamma0, 1) for symbol, slope in slopes.items()}
    value = d.substitute("For this activation", largest, here, eta_max)
    return d.conclude(
        {gamma0: 1, R0: 1, eta_max: largest, eta_eff: eta / L0**2},
        wn_rates=wn,
        wn_eta_max=value,
        wn_eta_eff=eta / L0**2,
    )
