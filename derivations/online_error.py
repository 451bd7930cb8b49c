"""The generalization error of the online student, E[(g(v) - g(u))^2]/2.

It is the average of the halved loss, without the decay, and says how well the student does:
zero where u = v, that is at gamma = R = 1.
"""

from __future__ import annotations

from functools import cache

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations.model import FIELDS, GAUSSIAN_INPUT, u, v

STATEMENT = Statement("online-error", "the error of the online student", "beyond the paper")


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the error as a function of gamma and R."""
    d = Proof(STATEMENT, activation)
    d.assume(GAUSSIAN_INPUT)
    error = d.expect(
        "Average the squared difference of the outputs over the fields",
        (activation(v) - activation(u)) ** 2 / 2,
        FIELDS,
        name=SYMBOLS["epsilon"],
    )
    return d.conclude(online_error=error)
