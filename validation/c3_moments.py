"""Moments of the inverse batch deviation (App. C.3): 1/sigma_B and 1/sigma_B^2 of real batches.

The hidden values are N(0, 1), and sigma_B is what ``torch.nn.BatchNorm1d`` divides by.  M sigma_B^2
is a chi-square variable of M - 1 degrees of freedom, so the mean of sigma_B^-p exists where
p < M - 1.  A standard error needs the mean of the square: 1/sigma_B has one from M = 4 on, and
1/sigma_B^2, whose variance is infinite up to M = 5, is measured from M = 8 on.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.simulation import LAWS, Batch, Layer, Run, settled, statistics
from bntheory.verdict import Check, judge

SIZES = (4, 5, 8, 16, 64)
MARGIN = 1e-3  # relative

#: What is measured, from which M on, of which power of sigma_B, and what predicts it.
MOMENTS = (
    ("E[1/sigma_B]", 4, -1, regularizer.inverse_std),
    ("E[1/sigma_B^2]", 8, -2, regularizer.inverse_variance),
)


def validate(run: Run) -> Iterator[Check]:
    """Measure both moments at each batch size."""
    for M in SIZES:
        layer = Layer(LAWS["gaussian"], M)
        for quantity, first, power, formula in MOMENTS:
            if M < first:
                continue
            predicted = float(formula(M))
            margin = MARGIN * predicted
            decided = settled(predicted, margin)
            (found,) = statistics(run, layer, [partial(_power, power)], decided)
            yield judge(
                f"BatchNorm1d on Gaussian h, M = {M}",
                quantity,
                predicted,
                found.value,
                found.standard_error,
                margin,
                M=M,
                samples=found.samples,
            )


def _power(power: int, batch: Batch) -> Tensor:
    return batch.std**power
