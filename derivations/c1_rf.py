"""The first-order term of the loss, and when it vanishes (App. C.1).

mu_B drops out and 1/sigma_B leaves (rho + 2)/(4 M).  What is left over is this number times gamma
times the derivative of the loss in gamma.  So R^f vanishes where the *average* loss is stationary
in gamma, and sample by sample in the mean over y where E[y | x] = A'(h_bar): the model has to be
true, at its current parameters.  Nowhere else does it vanish.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, A, A_prime, E_data, E_noise, average
from bntheory.proof import Proof
from derivations import c1_expansion, c1_glm, prior
from derivations.batch import (
    AS_NOISE,
    MODEL,
    PRIOR,
    STANDARD,
    averaged,
    beta,
    gamma,
    h,
    h_bar,
    h_hat,
    mu_B,
    mu_P,
    noise_moments,
    sigma_B,
    sigma_P,
    y,
    z,
)

y_mean, dell_dgamma = SYMBOLS["y_mean"], SYMBOLS["dell_dgamma"]
deviation = gamma * (h - mu_B) / sigma_B - gamma * (h - mu_P) / sigma_P


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive R^f of a sample under the noise model of Sec. 2, and what makes it vanish."""
    d = Proof("c1-rf", activation)
    first = d.cite(c1_glm.derive())["Rf"]
    inverse = d.cite(c1_expansion.derive())["inverse_std"]
    moments = noise_moments(d.cite(prior.derive())["std_variance"])
    d.assume(PRIOR)

    expanded = d.substitute(
        "The deviation h_hat - h_bar, with the expansion of 1/sigma_B",
        sp.expand(deviation),
        {1 / sigma_B: inverse},
        approximation="O(1/M**(3/2))",
    )
    noisy = sp.expand(d.substitute("in terms of the noise", expanded, AS_NOISE))
    shift = averaged(d, "Its mean over the noise", noisy, moments, 4, E_noise(h_hat - h_bar))
    Rf = d.substitute(
        "So R^f of a sample is", first, {h_hat: h_bar + shift}, name=SYMBOLS["Rf"]
    )

    population = gamma * z + beta
    slope = d.differentiate(
        "The loss at h_bar = gamma z + beta has the slope",
        A(population) - y * population,
        gamma,
        dell_dgamma,
    )
    d.rewrite(
        "so that R^f is proportional to it",
        Rf.subs(h_bar, population),
        lambda e: sp.factor(sp.cancel(e / slope)) * slope,
        SYMBOLS["Rf"],
    )
    over_y = d.average("Averaged over y given x", sp.expand(Rf), {y: y_mean}, SYMBOLS["Rf"])
    d.substitute("which is zero if E[y | x] = A'(h_bar)", over_y, {y_mean: A_prime(h_bar)})
    residual = d.average("Likewise what the paper averages", (A_prime(h) - y) * h, {y: y_mean})
    true = d.substitute("is zero if E[y | x] = A'(h)", residual, {y_mean: A_prime(h)})
    d.assume(MODEL)
    d.remark(
        "R^f = (rho + 2)/(4 M) gamma dL/dgamma with L the population-normalized loss: besides a "
        "true model, a gamma at rest makes it vanish. In training neither is given; for a teacher "
        "that the student cannot be equal to, E[y | x] differs from A'(h_bar) for good."
    )
    return d.conclude(
        {SYMBOLS["Rf"]: average(Rf.subs(z, STANDARD)), E_data((A_prime(h) - y) * h): true},
        Rf=Rf,
        shift=shift,
        averaged_over_y=over_y,
    )


