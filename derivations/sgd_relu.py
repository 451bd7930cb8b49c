"""The generalization error of a ReLU student without decay (Sec. 4.1): Eq. (25), and beyond it.

The paper states it for alpha < 2.  Its argument goes on beyond, where q is no longer fixed.  What
replica symmetry gives without the paper's approximation is another curve: `rs-relu`.
"""

from __future__ import annotations

from functools import cache, partial

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.proof import Proof
from derivations import eq25, sgd_linear
from derivations.generalization import alpha, epsilon


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Take the error from Eq. (25)."""
    d = Proof("sgd-relu", activation)
    cold = d.cite(eq25.derive())
    half = {alpha: alpha / 2}
    linear = d.compare(sgd_linear.derive())
    for side in ("below", "above"):
        halved = (1 + linear[side].subs(half)) / 2
        d.rewrite(
            f"Its error {side} alpha = 2 is that of a linear student with half of the samples, on "
            "the half of all inputs where the field is positive",
            cold[side],
            partial(_instead, halved),
            epsilon,
        )
    d.remark("The print is for alpha < 2, and what it is compared with is derived for alpha < 2.")
    return d.conclude({epsilon: cold["below"]}, sgd_relu=cold["sgd_relu"])


def _instead(form: sp.Expr, expr: sp.Expr) -> sp.Expr:
    """Return the form to compare with."""
    return form
