"""Gamma decay in a deep network, neuron by neuron, and what couples them (App. C.4).

The loss is expanded in the normalized values of a layer, with their Hessian H.  For independent
neurons its diagonal counts.  Two neurons with correlation r also share their noise: the terms in
H_12 are what the paper means by a penalty of correlations, and are of the same order 1/M.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.batch_noise import Law
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_noise, average, dot, ell, layer_sum
from bntheory.proof import Proof
from derivations import c1_rq
from derivations.batch import FOUR_MOMENTS, IID, averaged, h_bar, h_hat, mu_P, sigma_P, tau, z, zeta
from derivations.batch import gamma as scale

z1, z2 = SYMBOLS["z1"], SYMBOLS["z2"]
gamma1, gamma2 = SYMBOLS["gamma1"], SYMBOLS["gamma2"]
r, cokurtosis = SYMBOLS["correlation"], SYMBOLS["cokurtosis"]
H12, hessian = SYMBOLS["hessian_12"], SYMBOLS["hessian_diagonal"]

#: The sums over the batch, of z and of z^2 - 1, for two neurons.
a1, b1, a2, b2 = (SYMBOLS[f"m{kind}_neuron{i}"] for i in "12" for kind in "12")
SUMS = {a1: tau * z1, b1: tau * (z1**2 - 1), a2: tau * z2, b2: tau * (z2**2 - 1)}

#: Joint moments of the standardized values of two neurons.
TWO = Law(
    {
        z1: sp.S.Zero,
        z2: sp.S.Zero,
        z1**2: sp.S.One,
        z2**2: sp.S.One,
        z1 * z2: r,
        z1 * z2**2: SYMBOLS["coskewness_12"],
        z1**2 * z2: SYMBOLS["coskewness_21"],
        z1**2 * z2**2: cokurtosis + 1 + 2 * r**2,
    }
)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the decay of each neuron, and the coupling of two."""
    d = Proof("c4", activation)
    spread = d.cite(c1_rq.derive())["spread"]
    decay = d.rewrite(
        "R^q of neuron i, with the Hessian for the curvature, over gamma^2",
        hessian / 2 * spread / scale**2,
        sp.expand,
        zeta,
    )

    d.assume(IID, FOUR_MOMENTS)
    wanted = [one * other for one in (a1, b1) for other in (a2, b2)]
    table = d.moments("The noise of two neurons goes together:", SUMS, TWO, tau**-2, wanted)
    deviations = []
    for value, mean, variance, length in ((z1, a1, b1, gamma1), (z2, a2, b2, gamma2)):
        normalized = (value - tau * mean) / sp.sqrt(1 + tau * variance - tau**2 * mean**2)
        deviations.append(
            d.expand(
                f"h_hat - h_bar of the neuron with {value}", length * (normalized - value), tau, 1
            )
        )
    product = sp.expand(H12 * deviations[0] * deviations[1])
    coupling = averaged(d, "H_12 times their product adds to the loss", product, table, 2)
    d.remark(
        "zeta is a decay where the Hessian's diagonal is positive. The coupling is there for any "
        "two neurons that are correlated, and has no sign of its own: it is H_12 gamma_1 gamma_2/M "
        "times r, and more for each joint moment. For a single layer with one output H_12 is zero."
    )
    d.remark(
        "As in Theorem 1 the noise is independent of the sample: what its own batch does to each "
        "neuron is in own-batch, and comes on top."
    )
    standard = (dot(SYMBOLS["w"], SYMBOLS["z_below"]) - mu_P) / sigma_P
    return d.conclude(
        [
            {average(E_noise(ell(h_hat))): average(ell(h_bar)) + layer_sum(zeta * scale**2)},
            {zeta: average(decay.subs(z, standard))},
        ],
        decay=decay,
        coupling=coupling,
    )
