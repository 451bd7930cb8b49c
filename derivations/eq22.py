"""The length of the student at equilibrium (App. D.2, Eq. 22): where (21) is stationary in gamma.

For a = 1, the case of alpha < 2 and beta -> oo, the reading of the print is what is derived.  For
other a it is not: what is derived there has 2 a^2 - alpha below.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import eq23
from derivations.eq23 import spread
from derivations.generalization import R, by_noise, gamma

gamma_square = SYMBOLS["gamma_square"]


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive gamma^2 for any a."""
    d = Proof("eq22", activation)
    overlap = d.cite(eq23.derive())
    free_energy = overlap["in_spread"]
    direct = d.differentiate("The slope of -beta f in gamma, at fixed spread", free_energy, gamma)
    through = d.differentiate("and in the spread", free_energy, spread)
    slope = d.substitute(
        "At fixed q the spread falls by 2 gamma. Where -beta f is stationary in R its slope is",
        direct - 2 * gamma * through,
        {R: overlap["overlap"] / gamma, spread: overlap["width"]},
    )
    slope = d.rewrite("Over gamma", slope / gamma, sp.factor)
    square = d.solve("It is zero at", slope.subs(gamma**2, gamma_square), gamma_square, gamma**2)
    square = d.rewrite("That is", square, by_noise, gamma**2)
    d.remark(
        "gamma^2 diverges at alpha = 2 a^2, at alpha = 2 for a = 1. The print agrees at a = 1; the "
        "source is damaged at the denominator."
    )
    return d.conclude({gamma**2: square}, gamma_squared=square)
