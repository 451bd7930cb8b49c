"""Batch normalization against gamma decay, linear student (Sec. 4.1, Fig. 1a).

The paper's noise model makes batch normalization a decay zeta gamma^2 with zeta = 1/(2 M) (App.
C.3), a ridge alpha zeta beside X^T X.

With P fixed samples the population that a batch is drawn from is the *samples*: sigma_P^2 is
w.X^T X w/P and not |w|^2/N, and gamma^2 = w~.X^T X w~/P for the weights w~ = gamma w/sigma_P that
the student amounts to.  What depends on gamma multiplies X^T X, and is no ridge.  The expected loss
of a batch is derived here: over a batch h_hat has the mean 0 and the mean square 1, so that only
the product with the label is changed, by k = E[sigma_B]/sigma_P < 1, and the minimum is k times the
solution of least squares.  It shrinks, and diverges at alpha = 1 as if there were no decay.

The paper's student of Sec. 4 leaves out mu_B.  With the deviation of the batch, k is the same to
order 1/M; with its root mean square in the place of the deviation it is 1 - 1/(4 M).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.batch_noise import ANY, GAUSSIAN
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_data, E_noise
from bntheory.proof import Proof
from derivations import c3_simple, prior, wn_linear
from derivations.batch import BACK, IID, M, averaged, m2, mu_B, rho, sigma_B, sigma_P, tau, z
from derivations.generalization import (
    GAUSSIAN_SAMPLES,
    NOISY_TEACHER,
    S,
    alpha,
    epsilon,
    gamma,
    joined,
    ridge,
    zeta,
)

E_label, loss = E_data(SYMBOLS["y_star"] ** 2), SYMBOLS["loss"]
square, product, rest, r = (
    SYMBOLS[name] for name in ("batch_square", "batch_product", "residual", "correlation")
)
shrinkage, below, above = (SYMBOLS[name] for name in ("shrinkage", "below", "above"))
e, w_k, w_star_k, s_k = (SYMBOLS[name] for name in ("eigenvalue", "w_k", "w_star_k", "s_k"))
INDEPENDENT = "over the samples, what the student does not explain is independent of h"


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the decay of the paper, its ridge, and what the loss of batches is least at."""
    d = Proof("bn-linear", activation)
    decay = d.cite(c3_simple.derive())["gamma_decay_linear_no_bias_whole_error"]
    of_decay = d.substitute(
        "In the loss as written this is the ridge", d.cite(wn_linear.derive())["ridge_of_decay"],
        {zeta: decay}, ridge,
    )
    d.assume(GAUSSIAN_SAMPLES, NOISY_TEACHER, IID, INDEPENDENT)
    bias = d.cite(prior.derive())["std_bias"]
    excess = GAUSSIAN.mean(z**4) - 3 * GAUSSIAN.mean(z**2) ** 2
    deviation = d.substitute(
        "The bias of the deviation of a batch, for Gaussian h in units where sigma_P = 1, makes "
        "E[sigma_B]",
        1 + bias,
        {rho: excess, sigma_P: sp.S.One},
        shrinkage,
    )
    without_mean = _without_mean(d, deviation)
    d.remark(
        "sigma_P is measured on the P samples. So even a decay zeta gamma^2 is not a ridge for "
        "batch normalization: it makes (1 + zeta) X^T X of X^T X."
    )
    found = _error(d, _least_loss(d))
    d.remark(
        "The loss of batches is least at k times the solution of least squares, k = 1 - 3/(4 M) "
        "for Gaussian h. Nothing in it bounds the error at alpha = 1: where batch normalization "
        "is measured near the curve of a ridge, training has not come to its end."
    )
    return d.conclude(
        {zeta: decay},
        ridge_of_batches=of_decay,
        shrinkage=deviation,
        shrinkage_without_mean=without_mean,
        shrinkage_rms=root_mean_square(d),
        batch_linear=found.subs(shrinkage, deviation),
    )


def _without_mean(d: Proof, deviation: sp.Expr) -> sp.Expr:
    """Derive k where mu_B is not taken off h, to order 1/M: mu_B^2 is 1/M and counts twice."""
    own = d.substitute(
        "Without mu_B the mean of h_hat^2 is 1 + mu_B^2/sigma_B^2, and the product with the label "
        "has sigma_B + mu_B^2/sigma_B for sigma_B; with E[mu_B^2] = tau^2 the ratio of both is",
        (shrinkage + mu_B**2) / (1 + mu_B**2),
        {shrinkage: deviation.subs(M, tau**-2), mu_B: tau},
    )
    ratio = d.expand("To order 1/M", own, tau, 2)
    return d.substitute("That is", ratio, BACK, shrinkage)


def root_mean_square(d: Proof) -> sp.Expr:
    """Derive E[sigma_B]/sigma_P of the root mean square of a batch, to order 1/M."""
    table = d.moments(
        "sigma_B^2/sigma_P^2 = 1 + tau m2 is the mean of z^2 over a batch: moments of the sum",
        {m2: tau * (z**2 - 1)}, ANY, tau**-2, [m2, m2**2],
    )
    root = d.expand("sigma_B/sigma_P, with tau = 1/sqrt(M)", sp.sqrt(1 + tau * m2), tau, 2)
    mean = averaged(d, "Its mean", root, table, 2, shrinkage)
    excess = GAUSSIAN.mean(z**4) - 3 * GAUSSIAN.mean(z**2) ** 2
    mean = d.substitute("For Gaussian h", mean, {rho: excess}, shrinkage)
    return d.rewrite("With the root mean square k is", mean, sp.expand, shrinkage)


def _least_loss(d: Proof) -> sp.Expr:
    """Derive the expected loss of a batch, and where it is least along an eigenvector."""
    of_batch = E_label - 2 * gamma * product / sigma_B + gamma**2 * square / sigma_B**2
    of_batch = d.substitute(
        "The loss of a batch, by its covariance of z and y and its variance of z, in units where "
        "sigma_P = 1; of the labels z explains r z, and what is left correlates with z in the "
        "batch by chance alone",
        of_batch,
        {square: sigma_B**2, product: sigma_B * (r * sigma_B + rest)},
        loss,
    )
    mean = d.average(
        "Averaged over batches", sp.expand(of_batch),
        {sigma_B: E_noise(sigma_B), rest: E_noise(rest)}, loss,
    )
    mean = d.substitute(
        "with E[sigma_B] = k", mean, {E_noise(sigma_B): shrinkage, E_noise(rest): 0}, loss
    )
    label = e * w_star_k + sp.sqrt(e) * s_k
    of_weights = d.substitute(
        "Along an eigenvector of X^T X the weights w~ put e w~^2/P in gamma^2 and w~ (X^T y)/P in "
        "gamma r: times P, it changes the loss by",
        (mean - E_label),
        {gamma: sp.sqrt(e) * w_k, r: label / sp.sqrt(e)},
    )
    slope = d.differentiate("Its slope", of_weights, w_k)
    return d.solve("It is least at k times the solution of least squares", slope, w_k)


def _error(d: Proof, best: sp.Expr) -> sp.Piecewise:
    """Derive the error on both sides of alpha = 1."""
    named = d.average(
        "Its squared error, averaged over the direction of w* and the noise",
        sp.expand((best - w_star_k) ** 2),
        wn_linear.NAMES,
    )
    means = {wn_linear.NAMES[p]: mean for p, mean in wn_linear.MOMENTS.items()}
    by_eigenvalue = d.substitute(
        "with the mean squares 1 and S", named, means, E_data((w_k - w_star_k) ** 2)
    )
    fixed, noisy = sp.factor(by_eigenvalue.subs(S, 0)), by_eigenvalue.coeff(S) * e
    resolvent = wn_linear.derive()["resolvent"]
    many = d.limit(
        "For alpha = 1 + delta_a the mean of 1/e over the spectrum is",
        resolvent.subs(alpha, 1 + above), ridge, 0,
    )
    few = d.limit(
        "For alpha = 1 - delta_b there are delta_b N eigenvalues 0, and the others add to it",
        resolvent.subs(alpha, 1 - below) - below / ridge, ridge, 0,
    )
    from_above = d.substitute(
        "So for alpha > 1 the error is", fixed + noisy * S * many, {above: alpha - 1}, epsilon
    )
    from_below = d.substitute(
        "and for alpha < 1, with the error 1 along each eigenvector of eigenvalue 0,",
        below + (1 - below) * fixed + noisy * S * few,
        {below: 1 - alpha},
        epsilon,
    )
    at_one = from_above.subs(S, 0)
    return joined(1, from_below, from_above, at_one)
