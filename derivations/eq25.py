"""The generalization error at zero temperature (App. D.2, Eq. 25), and beyond alpha = 2.

At a fixed length q of the students beta -> oo makes a = 1, and gamma^2 diverges at alpha = 2, where
half of the samples, those with positive labels, are as many as the weights.  Beyond, no student
fits them.  All students of least error are then one: q goes to gamma as 1/beta, a exceeds 1, and a
length that is free rests where -beta f is stationary in q, too.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.proof import Proof
from derivations import eq23, eq24
from derivations.eq23 import spread
from derivations.generalization import (
    R,
    a,
    beta,
    by_noise,
    epsilon,
    gamma,
    joined,
    q,
)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the error on both sides of alpha = 2."""
    d = Proof("eq25", activation)
    overlap = d.cite(eq23.derive())
    error = d.cite(eq24.derive())["equilibrium_error_relu"]
    width = beta * (q**2 - gamma**2)
    cold = d.limit("At a fixed length q of the students", (1 + width) / width, beta, sp.oo, a)
    below = d.substitute("For alpha < 2 the error is", error, {a: cold}, epsilon)
    below = d.rewrite("That is", below, by_noise, epsilon)

    d.assume("for alpha > 2 the length of the student is free")
    slope = d.differentiate(
        "The slope of -beta f in gamma, at a spread of its own", overlap["in_spread"], gamma
    )
    slope = d.substitute(
        "Where it is stationary in R, with a for the spread",
        slope,
        {R: overlap["overlap"] / gamma, spread: overlap["width"]},
    )
    slope = d.rewrite("Over gamma (a - 1)", slope / (gamma * (a - 1)), sp.factor)
    free = d.solve("It is zero at", slope, a)
    above = d.substitute("For alpha > 2, where this is above 1, the error is", error, {a: free},
                         epsilon)
    above = d.rewrite("By powers of S", above, by_noise, epsilon)
    d.remark(
        "Beyond alpha = 2 the argument makes a ReLU student a linear one with half of the samples: "
        "unbiased, with the error 1/2 for what ReLU cannot reach and half of 2 S/(alpha - 2)."
    )
    return d.conclude(
        [{a: cold}, {epsilon: below}],
        below=below,
        above=above,
        free_a=free,
        sgd_relu=joined(2, below, above, sp.Rational(1, 2)),
    )
