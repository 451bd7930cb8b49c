"""The expansions of 1/sigma_B and 1/sigma_B^2 (App. C.1): what they leave over.

On the deviations that ``torch.nn.BatchNorm1d`` uses, M times the mean of what is left over has to
vanish as batches grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import sympy as sp
from torch import Tensor

import derivations
from bntheory.gap import PAPER_BATCHES, Gap, widest
from bntheory.notation import SYMBOLS
from bntheory.simulation import LAWS, Batch, Layer, Run
from bntheory.verdict import Check
from validation.judging import judged
from validation.moments import coefficients

SIZES = (24, 32, 48, 64, 128, 256, 512)
SAMPLES = 2**21  # at each size
MARGIN = 0.1  # of the kurtosis plus 2


def validate(run: Run) -> Iterator[Check]:
    """Measure both remainders for each law of h."""
    results = derivations.derive("c1-expansion").results
    sigma_B, sigma_P = SYMBOLS["sigma_B"], SYMBOLS["sigma_P"]
    names = ("inverse_std", "inverse_variance")
    polynomials = [
        sp.lambdify(sigma_B, results[name].subs(sigma_P, 1), "numpy") for name in names
    ]

    def remainder(power: int, batch: Batch) -> Tensor:
        left: Tensor = batch.std**-power - polynomials[power - 1](batch.std)
        return left

    for name in ("gaussian", "uniform", "mixture", "student"):
        law = LAWS[name]
        functions = [partial(remainder, power) for power in (1, 2)]
        measured = coefficients(run, Layer(law, SIZES[0]), functions, SAMPLES, SIZES)
        for power, found in zip((1, 2), measured, strict=True):
            yield from judged(
                f"BatchNorm1d on {name} h",
                f"M times what is left of sigma_B^-{power}",
                found,
                MARGIN * (law.kurtosis + 2),
                derived=0.0,
                printed=0.0,
            )


def over_range() -> Iterator[Gap]:
    """Compare the means of both expansions with the exact ones, for Gaussian h."""
    moments = derivations.derive("c3-moments").results
    expansions = derivations.derive("c1-expansion").results
    M, sigma_B, sigma_P = (SYMBOLS[name] for name in ("M", "sigma_B", "sigma_P"))
    #: E sigma_B, and E sigma_B^2 = 1 - 1/M.
    known = {1: moments["std"].subs(sigma_P, 1), 2: 1 - 1 / M}
    for name in ("inverse_std", "inverse_variance"):
        polynomial = sp.Poly(expansions[name].subs(sigma_P, 1), sigma_B)
        mean = sum(c * known.get(power, 1) for (power,), c in polynomial.terms())
        exact = moments[name].subs(sigma_P, 1)
        yield widest(
            f"mean of {name.replace('_', ' ')}, Gaussian h",
            sp.lambdify(M, mean, "mpmath"),
            sp.lambdify(M, exact, "mpmath"),
            M=PAPER_BATCHES,
        )
