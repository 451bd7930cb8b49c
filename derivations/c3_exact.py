"""The exact gamma decay of a linear student with a Gaussian h (App. C.3).

The loss is a squared error with second derivative 2 lambda: lambda is 1 as it is printed, and 1/2
for half of it.  With mu_B and sigma_B independent of the sample, E[(h_hat - h_bar)^2] needs no
expansion.  The print has the part that comes from sigma_B; the one from mu_B is there, too.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.batch_noise import GAUSSIAN
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_noise
from bntheory.proof import Proof
from derivations import c3_moments
from derivations.batch import (
    AS_NOISE,
    BACK,
    M,
    gamma,
    h,
    h_bar,
    h_hat,
    mu_B,
    n1,
    rho,
    sigma_B,
    sigma_P,
    z,
    zeta,
)
from derivations.c1_rf import deviation

lam, fisher = SYMBOLS["lam"], SYMBOLS["fisher_information"]
HALF = {lam: sp.Rational(1, 2)}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the decay from sigma_B, as printed, and the one from mu_B and sigma_B together."""
    d = Proof("c3-exact", activation)
    moments = d.cite(c3_moments.derive())
    d.assume("mu_B and sigma_B are independent of the sample")

    noisy = d.substitute(
        "The square of h_hat - h_bar",
        sp.expand(deviation**2),
        {h: AS_NOISE[h], mu_B: AS_NOISE[mu_B]},
    )
    inverse = {
        sigma_B**-2: moments["inverse_variance"],
        1 / sigma_B: moments["inverse_std"],
    }
    noisy = d.substitute("averaged over sigma_B", sp.expand(noisy), inverse)
    noisy = d.average("over mu_B", sp.expand(noisy), {n1: E_noise(n1), n1**2: E_noise(n1**2)})
    spread = d.substitute(
        "with its moments", noisy, {E_noise(n1): 0, E_noise(n1**2): 1, **BACK},
        E_noise((h_hat - h_bar) ** 2),
    )
    over_z = d.average("and over h", sp.expand(spread), {z**2: E_noise(z**2)})
    over_z = d.substitute("of variance 1", over_z, {E_noise(z**2): GAUSSIAN.mean(z**2)})
    whole = d.rewrite(
        "Times lambda, and over gamma^2, it is the whole decay",
        lam * over_z / gamma**2,
        sp.expand,
        zeta,
    )
    from_mean = lam * inverse[sigma_B**-2] * sigma_P**2 / M
    from_std = d.rewrite(
        "Without what comes from mu_B it is", whole - from_mean, sp.expand, zeta
    )
    information = d.average("I(gamma) is the mean of 2 lambda z^2", 2 * lam * z**2,
                            {z**2: E_noise(z**2)})
    information = d.substitute("with", information, {E_noise(z**2): GAUSSIAN.mean(z**2)}, fisher)
    kurtosis = d.substitute(
        "and the excess kurtosis of a Gaussian is", E_noise(z**4) - 3,
        {E_noise(z**4): GAUSSIAN.mean(z**4)}, rho,
    )
    d.remark(
        "The print leaves out mu_B, which adds lambda E[1/sigma_B^2]/M. And for a linear student "
        "R^f, which is left out too, is zero only where gamma is that of the teacher."
    )
    decays = {"gamma_decay_linear_exact": whole, "gamma_decay_linear_exact_no_bias": from_std}
    return d.conclude(
        {zeta: from_std, fisher: information, rho: kurtosis},
        **{name: expr.subs(HALF) for name, expr in decays.items()},
        decay=from_std,
        whole_decay=whole,
    )
