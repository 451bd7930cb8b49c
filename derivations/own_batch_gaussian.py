"""What a batch does to the loss of its own member, to order 1/M^2 for Gaussian h.

The same expansion as in own-batch, carried two powers of 1/sqrt(M) further: four derivatives of the
loss and the moments of a Gaussian up to the eighth enter.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.batch_noise import GAUSSIAN
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_noise, ell
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations.batch import (
    IID,
    M,
    averaged,
    gamma,
    h_bar,
    h_hat,
    member_statistics,
    sums_of_others,
    tau,
    z,
)
from derivations.own_batch import SMOOTH

SLOPES = tuple(
    SYMBOLS[f"loss_{name}"] for name in ("slope", "curvature", "third", "fourth")
)
STATEMENT = Statement(
    "own-batch-gaussian",
    "what a batch does to the loss of its own member, to order 1/M^2 for Gaussian h",
    "beyond the paper",
)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the first four moments of h_hat - h_bar given h, and the excess of the loss."""
    d = Proof(STATEMENT, activation)
    d.assume(IID, "h is Gaussian", SMOOTH)
    mean, variance = member_statistics(d)
    table = sums_of_others(d, GAUSSIAN, 4)
    deviation = d.expand("z, normalized, less z", (z - mean) / sp.sqrt(variance) - z, tau, 4)
    moments = []
    for k, which in enumerate(("mean", "square", "cube", "fourth power"), 1):
        power = d.expand(f"Its {which}", deviation**k, tau, 4) if k > 1 else deviation
        moments.append(averaged(d, f"The mean of its {which}" if k > 1 else "Its mean",
                                power, table, 4))
    excess = sp.Add(
        *(
            part * gamma**k * moment / sp.factorial(k)
            for k, (part, moment) in enumerate(zip(SLOPES, moments, strict=True), 1)
        )
    )
    excess = d.rewrite(
        "So the noise adds to the loss, with its derivatives at h_bar",
        excess,
        lambda e: sp.collect(sp.expand(e), M, sp.factor_terms),
        name=E_noise(ell(h_hat)) - ell(h_bar),
    )
    return d.conclude(
        shift=moments[0], spread=moments[1], third=moments[2], fourth=moments[3], excess=excess
    )
