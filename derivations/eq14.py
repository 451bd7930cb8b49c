"""I3 = E[delta v], from the definition of delta (Eq. 14).

As for I1, with the teacher's field in the place of the student's.
"""

from __future__ import annotations

from functools import cache

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import I3
from bntheory.proof import Proof
from derivations.model import FIELDS, GAUSSIAN_INPUT, R, gamma, signal, v


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive I3(gamma, R) for an activation with a closed form."""
    d = Proof("eq14", activation)
    d.assume(GAUSSIAN_INPUT)
    i3 = d.expect(
        "Average delta v over the fields", signal(activation) * v, FIELDS, name=I3(gamma, R)
    )
    return d.conclude({I3(gamma, R): i3}, applies=activation is RELU, I3=i3)
