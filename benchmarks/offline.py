"""The offline simulation against its matrix products alone.

The reference multiplies an array that is in the order of the batches already, by weights and by a
row of residuals, as often as training does, and for as many replicas at a time: no shuffling, no
copies, and no arithmetic in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from measure import Figure, compare

if TYPE_CHECKING:
    from torch import Tensor

N, REPLICAS, EPOCHS = 512, 16, 100


def offline() -> Iterator[Figure]:
    """(g) Plain SGD with a linear student."""
    from bntheory.simulation.offline import train
    from bntheory.simulation.run import Run
    from bntheory.simulation.teacher import draw

    run = Run()
    for alpha in (0.5, 1.0, 2.0):
        samples = draw(run, "benchmark", N=N, alpha=alpha, S=0.25, replicas=REPLICAS)
        P = samples.x.shape[1]
        for batch in (None, 32):
            ours = partial(
                train,
                samples,
                run,
                "benchmark",
                method="sgd",
                student="linear",
                eta=0.1,
                epochs=EPOCHS,
                batch=batch,
            )
            M = batch or P
            x = samples.x.view(REPLICAS, P // M, M, N).transpose(0, 1)
            few = 4 if batch is None else REPLICAS  # what is fastest
            parts = [x[:, k : k + few].contiguous() for k in range(0, REPLICAS, few)]
            yield compare(
                f"g  SGD, P={P}, {f'batches of {batch}' if batch else 'full batch'}",
                ours,
                partial(_products, parts),
                2.0,
                rounds=9,
                note=f"its products, {few} of {REPLICAS} replicas at a time",
            )


def _products(parts: list[Tensor]) -> None:
    """Multiply every batch by weights and by residuals; parts are (batches, replicas, M, N)."""
    import torch

    for batches in parts:
        weights = torch.ones_like(batches[0, :, :1])
        residuals = torch.ones_like(batches[0, :, None, :, 0])
        by_sample, by_weight = torch.empty_like(residuals), torch.empty_like(weights)
        for _ in range(EPOCHS):
            for x in batches:
                torch.bmm(weights, x.mT, out=by_sample)
                torch.bmm(residuals, x, out=by_weight)
