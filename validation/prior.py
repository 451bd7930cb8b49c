"""The batch mean and deviation (Sec. 2): mean, variance and covariance of mu_B and sigma_B.

M times each is measured on what ``torch.nn.BatchNorm1d`` uses, in units of sigma_P, and taken to
infinite M; only averages of mean zero serve as controls.  The print has no bias of sigma_B.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

import derivations
from bntheory.notation import SYMBOLS
from bntheory.simulation import LAWS, Layer, Run
from bntheory.verdict import Check
from validation.judging import judged
from validation.moments import coefficients

SIZES = (8, 12, 16, 24, 32, 48, 64, 96, 128)
SAMPLES = 2**24  # at each size
MARGIN = 0.08  # of the kurtosis plus 2

#: What is measured, the derived result, and what is printed for it.
MOMENTS = (
    ("Var mu_B", lambda b: b.mean**2, "mean_variance", 1.0),
    ("bias of sigma_B", lambda b: b.std - 1, "std_bias", 0.0),
    ("Var sigma_B", lambda b: (b.std - 1) ** 2, "std_variance", "(rho + 2)/4"),
    ("Cov(mu_B, sigma_B)", lambda b: b.mean * (b.std - 1), "covariance", None),
)


def validate(run: Run) -> Iterator[Check]:
    """Measure them for each law of h."""
    results = derivations.derive("prior").results
    functions = [function for _, function, _, _ in MOMENTS]
    for name, law in LAWS.items():
        at = {"rho": law.kurtosis, "skewness": law.skewness, "sigma_P": 1.0, "M": 1.0}
        point = {SYMBOLS[symbol]: value for symbol, value in at.items()}
        margin = MARGIN * (law.kurtosis + 2)
        measured = coefficients(
            run, Layer(law, SIZES[0]), functions, SAMPLES, SIZES, products=False
        )
        for (quantity, _, result, print_), found in zip(MOMENTS, measured, strict=True):
            derived, printed = (
                None if expr is None else float(sp.sympify(expr, locals=SYMBOLS).subs(point))
                for expr in (results[result], print_)
            )
            yield from judged(
                f"BatchNorm1d on {name} h", f"M times {quantity}", found, margin, derived, printed
            )
