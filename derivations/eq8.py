"""The step of the order parameters, from the step of w and gamma (Eq. 8).

Overlaps move by bilinear algebra: (w + Dw).(w + Dw) - w.w and (w + Dw).w* - w.w*.

Which learning rate multiplies gamma is settled here.  With the second line of (5) as it stands,
gamma moves by O(eta) in one step, N times faster than R and L, and the three would share no time
t = j/N.  Section 3 defines the student by (4) with the scale upsilon = sqrt(N) gamma, and SGD in
*that* parameter gives gamma the rate eta/N: the powers of N of (8) come out.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, dot
from bntheory.proof import Proof
from derivations import eq5
from derivations.model import (
    ORDER_PARAMETERS,
    N,
    eta,
    gamma,
    loss,
    w,
    w_star,
    x,
)

VECTORS = (w, w_star, x)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the steps of gamma^2, RL and L^2; they hold for every activation."""
    d = Proof("eq8", activation)
    step = d.cite(eq5.derive())
    upsilon, Delta_gamma = SYMBOLS["upsilon"], SYMBOLS["Delta_gamma"]

    Delta_w = d.substitute(
        "From here on the loss is halved, as (5) has it",
        step["Delta_w"],
        {eta: eta / 2},
        name=SYMBOLS["Delta_w"],
    )
    moved = w + Delta_w
    L2 = d.overlap("The step of |w|^2", dot(moved, moved) - dot(w, w), VECTORS)
    L2 = d.substitute("In order parameters, over N", L2 / N, ORDER_PARAMETERS)
    L2 = d.rewrite("Collect powers of N", L2, _by_size, name=SYMBOLS["Delta_L2"])

    RL = d.overlap("The step of w.w*", dot(moved, w_star) - dot(w, w_star), VECTORS)
    RL = d.substitute("In order parameters, over N", RL / N, ORDER_PARAMETERS)
    RL = d.rewrite("Collect powers of N", RL, _by_size, name=SYMBOLS["Delta_RL"])

    loss_upsilon = (-eta * loss / 2).subs(gamma, upsilon / sp.sqrt(N))
    slow = d.differentiate("SGD in upsilon = sqrt(N) gamma", loss_upsilon, by=upsilon)
    slow = d.substitute(
        "Back to gamma, which moves 1/sqrt(N) as far",
        slow / sp.sqrt(N),
        {upsilon: sp.sqrt(N) * gamma},
    )
    slow = d.substitute("Name the fields", slow, eq5.FIELD_NAMES)
    slow = d.substitute("Name delta", slow, eq5.SIGNAL_NAME, name=Delta_gamma)
    gamma2 = d.rewrite(
        "The step of gamma^2",
        (gamma + slow) ** 2 - gamma**2,
        _by_size,
        name=SYMBOLS["Delta_gamma2"],
    )

    d.remark(
        "The print of gamma^2 lacks the square of the step, [eta (delta u / gamma - zeta gamma)]^2 "
        "/ N^2, which vanishes in the limit (9)."
    )
    d.remark(
        "With gamma itself as the parameter, as the second line of (5) reads, Delta gamma has no "
        "factor 1/N and gamma is N times faster than R and L. (8) is SGD in upsilon = sqrt(N) "
        "gamma, or in gamma with the learning rate eta/N."
    )
    return d.conclude(
        {
            SYMBOLS["Delta_gamma2"]: gamma2,
            SYMBOLS["Delta_RL"]: RL,
            SYMBOLS["Delta_L2"]: L2,
        },
        Delta_gamma2=gamma2,
        Delta_RL=RL,
        Delta_L2=L2,
    )


def _by_size(expr: sp.Expr) -> sp.Expr:
    """Collect powers of N, then of L."""
    terms = sp.collect(sp.expand(expr), N, evaluate=False)
    return sp.Add(*(power * sp.factor_terms(sp.together(c)) for power, c in terms.items()))
