"""A neuron of a deep network (Eq. 7): what its definition fixes.

Whatever the layer below does, h_hat is normalized as in (1).
"""

from __future__ import annotations

from functools import cache

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, dot, g
from bntheory.proof import Proof
from derivations.batch import h, h_hat
from derivations.eq1 import normalization, normalized


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive batch mean and variance of h_hat, and its invariance."""
    d = Proof("eq7", activation)
    results = normalization(d)
    hidden = dot(SYMBOLS["w"], SYMBOLS["z_below"])
    return d.conclude([{SYMBOLS["z_l"]: g(h_hat)}, {h_hat: normalized}, {h: hidden}], **results)
