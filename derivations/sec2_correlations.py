"""Correlations between neurons are penalized (Sec. 2.1): the sign of what couples two neurons.

App. C.4's coupling is averaged over jointly Gaussian hidden values, with a Hessian that is the same
for all samples.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, average
from bntheory.proof import Proof
from derivations import c4
from derivations.c4 import cokurtosis, r, z1, z2


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the coupling of two Gaussian neurons, and what its sign is that of."""
    d = Proof("sec2-correlations", activation)
    coupling = d.cite(c4.derive())["coupling"]
    d.assume("the hidden values are jointly Gaussian", "the Hessian is that of every sample")
    zero = dict.fromkeys((SYMBOLS["coskewness_12"], SYMBOLS["coskewness_21"], cokurtosis), 0)
    coupling = d.substitute("For Gaussian hidden values", coupling, zero)
    mean = average(z1 * z2)
    coupling = d.average("Averaged over the samples", sp.expand(coupling), {z1 * z2: mean})
    coupling = d.substitute("where the mean is the correlation", coupling, {mean: r})
    coupling = d.rewrite("In factors", coupling, sp.factor, SYMBOLS["coupling"])
    d.sign(
        "Over the Hessian's entry and the correlation it is positive",
        sp.cancel(coupling / (SYMBOLS["hessian_12"] * r)),
        ">",
    )
    d.remark(
        "The coupling has the sign of H_12 r. For positive H_12, as where both outputs enter the "
        "next layer with the same sign, a positive correlation is penalized and a negative one is "
        "rewarded."
    )
    return d.conclude({SYMBOLS["coupling"]: coupling}, coupling=coupling)
