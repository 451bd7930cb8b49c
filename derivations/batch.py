"""The batch of Sec. 2: its mean and deviation, as noise and as what they are.

A batch has M samples, independent and of one law, whose standardized hidden values are z.  The
paper treats mu_B and sigma_B as noise that is independent of the sample at hand,

    mu_B = mu_P + sigma_P n1 / sqrt(M),    sigma_B = sigma_P (1 + n2 / sqrt(M)).

In a real batch the sample is a member.  With m1 and m2 the sums of z and z^2 - 1 over the *other*
members, over sqrt(M),

    mu_B = mu_P + sigma_P (z/M + m1/sqrt(M)),
    sigma_B^2 = sigma_P^2 (1 + m2/sqrt(M) + (z^2 - 1)/M) - (mu_B - mu_P)^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from bntheory import checking
from bntheory.calculus.batch_noise import Law, monomials
from bntheory.notation import SYMBOLS, E_noise, dot
from bntheory.proof import Proof

h, h_bar, h_hat, gamma, beta = (SYMBOLS[n] for n in ("h", "h_bar", "h_hat", "gamma", "beta"))
mu_B, sigma_B, mu_P, sigma_P = (SYMBOLS[n] for n in ("mu_B", "sigma_B", "mu_P", "sigma_P"))
M, rho, skewness, z, y = (SYMBOLS[n] for n in ("M", "rho", "skewness", "z", "y"))
tau, m1, m2, n1, n2 = (SYMBOLS[n] for n in ("tau", "m1", "m2", "n1", "n2"))
noise, zeta = SYMBOLS["noise"], SYMBOLS["zeta"]

IID = "the M samples of a batch are independent and of one law"
FOUR_MOMENTS = "h has four finite moments"
PRIOR = (
    "mu_B and sigma_B are noise, independent of the sample and of each other, unbiased, with the "
    "variances sigma_P^2/M and sigma_P^2 (rho + 2)/(4 M)"
)
MODEL = "y given x is distributed as the model says, at its current parameters"

#: In place of tau = 1/sqrt(M), at the end.
BACK = {tau: 1 / sp.sqrt(M)}

#: The standardized value in the paper's letters.
STANDARD = (dot(SYMBOLS["w"], SYMBOLS["x"]) - mu_P) / sigma_P

#: One term of each sum.
SUMS = {m1: tau * z, m2: tau * (z**2 - 1)}
OTHERS = 1 / tau**2 - 1

#: The paper's noise model.
AS_NOISE = {
    h: mu_P + sigma_P * z,
    mu_B: mu_P + sigma_P * tau * n1,
    sigma_B: sigma_P * (1 + tau * n2),
}


def noise_moments(std_variance: sp.Expr) -> dict[sp.Expr, Any]:
    """Return the moments of n1 and n2, independent, from the variance of sigma_B."""
    spread = sp.expand(std_variance * M / sigma_P**2)
    single = {n1: {1: 0, 2: 1}, n2: {1: 0, 2: spread}}
    moments = {n**k: mean for n, means in single.items() for k, mean in means.items()}
    joint = {
        n1**k * n2**m: single[n1][k] * single[n2][m] for k in (1, 2) for m in (1, 2)
    }
    return moments | joint


def member_statistics(d: Proof) -> tuple[sp.Expr, sp.Expr]:
    """Write the mean and the variance of a batch, of standardized values, around one member."""
    mean = tau**2 * z + tau * m1
    variance = 1 + tau * m2 + tau**2 * (z**2 - 1) - mean**2
    names = sp.Tuple((mu_B - mu_P) / sigma_P, sigma_B**2 / sigma_P**2)
    return tuple(
        d.step(
            "batch",
            "Mean and variance of a batch around one member z, with tau = 1/sqrt(M)",
            names,
            sp.Tuple(mean, variance),
            lambda after: checking.explicit_batch(after, z, (m1, m2), tau),
            names,
        )
    )


def averaged(
    d: Proof, title: str, expr: sp.Expr, table: Mapping[sp.Expr, Any], order: int, name: Any = None
) -> sp.Expr:
    """Average over the noise with a table of moments, to ``tau**order``, and write 1/M again."""
    names = {monomial: E_noise(monomial) for monomial in table}
    open_moments = d.average(title, expr, names)
    used = {E_noise(m): v for m, v in table.items() if open_moments.has(E_noise(m))}
    value = sp.expand(d.substitute("with their moments", open_moments, used))
    if sp.degree(value, tau) > order:
        value = d.drop("and without what is smaller", value, tau, order + 1)
    return d.substitute("that is", value, BACK, name)


def sums_of_others(d: Proof, law: Law, degree: int) -> dict[sp.Expr, sp.Expr]:
    """Find the moments of the sums over the other members."""
    wanted = monomials((m1, m2), degree)
    return d.moments("Moments of the sums over the other members", SUMS, law, OTHERS, wanted)
