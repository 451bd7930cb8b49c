"""The inverse of the batch deviation and of the batch variance, near sigma_P (App. C.1)."""

from __future__ import annotations

from functools import cache

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.proof import Proof
from derivations.batch import noise, sigma_B, sigma_P, tau


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the Taylor polynomials of second order."""
    d = Proof("c1-expansion", activation)
    near = sigma_P + tau * noise
    back = {noise: (sigma_B - sigma_P) / tau}
    found = {}
    for power in (1, 2):
        expanded = d.expand("With sigma_B = sigma_P + tau Delta", near**-power, tau, 2)
        found[power] = d.substitute("that is", expanded, back, sigma_B**-power)
    return d.conclude(
        {sigma_B**-power: expr for power, expr in found.items()},
        inverse_std=found[1],
        inverse_variance=found[2],
    )
