"""The best ridge is the variance of the noise, whatever the spectrum (Sec. 4.1, Fig. 1a).

Along each eigenvector of X^T X the error has the slope 2 e (r - S)/(e + r)^3 in the ridge r: it
falls up to r = S and rises from there.  So does their sum, for every X and not only for many
Gaussian samples.  In the loss as written the ridge is alpha zeta: its best zeta is S/alpha.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import wn_linear
from derivations.generalization import GAUSSIAN_SAMPLES, NOISY_TEACHER, epsilon, ridge, zeta

e = SYMBOLS["eigenvalue"]


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the best ridge, the best decay, and the error that they reach."""
    d = Proof("wn-optimum", activation)
    d.assume(GAUSSIAN_SAMPLES, NOISY_TEACHER, "the student is linear")
    of_decay = d.cite(wn_linear.derive())["ridge_of_decay"]
    error = wn_linear.error_by_eigenvalue(d)
    slope = d.differentiate("Its slope in the ridge", error, ridge)
    slope = d.rewrite("In factors", slope, sp.factor)
    best = d.solve("It is zero at", slope * (e + ridge) ** 3 / e, ridge)
    d.sign(
        "and has the sign of ridge - S on both sides, for every eigenvalue, so that the sum over "
        "them is least there",
        sp.cancel(slope / (ridge - best)),
        ">",
    )
    zeta_best = d.solve("In the loss as written the ridge is alpha zeta, and zeta", of_decay - best,
                        zeta)
    least = d.substitute("The least error along an eigenvector", error, {ridge: best}, epsilon)
    least = d.rewrite("It is S times 1/(e + S), and over the spectrum S G(S)", least, sp.factor)
    d.remark(
        "For S = 0.25 nothing does better than a ridge of 0.25: as a ridge the print is right, at "
        "every load and for every X. As the decay of the loss that is written, zeta = 0.25 is the "
        "best one at alpha = 1 alone."
    )
    return d.conclude(
        {SYMBOLS["zeta_best"]: best},
        best_ridge=best,
        best_decay=zeta_best,
        best_error_by_eigenvalue=least,
    )
