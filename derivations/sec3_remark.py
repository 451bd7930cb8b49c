"""Larger learning rates mean faster convergence (Sec. 3.2): the speed at which R returns.

The speed -lambda_R of Prop. 2 is written in the maximum and the effective learning rate, and
differentiated in both.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import prop2, prop3
from derivations.model import L0, eta, gamma0

eta_max, eta_eff = SYMBOLS["eta_max_bn"], SYMBOLS["eta_eff_bn"]
I2_R, I3_R = SYMBOLS["I2_R"], SYMBOLS["I3_R"]
BY_MAX, BY_EFF = SYMBOLS["speed_by_max"], SYMBOLS["speed_by_eff"]


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive how the speed depends on either rate."""
    d = Proof("sec3-remark", activation)
    general = d.cite(prop2.derive())
    slope = d.cite(prop3.derive(activation))["I2_R"]
    by_max = d.solve("I3_R in terms of eta_max", general["eta_max"] - eta_max, I3_R)
    speed = d.substitute(
        "The speed at which R returns, in terms of eta_max and eta_eff",
        -general["lambda_R"],
        {I3_R: by_max, L0: sp.sqrt(eta * gamma0 / eta_eff)},
    )
    speed = d.rewrite("In factors", speed, lambda e: sp.factor(sp.cancel(e)))
    speed = d.substitute("With the slope of I2", speed, {I2_R: slope})
    by_max = d.differentiate("It grows with eta_max as", speed, eta_max, BY_MAX)
    by_eff = d.differentiate("and with eta_eff as", speed, eta_eff, BY_EFF)
    fastest = d.solve("R returns fastest at", by_eff, eta_eff)
    d.remark(
        "The speed grows with the maximum learning rate always. It grows with the effective one up "
        f"to eta_eff = {fastest} only; from there on it falls, to zero at eta_eff = eta_max_bn."
    )
    return d.conclude(
        {BY_MAX: by_max, BY_EFF: by_eff}, applies=activation is RELU, speed=speed, fastest=fastest
    )
