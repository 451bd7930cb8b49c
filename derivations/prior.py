"""Mean and deviation of a batch, to order 1/M, for any law of h with four moments (Sec. 2).

With m1 and m2 the sums of z and of z^2 - 1 over the batch, over sqrt(M),

    mu_B = mu_P + sigma_P m1/sqrt(M),    sigma_B = sigma_P sqrt(1 + m2/sqrt(M) - m1^2/M).

The fourth moment enters through E m2^2 = rho + 2, so rho has to be the *excess* kurtosis.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.batch_noise import ANY, monomials
from bntheory.derivation import Derivation
from bntheory.notation import E_noise
from bntheory.proof import Proof
from derivations.batch import (
    FOUR_MOMENTS,
    IID,
    SUMS,
    averaged,
    m1,
    m2,
    mu_B,
    mu_P,
    sigma_B,
    sigma_P,
    tau,
)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive mean, variance and covariance of mu_B and sigma_B."""
    d = Proof("prior", activation)
    d.assume(IID, FOUR_MOMENTS)
    wanted = monomials((m1, m2), 2)
    table = d.moments("Moments of the sums over the batch", SUMS, ANY, tau**-2, wanted)

    mean = mu_P + sigma_P * tau * m1
    mu = averaged(d, "The batch mean", mean, table, 2, E_noise(mu_B))
    mu_variance = averaged(
        d, "Its variance", sp.expand((mean - mu_P) ** 2), table, 2, E_noise((mu_B - mu_P) ** 2)
    )

    deviation = d.expand(
        "The batch deviation", sigma_P * sp.sqrt(1 + tau * m2 - tau**2 * m1**2), tau, 2, sigma_B
    )
    sigma = averaged(d, "Its mean", deviation, table, 2, E_noise(sigma_B))
    square = d.expand(
        "The square of its distance from sigma_P", (deviation - sigma_P) ** 2, tau, 2
    )
    sigma_variance = averaged(
        d, "has the mean", square, table, 2, E_noise((sigma_B - sigma_P) ** 2)
    )
    mixed = d.expand("Mean and deviation together", (mean - mu_P) * (deviation - sigma_P), tau, 2)
    covariance = averaged(
        d, "have the covariance", mixed, table, 2, E_noise((mu_B - mu_P) * (sigma_B - sigma_P))
    )
    d.remark(
        "rho is the excess kurtosis E z^4 - 3, and sigma_P^2 belongs in the variance of sigma_B."
    )
    d.remark(
        "sigma_B is biased by -sigma_P (rho + 6)/(8 M): the same order 1/M as what Theorem 1 "
        "keeps. For a skewed h mean and deviation are correlated, at that order too."
    )
    return d.conclude(
        {
            E_noise(mu_B): mu,
            E_noise((mu_B - mu_P) ** 2): mu_variance,
            E_noise(sigma_B): sigma,
            E_noise((sigma_B - sigma_P) ** 2): sigma_variance,
        },
        std_bias=sp.factor(sigma - sigma_P),
        std_variance=sigma_variance,
        covariance=covariance,
        mean_variance=mu_variance,
    )


