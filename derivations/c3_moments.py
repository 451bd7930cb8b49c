"""Moments of the inverse batch deviation of a Gaussian h (App. C.3).

M sigma_B^2/sigma_P^2 is a chi-square variable with M - 1 degrees of freedom, by Cochran's theorem.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.gamma_ratio import algebraic
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_noise
from bntheory.proof import Proof
from derivations.batch import IID, M, sigma_B, sigma_P

chi2 = SYMBOLS["chi2"]
DENSITY = chi2 ** ((M - 3) / 2) * sp.exp(-chi2 / 2) / (2 ** ((M - 1) / 2) * sp.gamma((M - 1) / 2))
DEVIATION = sigma_P * sp.sqrt(chi2 / M)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive E[sigma_B], E[1/sigma_B] for M > 2, and E[1/sigma_B^2] for M > 3."""
    d = Proof("c3-moments", activation)
    d.assume(IID, "h is Gaussian", "M > 2 for E[1/sigma_B], M > 3 for E[1/sigma_B^2]")
    d.integrate("The density of chi-square has the integral", DENSITY, chi2, least={M: 3})
    found = {}
    for power in (-1, 1, 2):
        integrand = sp.powsimp(sp.expand(DENSITY / DEVIATION**power), force=True)
        value = d.integrate(
            f"Average sigma_B^{-power} over it", integrand, chi2, least={M: 3}
        )
        found[power] = d.rewrite("that is", value, _by_gammas, name=E_noise(sigma_B**-power))
    found[2] = d.rewrite(
        "of which the second is rational", found[2], algebraic, name=E_noise(sigma_B**-2)
    )
    return d.conclude(
        {E_noise(sigma_B**-power): value for power, value in found.items()},
        std=found[-1],
        inverse_std=found[1],
        inverse_variance=found[2],
    )


def _by_gammas(expr: sp.Expr) -> sp.Expr:
    """Gather the powers of 2 and of M."""
    return sp.powsimp(sp.expand_power_exp(expr))
