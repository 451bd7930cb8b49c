"""The expansion of the loss to second order in h_hat - h_bar (App. C.1): what it leaves over.

M times the mean of what is left over has to vanish as batches grow.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from bntheory.simulation import LAWS, Layer, Loss, Run, limit
from bntheory.verdict import Check
from validation.judging import judged
from validation.models import LOGISTIC, SOFTPLUS, Model

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
SAMPLES = 2**20  # at each size
MARGIN = 0.05  # of the curvature term


def validate(run: Run) -> Iterator[Check]:
    """Measure the remainder for each law of h and two models."""
    models = (SOFTPLUS, LOGISTIC)
    for name in ("gaussian", "exponential", "mixture"):
        layer = Layer(LAWS[name], SIZES[0], SOFTPLUS.gamma, SOFTPLUS.beta)
        measured = limit(run, layer, [_remainder(model) for model in models], SIZES, SAMPLES)
        for model, found in zip(models, measured, strict=True):
            yield from judged(
                f"BatchNorm1d on {name} h, {model.name}",
                "M times what is left over",
                found,
                MARGIN * model.own_batch(LAWS[name]),
                derived=0.0,
                printed=0.0,
            )


def _remainder(model: Model) -> Loss:
    loss = model.loss()

    def value(u: Tensor, z: Tensor) -> Tensor:
        h = model.h_bar(z)
        way = u - h
        return loss.value(u, z) - model.slope(h, z) * way - model.curvature(h) * way**2 / 2

    return Loss(model.label, value, lambda u, z: torch.zeros_like(z))
