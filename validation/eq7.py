"""A neuron of a deep network (Eq. 7): batch mean and variance of h_hat, beta and gamma^2.

``torch.nn.BatchNorm1d`` in training mode, with a negligible eps, on the outputs of a random ReLU
layer: exact in every batch, up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from bntheory.simulation import Run
from bntheory.verdict import Check, judge

GAMMA, BETA = 0.7, -0.4
BELOW, ABOVE, M, BATCHES = 32, 16, 32, 64
MARGIN = 1e-9


@torch.no_grad()
def validate(run: Run) -> Iterator[Check]:
    """Measure batch mean and variance, and the change when h is scaled and shifted."""
    generator = run.generator("eq7")

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=run.device, dtype=torch.float64)

    layer = nn.BatchNorm1d(ABOVE, eps=1e-30, device=run.device, dtype=torch.float64)
    layer.weight.fill_(GAMMA)
    layer.bias.fill_(BETA)
    N = run.size(BELOW, lambda N: 2 * BATCHES * M * N)
    below = normal(BATCHES, M, N).relu()
    h = below @ normal(N, ABOVE)
    h_hat = torch.stack([layer(batch) for batch in h])
    moved = torch.stack([layer(3.0 * batch - 2.0) for batch in h])
    for quantity, predicted, values in (
        ("batch mean of h_hat", BETA, h_hat.mean(1)),
        ("batch variance of h_hat", GAMMA**2, h_hat.var(1, correction=0)),
        ("h_hat of 3 h - 2, less that of h", 0.0, moved - h_hat),
    ):
        worst = values.flatten()[(values - predicted).abs().argmax()]
        yield judge(
            "BatchNorm1d above a ReLU layer, the worst of all batches",
            quantity,
            predicted,
            float(worst),
            0.0,
            MARGIN,
            M=M,
            batches=BATCHES,
        )
