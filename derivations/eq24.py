"""The generalization error at equilibrium (App. D.2, Eq. 24), for any a, in its two meanings.

gamma^2 is the overlap of two replicas, the squared length of their mean: (18) at (gamma, R) is the
error of the centre of all students of the same training error.  A student drawn from among them
has the length q and the same overlap with the teacher, q R_q = gamma R: its error is (18) at q, and
larger by (q^2 - gamma^2)/2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import eq18, eq22, eq23
from derivations.generalization import R, by_noise, epsilon, gamma, q

TYPICAL = SYMBOLS["epsilon_typical"]


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the error of the centre and of a typical student."""
    d = Proof("eq24", activation)
    error = d.cite(eq18.derive())["error_relu"]
    overlap = d.cite(eq23.derive())
    square = d.cite(eq22.derive())["gamma_squared"]
    at_rest = {R: overlap["overlap"] / gamma}
    centre = d.substitute("The error of the centre, with gamma R at equilibrium", error, at_rest,
                          epsilon)
    centre = d.substitute("and gamma^2", centre, {gamma**2: square}, epsilon)
    centre = d.rewrite("By powers of S", centre, by_noise, epsilon)
    typical = d.substitute(
        "A typical student has the length q and the same overlap with the teacher: its error",
        error,
        {gamma: q, R: gamma * R / q},
        TYPICAL,
    )
    d.rewrite("It exceeds that of the centre by", typical - error, sp.factor, TYPICAL - epsilon)
    typical = d.substitute(
        "It is, with gamma R at equilibrium,", typical, at_rest, TYPICAL
    )
    d.remark(
        "Printed and derived agree at a = 1, the only case that the paper uses. For other a the "
        "print follows neither from stationarity nor from (22) as read."
    )
    return d.conclude({epsilon: centre}, equilibrium_error_relu=centre, error_typical=typical)
