"""I1 = E[delta u], from the definition of delta (Eq. 13).

The integrand g'(u) [g(v) - g(u)] u is averaged over the two Gaussian fields in one piece.  For a
piecewise-polynomial g each quadrant of the (u, v) plane contributes the moments of a sector; for
the error function Stein's lemma [stein1981] and Price's theorem [price1958] reduce it to elementary
functions.
"""

from __future__ import annotations

from functools import cache

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import I1
from bntheory.proof import Proof
from derivations.model import FIELDS, GAUSSIAN_INPUT, R, gamma, signal, u


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive I1(gamma, R) for an activation with a closed form."""
    d = Proof("eq13", activation)
    d.assume(GAUSSIAN_INPUT)
    i1 = d.expect(
        "Average delta u over the fields", signal(activation) * u, FIELDS, name=I1(gamma, R)
    )
    return d.conclude({I1(gamma, R): i1}, applies=activation is RELU, I1=i1)
