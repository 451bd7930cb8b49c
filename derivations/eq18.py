"""The generalization error of linear and ReLU students, of linear and ReLU teachers (Eq. 18).

The error is the mean of (g_star(v) - g(u))^2 over the two Gaussian fields u = w~.x and v = w*.x.
"""

from __future__ import annotations

from functools import cache

from bntheory.activations import LINEAR, RELU, Activation
from bntheory.derivation import Derivation
from bntheory.proof import Proof
from derivations import eq16
from derivations.generalization import epsilon
from derivations.model import FIELDS, u, v

#: Student and teacher of each function.
PAIRS = {
    "error_linear": (LINEAR, LINEAR),
    "error_relu": (RELU, LINEAR),
    "error_linear_relu_teacher": (LINEAR, RELU),
    "error_relu_relu_teacher": (RELU, RELU),
}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the error of each pair as a function of gamma and R."""
    d = Proof("eq18", activation)
    d.cite(eq16.derive())
    errors = {
        name: d.expect(
            f"A {student.name} student of a {teacher.name} teacher",
            (teacher(v) - student(u)) ** 2,
            FIELDS,
            epsilon,
        )
        for name, (student, teacher) in PAIRS.items()
    }
    return d.conclude(
        [{epsilon: errors["error_linear"]}, {epsilon: errors["error_relu"]}], **errors
    )
