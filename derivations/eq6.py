"""The order-parameter equations of the main text (Eq. 6): those of App. C.5, Eq. (10)."""

from __future__ import annotations

from functools import cache

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.proof import Proof
from derivations import eq10


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the rates of gamma, R and L; with an activation, in closed form."""
    d = Proof("eq6", activation)
    rates = d.cite(eq10.derive())["bn_rates"]
    closed = d.cite(eq10.derive(activation))
    return d.conclude(dict(zip(eq10.NAMES, rates, strict=True)), **closed.results)
