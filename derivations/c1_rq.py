"""The second-order term of the loss, and the Fisher information of gamma (App. C.1).

Squared gradient and second derivative of the loss in gamma agree only in the mean over y given x,
and only if y has the mean *and the variance* that the model says, A' and A''.  For a squared error
A'' = 1: the residuals would need unit variance, whatever the noise of the data is.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, A, A_prime, A_second, E_noise, average
from bntheory.proof import Proof
from derivations import c1_expansion, c1_glm, prior
from derivations.batch import (
    AS_NOISE,
    PRIOR,
    STANDARD,
    averaged,
    beta,
    gamma,
    h,
    h_bar,
    h_hat,
    noise_moments,
    sigma_B,
    tau,
    y,
    z,
)
from derivations.c1_rf import deviation

y_mean, y_variance = SYMBOLS["y_mean"], SYMBOLS["y_variance"]
fisher, mean_curvature = SYMBOLS["fisher_information"], SYMBOLS["mean_curvature"]
Rq_name, d2ell = SYMBOLS["Rq"], SYMBOLS["d2ell_dgamma2"]


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive R^q of a sample under the noise model of Sec. 2, and the two Fisher informations."""
    d = Proof("c1-rq", activation)
    second = d.cite(c1_glm.derive())["Rq"]
    inverse = d.cite(c1_expansion.derive())
    moments = noise_moments(d.cite(prior.derive())["std_variance"])
    d.assume(PRIOR)

    expanded = d.substitute(
        "The square of h_hat - h_bar, with the expansions of 1/sigma_B and 1/sigma_B^2",
        sp.expand(deviation**2),
        {sigma_B**-2: inverse["inverse_variance"], 1 / sigma_B: inverse["inverse_std"]},
        approximation="O(1/M**(3/2))",
    )
    noisy = sp.expand(d.substitute("in terms of the noise", expanded, AS_NOISE))
    name = E_noise((h_hat - h_bar) ** 2)
    whole = averaged(d, "Its mean over the noise", noisy, moments, 4, name)
    spread = averaged(d, "or to order 1/M", noisy, moments, 2, name)
    Rq = d.substitute("So R^q of a sample is", second, {(h_hat - h_bar) ** 2: spread}, Rq_name)

    population = gamma * z + beta
    slope = sp.diff(A(population) - y * population, gamma)
    bend = d.differentiate("The loss at h_bar = gamma z + beta bends with", slope, gamma, d2ell)
    squared = d.average(
        "while its slope, squared, is in the mean over y given x",
        sp.expand(slope**2),
        {y: y_mean, y**2: E_noise(y**2)},
    )
    squared = d.substitute(
        "with the variance of y", squared, {E_noise(y**2): y_mean**2 + y_variance}
    )
    d.substitute(
        "If y has the mean and the variance that the model says, that is the same",
        squared,
        {y_mean: A_prime(population), y_variance: A_second(population)},
    )
    cumulants = A(h + tau) - A(h)
    mean_of_y = d.differentiate(
        "The model says: log E exp(tau y) = A(h + tau) - A(h), with the slope", cumulants, tau
    )
    d.substitute("at 0, the mean of y,", mean_of_y, {tau: 0}, y_mean)
    variance_of_y = d.differentiate("and the second derivative", mean_of_y, tau)
    d.substitute("at 0, the variance of y", variance_of_y, {tau: 0}, y_variance)

    d.remark(
        "I(gamma) as the mean of A'' z^2 is what R^q has. As a mean of squared slopes it is the "
        "same only for a true model; for a squared error (A'' = 1) only if the residuals have "
        "variance 1: where a noiseless teacher is learned they go to 0, and A'' stays."
    )
    at = {population: h_bar, z: STANDARD}
    curved, spread_at, whole_at = (expr.subs(at) for expr in (bend, spread, whole))
    informed = {fisher: average(curved), mean_curvature: average(A_second(h_bar)), d2ell: curved}
    exact = {Rq_name: average(A_second(h_bar) / 2 * whole_at)}
    short = {Rq_name: average(A_second(h_bar) / 2 * spread_at), **informed}
    return d.conclude(
        [{**exact, name: whole_at}, exact, short, informed, informed, informed],
        Rq=Rq,
        spread=spread,
        spread_to_second_order=whole,
        squared_slope=squared,
    )
