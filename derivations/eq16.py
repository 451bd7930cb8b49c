"""The generalization error by the order parameters (Eqs. 16-17).

Given the weights, u = w~.x and v = w*.x are jointly Gaussian, with the second moments gamma^2,
gamma R and 1.  With two independent standard Gaussians, v = h1 and u = gamma R h1 + gamma
sqrt(1 - R^2) h2 have these moments, so that the average over x is one over h1 and h2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_data, dot, g, g_star, phi
from bntheory.proof import Proof
from derivations.generalization import N, R, epsilon, gamma, h1, h2

w_tilde, w_star = SYMBOLS["w_tilde"], SYMBOLS["w_star"]
u, v, y, y_star = (SYMBOLS[name] for name in ("u", "v", "y", "y_star"))

#: The overlaps of the weights, by the order parameters.
OVERLAPS = {
    dot(w_tilde, w_tilde): N * gamma**2,
    dot(w_tilde, w_star): N * gamma * R,
    dot(w_star, w_star): N,
}
STANDARD = {h1: sp.S.Zero, h2: sp.S.Zero, h1**2: sp.S.One, h2**2: sp.S.One, h1 * h2: sp.S.Zero}
NAMES = {product: E_data(product) for product in STANDARD}
MEANS = {NAMES[product]: mean for product, mean in STANDARD.items()}

student = gamma * R * h1 + gamma * sp.sqrt(1 - R**2) * h2


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the error as an integral over two standard Gaussians, for any two activations."""
    d = Proof("eq16", activation)
    d.assume("x ~ N(0, I/N)")
    for title, left, right, product in (
        ("The mean of u^2 is w~.w~/N", w_tilde, w_tilde, student**2),
        ("The mean of u v is w~.w*/N", w_tilde, w_star, student * h1),
        ("The mean of v^2 is w*.w*/N", w_star, w_star, h1**2),
    ):
        d.substitute(title, dot(left, right) / N, OVERLAPS)
        named = d.average("In h1 and h2 it is", sp.expand(product), NAMES)
        d.substitute("With their means 1 and 0", named, MEANS)
    error = d.substitute(
        "So the error is the mean of this over h1 and h2",
        (g_star(v) - g(u)) ** 2,
        {v: h1, u: student},
    )
    over_both = sp.Integral(
        phi(h1) * phi(h2) * error, (h2, -sp.oo, sp.oo), (h1, -sp.oo, sp.oo)
    )
    return d.conclude(
        [{epsilon: E_data((y_star - y) ** 2)}, {epsilon: over_both}], integrand=error
    )
