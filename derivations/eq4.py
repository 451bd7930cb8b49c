"""Population normalization as weight normalization [salimans2016] (Eq. 4).

h = w.x has the mean mu_P and the variance w.C w.  For C = a I that is a |w|^2, so that sigma_P is
sqrt(a) |w|: population normalization divides by the length of w, with the scale gamma/sqrt(a).  For
a general C the length is measured by C, and the scale depends on the direction of w.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, dot, norm
from bntheory.proof import Proof
from derivations.batch import beta, gamma, h, h_bar, mu_P, sigma_P

w, x, C_w = SYMBOLS["w"], SYMBOLS["x"], SYMBOLS["C_w"]
a, upsilon, b = SYMBOLS["input_variance"], SYMBOLS["upsilon"], SYMBOLS["b"]
field, length = dot(w, x), norm(w)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive scale and shift of weight normalization, for C = a I and for a general C."""
    d = Proof("eq4", activation)
    normalized = gamma * (h - mu_P) / sigma_P + beta
    normalized = d.substitute(
        "Population normalization of h = w.x", normalized, {h: field}, name=h_bar
    )
    general = d.substitute(
        "The variance of w.x is w.Cw", normalized, {sigma_P: sp.sqrt(dot(w, C_w))}, name=h_bar
    )
    general = d.differentiate(
        "so that the scale of w.x/|w| is, for any C",
        general.subs(field, length * h),
        h,
        name=upsilon,
    )

    d.assume("Cov(x) = a I")
    variance = d.overlap("With C = a I the variance is", dot(w, a * w), (w,), name=sigma_P**2)
    deviation = d.rewrite(
        "and the deviation", sp.sqrt(variance), lambda _: sp.sqrt(a) * length, name=sigma_P
    )
    isotropic = d.substitute("With it", normalized, {sigma_P: deviation}, name=h_bar)
    linear = isotropic.subs(field, length * h)
    scale = d.differentiate("the scale of w.x/|w| is", linear, h, name=upsilon)
    shift = d.substitute("and at w.x = 0 there is the shift", linear, {h: sp.S.Zero}, name=b)
    d.remark(
        "The scale is gamma/sqrt(a), and b has sqrt(a) |w| below. The source leaves the power of a "
        "open; for a general covariance the scale is gamma |w|/sqrt(w.Cw), which depends on the "
        "direction of w: population normalization is weight normalization for C = a I alone."
    )
    return d.conclude(
        [{h_bar: normalized}, {h_bar: isotropic, upsilon: scale, b: shift}, {upsilon: scale},
         {b: shift}],
        upsilon=scale,
        b=shift,
        general_upsilon=general,
    )
