"""The curvature of a ReLU neuron, by softplus (App. C.2).

A' is the mean of y given h.  Softplus is A' = log(1 + e^h), whose slope is the sigmoid; for another
activation A' = g and A'' = g'.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, A_prime, A_second, average, sigmoid
from bntheory.proof import Proof
from derivations.batch import h, h_bar

SOFTPLUS = sp.log(1 + sp.exp(h))


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive A'' for A' = g, and for ReLU with softplus in its place."""
    d = Proof("c2", activation)
    is_relu = activation is RELU
    mean = SOFTPLUS if is_relu else activation(h)
    if is_relu:
        d.assume("ReLU is replaced by softplus")
    curvature = d.differentiate("The slope of A'", mean, h, A_second(h))
    if is_relu:
        curvature = d.rewrite("is the sigmoid", curvature, lambda _: sigmoid(h), A_second(h))
        d.remark(
            "With ReLU itself A'' is 1 for h > 0 and 0 below: the average is the fraction of the "
            "samples for which the neuron is active."
        )
    return d.conclude(
        {
            A_prime(h): mean,
            SYMBOLS["mean_curvature"]: average(curvature.subs(h, h_bar)),
        },
        applies=is_relu,
        A_prime=mean,
        A_second=curvature,
    )
