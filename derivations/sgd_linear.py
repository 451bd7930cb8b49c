"""The generalization error of a linear student without decay (Sec. 4.1, Advani and Saxe 2017).

Gradient descent from w = 0 ends at the solution of least norm, which is the limit of a ridge that
goes to 0.  The limit is another one on either side of alpha = 1, where the smallest eigenvalue of
X^T X reaches 0.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import wn_linear
from derivations.generalization import alpha, by_noise, epsilon, joined, ridge

below, above = SYMBOLS["below"], SYMBOLS["above"]


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the error of the solution of least norm on both sides of alpha = 1."""
    d = Proof("sgd-linear", activation)
    error = d.cite(wn_linear.derive())["wn_linear"]
    d.assume("gradient descent starts at w = 0 and goes on until it rests")
    sides = []
    for load, gap, back, where in (
        (1 - below, below, 1 - alpha, "Fewer samples than weights, alpha < 1"),
        (1 + above, above, alpha - 1, "More samples than weights, alpha > 1"),
    ):
        at_load = d.substitute(where, error, {alpha: load}, epsilon)
        limit = d.limit("The limit of no ridge", at_load, ridge, 0, epsilon)
        limit = d.rewrite("Its part that comes from the noise apart", limit, by_noise, epsilon)
        sides.append(d.substitute("That is", limit, {gap: back}, epsilon))
    from_below, from_above = sides
    found = joined(1, from_below, from_above, sp.S.Zero)
    return d.conclude({epsilon: found}, sgd_linear=found, below=from_below, above=from_above)
