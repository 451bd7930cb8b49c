"""The expansion of the loss to second order in h_hat - h_bar (App. C.1): what it leaves over.

M times the mean of what is left over has to vanish as batches grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor

from bntheory.gap import PAPER_BATCHES, Gap, widest
from bntheory.simulation import LAWS, Layer, Loss, Run, limit
from bntheory.verdict import Check
from validation import members
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


def over_range() -> Iterator[Gap]:
    """Compare both orders with all that a batch of Gaussian h adds to the loss of a member."""
    for model in (SOFTPLUS, LOGISTIC):
        yield widest(
            f"what a batch adds to the loss, gaussian h, {model.label}",
            partial(_added, model, _second_order(model)),
            partial(_added, model, model.loss().value),
            M=PAPER_BATCHES,
        )


def _added(model: Model, value: Callable[[Tensor, Tensor], Tensor], M: float) -> float:
    return members.average(int(M), lambda t, z: value(model.h_bar(t), z))


def _second_order(model: Model) -> Callable[[Tensor, Tensor], Tensor]:
    def value(u: Tensor, z: Tensor) -> Tensor:
        h = model.h_bar(z)
        way = u - h
        return model.slope(h, z) * way + model.curvature(h) * way**2 / 2

    return value


def _remainder(model: Model) -> Loss:
    loss, second_order = model.loss(), _second_order(model)

    def value(u: Tensor, z: Tensor) -> Tensor:
        return loss.value(u, z) - second_order(u, z)

    return Loss(model.label, value, lambda u, z: torch.zeros_like(z))
