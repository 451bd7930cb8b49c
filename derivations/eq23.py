"""The overlap at equilibrium (App. D.2, Eq. 23): where (21) is stationary in R.

With the definition of a, beta (q^2 - gamma^2) = 1/(a - 1): a is 1 where beta is infinite at a fixed
q, and larger where q goes to gamma as beta grows.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import prop5
from derivations.generalization import R, a, beta, gamma, q

spread = SYMBOLS["spread"]


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive gamma R for any a."""
    d = Proof("eq23", activation)
    free_energy = d.cite(prop5.derive())["free_energy_relu"]
    in_spread = d.substitute(
        "With the spread of the replicas in the place of q",
        free_energy,
        {q: sp.sqrt(gamma**2 + spread)},
    )
    in_spread = d.rewrite("Term by term", in_spread, sp.expand)
    slope = d.differentiate("Its slope in R", in_spread, R)
    resting = d.solve("It is zero at", sp.factor(slope), R)
    width = d.solve("By the definition of a", a * beta * spread - (1 + beta * spread), spread)
    found = d.substitute("So gamma R is", gamma * resting, {spread: width}, gamma * R)
    found = d.rewrite("That is", found, sp.factor, gamma * R)
    return d.conclude(
        [{gamma * R: found}, {q: sp.sqrt(gamma**2 + width)}],
        overlap=found,
        width=width,
        in_spread=in_spread,
    )
