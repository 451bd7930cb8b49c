"""Theorem 1: batch normalization is population normalization with gamma decay (Eq. 3, App. C.1).

The loss is expanded around h_bar.  R^f vanishes for a true model, and R^q is zeta gamma^2.  That
the noise is independent of the sample is the paper's assumption: own-batch does without it.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, A_second, E_noise, average, ell
from bntheory.proof import Proof
from derivations import c1_rf, c1_rq, c2, prior
from derivations.batch import MODEL, STANDARD, beta, gamma, h, h_bar, h_hat, z, zeta

fisher, mean_curvature = SYMBOLS["fisher_information"], SYMBOLS["mean_curvature"]
curvature, dell_dgamma = SYMBOLS["loss_curvature"], SYMBOLS["dell_dgamma"]


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the gamma decay; its curvature is that of A' = g, for ReLU that of softplus."""
    d = Proof("thm1", activation)
    d.cite(prior.derive())
    d.cite(c1_rf.derive())
    Rq = d.cite(c1_rq.derive())["Rq"]
    d.assume(MODEL)

    decay = d.rewrite(
        "R^q over gamma^2 is the decay that comes from one sample", Rq / gamma**2, sp.expand, zeta
    )
    bend = {A_second(h_bar): curvature}
    decay = d.substitute("In terms of the second derivative of the loss", decay, bend, zeta)
    decay = d.average(
        "Averaged over the samples",
        sp.expand(decay),
        {curvature: mean_curvature, curvature * z**2: fisher},
        zeta,
    )
    bent = d.cite(c2.derive(activation))["A_second"]
    bent = d.substitute("It is", bent, {h: h_bar}, curvature)
    d.remark(
        "I(gamma) is the mean of A'' z^2. The mean of the squared slope, as printed, is the same "
        "for a true model alone (c1-rq)."
    )
    d.remark(
        "With noise that is independent of the sample neither R^f nor the skewness is what a batch "
        "makes of it: own-batch has the whole of the order 1/M."
    )
    informed = average(A_second(h_bar) * z**2)
    return d.conclude(
        [
            {average(E_noise(ell(h_hat))): average(ell(h_bar)) + zeta * gamma**2},
            {zeta: decay.subs(mean_curvature, average(bent))},
            {h_bar: (gamma * z + beta).subs(z, STANDARD)},
            {fisher: informed, average(dell_dgamma**2): informed},
        ],
        applies=activation is RELU,
        gamma_decay=decay,
        curvature=bent,
    )
