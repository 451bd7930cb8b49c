"""The SGD step of w and gamma, from the loss by differentiation (Eq. 5).

The loss of one example depends on w through w.x and w.w alone, so its gradient is the chain rule
over inner products.  Naming the two fields and delta gives the printed form, but for one thing:
differentiating a square brings down a factor 2 that the print has absorbed into eta.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, dot, g, g_prime, norm
from bntheory.proof import Proof
from derivations.model import (
    GAUSSIAN_INPUT,
    N,
    delta,
    eta,
    gamma,
    length,
    loss,
    u,
    v,
    w,
    w_star,
    x,
)

#: The fields and delta by name: w.x = u |w| / (sqrt(N) gamma), and g(v) = g(u) + delta / g'(u).
FIELD_NAMES = {dot(w, x): u * length / (sp.sqrt(N) * gamma), dot(w_star, x): v}
SIGNAL_NAME = {g(v): g(u) + delta / g_prime(u)}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive Delta w and Delta gamma; they hold for every activation."""
    d = Proof("eq5", activation)
    d.assume(GAUSSIAN_INPUT)
    Delta_w, Delta_gamma = SYMBOLS["Delta_w"], SYMBOLS["Delta_gamma"]

    step_w = d.gradient("One step in w is -eta times the gradient of the loss", -eta * loss, by=w)
    step_w = d.substitute("Name the fields u = w~.x and v = w*.x", step_w, FIELD_NAMES)
    step_w = d.substitute("Name delta = g'(u) [g(v) - g(u)]", step_w, SIGNAL_NAME)
    step_w = d.rewrite(
        "Collect x and w", step_w, lambda e: sp.collect(sp.expand(e), (x, w)), name=Delta_w
    )

    step_gamma = d.differentiate("One step in gamma likewise", -eta * loss, by=gamma)
    step_gamma = d.substitute("Name the fields", step_gamma, FIELD_NAMES)
    step_gamma = d.substitute("Name delta", step_gamma, SIGNAL_NAME)
    step_gamma = d.rewrite("Collect", step_gamma, sp.expand, name=Delta_gamma)

    d.remark(
        "The loss is printed without a factor 1/2, so its gradient carries a factor 2 that (5) "
        "does not have: (5) is SGD on half the printed loss, or eta stands for twice the learning "
        "rate. From here on the toolkit follows (5): the loss is "
        "(g(v) - g(u))^2 / 2 + zeta gamma^2 / 2."
    )
    printed_fields = {
        norm(w): length,
        dot(SYMBOLS["w_tilde"], x): u,
        dot(w, x): u * length / (sp.sqrt(N) * gamma),
    }
    return d.conclude(
        {Delta_w: step_w, Delta_gamma: step_gamma, **printed_fields},
        Delta_w=step_w,
        Delta_gamma=step_gamma,
    )
