"""What a batch does to the loss of a sample that is a member of it.

The normalized value is h_hat = gamma (z - m)/sqrt(v) + beta, with the mean m and the variance v of
the batch around the member z.  Its deviation from h_bar = gamma z + beta is expanded in 1/sqrt(M)
and averaged over the other members.  What the noise model of Sec. 2 leaves out comes at the order
1/M that it keeps: the sample pulls mu_B toward itself and raises sigma_B, sigma_B is biased, and
for a skewed h the two are correlated.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.batch_noise import ANY
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_noise, ell
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations import c1_rf, c1_rq
from derivations.batch import (
    FOUR_MOMENTS,
    IID,
    averaged,
    gamma,
    h_bar,
    h_hat,
    member_statistics,
    sums_of_others,
    tau,
    z,
)

slope, curvature = SYMBOLS["loss_slope"], SYMBOLS["loss_curvature"]
SMOOTH = "the loss is smooth at h_bar on the scale of the noise"
STATEMENT = Statement(
    "own-batch", "what a batch does to the loss of its own member", "beyond the paper"
)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive E[ell(h_hat)] given h, for a batch of any law with four moments, to order 1/M."""
    d = Proof(STATEMENT, activation)
    d.assume(IID, FOUR_MOMENTS, SMOOTH)
    mean, variance = member_statistics(d)
    table = sums_of_others(d, ANY, 2)

    results: dict[str, sp.Expr] = {}
    for kind, what, value in (
        ("", "normalized", (z - mean) / sp.sqrt(variance)),
        ("_mean_only", "minus the batch mean alone", z - mean),
        ("_std_only", "over the batch deviation alone", z / sp.sqrt(variance)),
    ):
        deviation = d.expand(f"z, {what}, less z", value - z, tau, 2)
        square = d.expand("Its square", deviation**2, tau, 2)
        results["shift" + kind] = averaged(d, "Its mean", deviation, table, 2)
        results["spread" + kind] = averaged(d, "The mean of its square", square, table, 2)

    excess = {
        kind: slope * gamma * results["shift" + kind]
        + curvature * gamma**2 * results["spread" + kind] / 2
        for kind in ("", "_mean_only", "_std_only")
    }
    d.rewrite(
        "So with the derivatives of the loss at h_bar, the noise adds to it",
        excess[""],
        sp.expand,
        name=E_noise(ell(h_hat)) - ell(h_bar),
    )
    d.rewrite(
        "The noise model has another E[h_hat - h_bar], by",
        gamma * results["shift"] - d.compare(c1_rf.derive())["shift"],
        sp.factor,
    )
    d.rewrite(
        "and of E[(h_hat - h_bar)^2] it misses the skewness alone:",
        gamma**2 * results["spread"] - d.compare(c1_rq.derive())["spread"],
        sp.factor,
    )
    d.remark(
        "The second-order term of Theorem 1 survives, with the skewness added; its first-order "
        "term R^f does not, it is another function of z. Over its batch h_hat has the mean beta "
        "and the variance gamma^2 exactly, which the noise model does not know."
    )
    return d.conclude(
        **results, **{f"excess{kind}": sp.factor_terms(value) for kind, value in excess.items()}
    )
