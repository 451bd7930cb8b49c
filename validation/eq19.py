"""The replica-symmetric free energy (Eq. 19), on the partition function of a linear student.

With a Gaussian prior of the weights, a ridge, the integral over all weights is elementary for given
samples: the mean of ln Z/N is measured on random inputs.  (19) is made stationary in its order
parameters with the inner integral of a linear student.  Constants that do not depend on the samples
are left out of (19), so that differences between two noises and two temperatures are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import sympy as sp
import torch
from scipy.optimize import root
from torch import Tensor

import derivations
from bntheory.formulas import generalization
from bntheory.notation import SYMBOLS
from bntheory.simulation import Estimate, Run
from bntheory.verdict import Check
from validation.judging import judged
from validation.offline import Inputs, linear_students

LOADS, RIDGE = (0.5, 2.0), 0.3
#: (S, beta) of the reference, and of what is compared with it.
FIRST, OTHERS = (0.25, 2.0), ((4.0, 2.0), (0.25, 8.0))
MARGIN = 0.08  # relative
SIZES = ((40, 96), (80, 48))


def validate(run: Run) -> Iterator[Check]:
    """Measure differences of ln Z/N."""
    for alpha in LOADS:
        for S, beta in OTHERS:
            ends = [_measured(run, alpha, *end) for end in (FIRST, (S, beta))]
            difference = Estimate(
                ends[1].value - ends[0].value,
                math.hypot(ends[0].standard_error, ends[1].standard_error),
                ends[0].samples + ends[1].samples,
            )
            predicted = _stationary(alpha, S, beta) - _stationary(alpha, *FIRST)
            yield from judged(
                f"linear student, ridge = {RIDGE:g}, alpha = {alpha:g}, from S, beta = {FIRST} to "
                f"{(S, beta)}",
                "change of ln Z/N",
                difference,
                MARGIN * abs(predicted),
                predicted,
                predicted,
                alpha=alpha,
            )


def _measured(run: Run, alpha: float, S: float, beta: float) -> Estimate:
    """Measure ln Z/N, less ln(2 pi)/2, with the weights integrated out."""

    def log_integral(inputs: Inputs) -> list[Tensor]:
        N = inputs.x.shape[1]
        square = inputs.x.T @ inputs.x
        square.diagonal().add_(RIDGE)
        left = inputs.y - inputs.x @ inputs.ridge(RIDGE)
        energies = (inputs.y * left).sum(0) / 2
        return [(-torch.logdet(beta * square) / 2 - beta * energies.mean()) / N]

    (found,) = linear_students(run, f"eq19 {alpha}", alpha, S, log_integral, SIZES)
    return found


def _stationary(alpha: float, S: float, beta: float) -> float:
    """Make (19) stationary, with the prior -beta ridge q^2/2, for a linear student."""
    names = ("gamma", "R", "q")
    gamma, R, q = (SYMBOLS[name] for name in names)
    spread = q**2 - gamma**2
    width = 1 + beta * spread
    # the inner integral over h3 of exp(-beta (m + sqrt(spread) h3 - y)^2/2), and its mean
    energy = -sp.log(width) / 2 - beta * (1 - 2 * gamma * R + gamma**2 + S) / (2 * width)
    entropy = derivations.derive("eq19")["entropy"]
    whole = entropy + alpha * energy - beta * RIDGE * q**2 / 2
    point = (gamma, R, q)
    slopes = sp.lambdify(point, [sp.diff(whole, by) for by in point], "math")
    # ridge regression is near, whatever the theory: (X^T X + ridge)^{-1}/beta is the spread
    response = float(generalization.resolvent(alpha, RIDGE))
    overlap = 1 - RIDGE * response
    square = float(generalization.wn_linear(alpha, RIDGE, S)) - 1 + 2 * overlap
    start = (square**0.5, overlap / square**0.5, (square + response / beta) ** 0.5)
    found = root(lambda v: slopes(*v), start, tol=1e-10)
    assert max(map(abs, slopes(*found.x))) < 1e-8, found.message
    return float(sp.lambdify(point, whole, "math")(*found.x))
