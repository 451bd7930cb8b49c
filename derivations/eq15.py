"""I2 = E[delta^2 x.x], from the definition of delta (Eq. 15).

The squared length of x is that of its part in the plane of w and w*, which the fields fix, plus
that of the N - 2 components across, which average to 1/N each.  So x.x ~ 1 becomes exact as
N -> oo, with a known correction of order 1/N before.
"""

from __future__ import annotations

from functools import cache

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import I2, E_data, dot
from bntheory.proof import Proof
from derivations.model import (
    FIELDS,
    GAUSSIAN_INPUT,
    LARGE_N,
    N,
    R,
    across,
    delta,
    gamma,
    in_plane,
    signal,
    x,
)


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive I2(gamma, R) for an activation with a closed form."""
    d = Proof("eq15", activation)
    d.assume(GAUSSIAN_INPUT, LARGE_N)
    split = d.average(
        "Split x.x at the plane of w and w*",
        delta**2 * (in_plane + across) / N,
        {delta**2 * part: E_data(delta**2 * part) for part in (in_plane, across)},
        name=E_data(delta**2 * dot(x, x)),
    )
    mean = d.substitute(
        "The N - 2 components across are independent of delta, with variance 1/N each",
        split,
        {E_data(delta**2 * across): (N - 2) * E_data(delta**2)},
    )
    d.limit("As N -> oo, x.x = 1", mean, N, "oo", name=I2(gamma, R))
    i2 = d.expect(
        "Average delta^2 over the fields", signal(activation) ** 2, FIELDS, name=I2(gamma, R)
    )
    return d.conclude({I2(gamma, R): i2}, applies=activation is RELU, I2=i2)
