"""A neuron with batch normalization [ioffe2015] (Eq. 1): what its definition fixes.

Whatever x is, over a batch h_hat has the mean beta and the variance gamma^2, and it does not notice
when h is shifted, or scaled by a positive number.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, average, dot, g
from bntheory.proof import Proof
from derivations.batch import beta, gamma, h, h_hat, mu_B, sigma_B

scale, shift = SYMBOLS["sigma_P"], SYMBOLS["mu_P"]
normalized = gamma * (h - mu_B) / sigma_B + beta


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive batch mean and variance of h_hat, and its invariance."""
    d = Proof("eq1", activation)
    results = normalization(d)
    hidden = dot(SYMBOLS["w"], SYMBOLS["x"])
    return d.conclude([{SYMBOLS["y"]: g(h_hat)}, {h_hat: normalized}, {h: hidden}], **results)


def normalization(d: Proof) -> dict[str, sp.Expr]:
    """Derive what normalization does to a value, wherever it comes from."""
    named = {h: average(h), h**2: average(h**2)}
    defined = {average(h): mu_B, average(h**2): mu_B**2 + sigma_B**2}
    mean = d.average("The mean of h_hat over the batch", sp.expand(normalized), named)
    mean = d.substitute("is, as mu_B is that of h,", mean, defined)
    square = d.average("Its variance", sp.expand((normalized - beta) ** 2), named)
    variance = d.substitute("is, as sigma_B^2 is that of h,", square, defined)
    moved = d.substitute(
        "With h scaled by sigma_P > 0 and shifted by mu_P",
        normalized,
        {h: scale * h + shift, mu_B: scale * mu_B + shift, sigma_B: scale * sigma_B},
    )
    d.rewrite("nothing has changed", moved, sp.simplify, name=h_hat)
    return {"batch_mean": mean, "batch_variance": variance}
