"""The online teacher-student model of Sec. 3: its loss, its two fields, its gradient signal.

An input x ~ N(0, I/N) reaches the loss through the student's field u = w~.x and the teacher's
v = w*.x alone.  Given the weights these are jointly Gaussian, with Var u = gamma^2, Var v = 1 and
Cov(u, v) = gamma R.
"""

from __future__ import annotations

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.gaussian import NoClosedForm, NormalPair
from bntheory.derivation import Derivation
from bntheory.notation import I1, I2, I3, SYMBOLS, dot, g

x, w, w_star = (SYMBOLS[name] for name in ("x", "w", "w_star"))
gamma, R, L, N = (SYMBOLS[name] for name in ("gamma", "R", "L", "N"))
eta, zeta = SYMBOLS["eta"], SYMBOLS["zeta"]
u, v, delta = (SYMBOLS[name] for name in ("u", "v", "delta"))
gamma0, R0, L0 = (SYMBOLS[name] for name in ("gamma0", "R0", "L0"))

GAUSSIAN_INPUT = "x ~ N(0, I/N), a fresh one in every step"
LARGE_N = "N -> oo at fixed t = j/N"

#: The law of the two fields.
FIELDS = NormalPair(u, v, scale=gamma, correlation=R)

#: |w|, and the student's field in terms of w.
length = sp.sqrt(dot(w, w))
student_field = sp.sqrt(N) * gamma * dot(w, x) / length

#: The loss of one example as printed in Sec. 3: no factor 1/2.
loss = (g(dot(w_star, x)) - g(student_field)) ** 2 + zeta * gamma**2

#: N times the squared length of x: its part in the plane of w and w*, and across.
in_plane, across = SYMBOLS["in_plane"], SYMBOLS["across"]

#: Inner products in terms of the order parameters and fields.
ORDER_PARAMETERS = {
    dot(w, w): N * L**2,
    dot(w, w_star): N * R * L,
    dot(w, x): u * L / gamma,
    dot(w_star, x): v,
}


def signal(activation: Activation) -> sp.Expr:
    """Return the definition of delta, g'(u) [g(v) - g(u)]."""
    return activation.derivative(u) * (activation(v) - activation(u))


def open_integrals() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return I1, I2, I3 as open functions of gamma and R."""
    return I1(gamma, R), I2(gamma, R), I3(gamma, R)


def closed_form(integral: Derivation, name: str) -> sp.Expr:
    """Return a derived integral if it has a closed form.

    Raises
    ------
    NoClosedForm
        Where it was left as an integral.
    """
    expr = integral[name]
    if expr.has(sp.Integral):
        raise NoClosedForm(
            f"{name} of {integral.activation} has no closed form within reach, and the theory of "
            f"the fixed point needs one; eq13, eq14 and eq15 give its integrals by quadrature"
        )
    return expr
