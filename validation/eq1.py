"""A neuron with batch normalization (Eq. 1): as printed, against ``torch.nn.BatchNorm1d``.

The layer is in training mode, with a negligible eps; the printed relations are evaluated on the
batch mean and deviation of h.  Equal up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
import torch
from torch import nn

from bntheory import paper
from bntheory.notation import SYMBOLS
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation.judging import judged, worst

GAMMA, BETA = 0.7, -0.4
NEURONS, M, BATCHES = 32, 32, 64
MARGIN = 1e-9


@torch.no_grad()
def validate(run: Run) -> Iterator[Check]:
    """Measure how far the printed h_hat is from the layer's."""
    generator = run.generator("eq1")

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator, device=run.device, dtype=torch.float64)

    N = run.size(NEURONS, lambda N: M * BATCHES * N)
    layer = nn.BatchNorm1d(BATCHES, eps=1e-30, device=run.device, dtype=torch.float64)
    layer.weight.fill_(GAMMA)
    layer.bias.fill_(BETA)
    h = normal(M, BATCHES, N) @ normal(N)
    names = ("gamma", "beta", "h", "mu_B", "sigma_B")
    printed = sp.lambdify([SYMBOLS[name] for name in names], paper.find("eq1").printed[1].rhs)
    mean, deviation = h.mean(0), h.std(0, correction=0)
    off = layer(h) - printed(GAMMA, BETA, h, mean, deviation)
    yield from judged(
        "BatchNorm1d, the worst of all samples", "h_hat less the printed one", worst(off), MARGIN,
        0.0, 0.0, M=M, batches=BATCHES,
    )  # fmt: skip
