"""Statistics of a batch, times M, as batches grow: what the files here share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from torch import Tensor

from bntheory.simulation import Batch, Estimate, Layer, Run, coefficient, statistics

#: Batch sizes from 4 on; the smallest are left out where a moment does not exist there.
SIZES = (4, 8, 16, 32, 64, 128, 256, 512)


def coefficients(
    run: Run,
    layer: Layer,
    functions: Sequence[Callable[[Batch], Tensor]],
    samples: int,
    sizes: Sequence[int] = SIZES,
    products: bool = True,
) -> tuple[Estimate, ...]:
    """Measure the limit of M times the mean of each statistic."""
    measured = [
        statistics(run, replace(layer, M=M), functions, samples=samples, products=products)
        for M in sizes
    ]
    drawn = sum(estimates[0].samples for estimates in measured)
    limits = []
    for series in zip(*measured, strict=True):
        values = [M * found.value for M, found in zip(sizes, series, strict=True)]
        errors = [M * found.standard_error for M, found in zip(sizes, series, strict=True)]
        limits.append(Estimate(*coefficient(sizes, values, errors), drawn))
    return tuple(limits)
