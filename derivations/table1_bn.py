"""The row of batch normalization in Table 1: fixed point, largest and effective learning rate."""

from __future__ import annotations

from functools import cache

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import prop1, prop2, prop3
from derivations.model import R0

eta_max, eta_eff = SYMBOLS["eta_max_bn"], SYMBOLS["eta_eff_bn"]


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the row as functions of the decay, or of gamma0 where that is not elementary."""
    d = Proof("table1-bn", activation)
    fixed_point = d.cite(prop1.derive(activation))
    general = d.cite(prop2.derive())
    slopes = prop3.slopes(d.cite(prop3.derive(activation)))
    rest = prop1.at_rest(fixed_point)

    largest = d.substitute(
        "The rate at which lambda_R = 0, with the slopes of I1, I2, I3",
        general["eta_max"],
        slopes,
        eta_max,
    )
    largest = d.substitute("at the fixed point", largest, rest, eta_max)
    effective = d.substitute("The effective rate there", general["eta_eff"], rest, eta_eff)
    return d.conclude(
        {R0: fixed_point["R0"], eta_max: general["eta_max"], eta_eff: general["eta_eff"]},
        bn_eta_max=largest,
        bn_eta_eff=effective,
    )
