"""The loss with weight decay (Eq. 2): the most probable parameters under a Gaussian prior.

Parameters of the prior density exp(-P zeta |theta|^2), up to a factor, have the posterior density
prior times likelihood.  Minus its logarithm, over P, is the loss.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, average, norm, p
from bntheory.proof import Proof

P, zeta, loss = SYMBOLS["P"], SYMBOLS["zeta"], SYMBOLS["loss"]
fit, square = SYMBOLS["log_likelihood"], SYMBOLS["length_squared"]
#: What the last two stand for.
MEANING = {
    fit: average(sp.log(p(SYMBOLS["y"], SYMBOLS["h_hat"]))),
    square: norm(SYMBOLS["parameters"]) ** 2,
}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the loss from likelihood and prior."""
    d = Proof("eq2", activation)
    d.assume(
        "the samples are independent given the parameters",
        "the parameters have independent Gaussian priors of variance 1/(2 P zeta)",
    )
    prior, likelihood = sp.exp(-P * zeta * square), sp.exp(P * fit)
    posterior = d.rewrite(
        "The posterior density is, up to a factor, prior times likelihood",
        prior * likelihood,
        sp.powsimp,
    )
    cost = d.rewrite(
        "Minus its logarithm, over P, is",
        -sp.log(posterior) / P,
        lambda e: sp.expand(sp.expand_log(e, force=True)),
        loss,
    )
    return d.conclude({loss: cost.xreplace(MEANING)}, loss=cost)
