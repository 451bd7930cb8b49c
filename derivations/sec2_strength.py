"""Both strengths of the regularizer fall as 1/M (Sec. 2.1).

The power of M with which something goes is the slope of its logarithm in log M.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import thm1
from derivations.batch import M

#: Of each part of the decay, what it is a multiple of.
PARTS = {"power_std": "fisher_information", "power_mean": "mean_curvature"}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the powers of M in Theorem 1."""
    d = Proof("sec2-strength", activation)
    decay = sp.expand(d.cite(thm1.derive())["gamma_decay"])
    powers = {}
    for name, factor in PARTS.items():
        part = sp.together(decay.coeff(SYMBOLS[factor]) * SYMBOLS[factor])
        slope = d.differentiate(f"The slope of the part with {factor}", part, M)
        power = d.rewrite(
            "Times M, over the part itself", M * slope / part, sp.cancel, SYMBOLS[name]
        )
        powers[SYMBOLS[name]] = power
    return d.conclude(powers, **{symbol.name: power for symbol, power in powers.items()})
