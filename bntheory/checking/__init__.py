"""How a link of a derivation is checked, by a route other than the one that made it.

SymPy makes the links.  The routes here evaluate both ends of a link as numbers, at random points of
the domain and at high precision, and never call the SymPy operation that is being checked.  A check
says what it was: *exact*, where a difference is symbolically zero, or *sampled*, with the number of
points and of agreeing digits.  A sampled check is not a proof.
"""

from bntheory.checking.batches import (
    enumeration,
    explicit_batch,
    gaussian_batch,
    quadrant,
)
from bntheory.checking.check import PRECISION, Check, agreement, sampled
from bntheory.checking.evaluation import evaluate
from bntheory.checking.points import Point, sample, strangers
from bntheory.checking.quadrature import quadrature
from bntheory.checking.routes import (
    asymptotics,
    derivative,
    eigenvalues,
    expansion,
    expectation_of,
    gradient,
    identity,
    integral,
    jacobian,
    limit,
    order,
    residual,
    sign,
    substitution,
)

__all__ = [
    "PRECISION",
    "Check",
    "Point",
    "agreement",
    "asymptotics",
    "derivative",
    "eigenvalues",
    "enumeration",
    "evaluate",
    "expansion",
    "expectation_of",
    "explicit_batch",
    "gaussian_batch",
    "gradient",
    "identity",
    "integral",
    "jacobian",
    "limit",
    "order",
    "quadrant",
    "quadrature",
    "residual",
    "sample",
    "sampled",
    "sign",
    "strangers",
    "substitution",
]
