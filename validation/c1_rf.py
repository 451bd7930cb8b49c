"""The first-order term R^f (App. C.1), and where it does not vanish.

M E[l'(h_bar) (h_hat - h_bar)] is measured on ``torch.nn.BatchNorm1d`` for a true model, where it
has to be zero, and for teachers that the student is not equal to.  The derived prediction is that
of own-batch; the noise model's is the printed one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.gap import PAPER_BATCHES, Gap, widest
from bntheory.simulation import LAWS, Law, Layer, Loss, Run, limit
from bntheory.verdict import Check
from validation import members
from validation.judging import judged
from validation.models import LINEAR, LOGISTIC, SOFTPLUS, Model

SIZES = (8, 12, 16, 24, 32, 64, 128, 256, 512)
SAMPLES = 2**20  # at each size
MARGIN = 0.05

MODELS = tuple(
    replace(model, teacher=teacher)
    for model in (LINEAR, SOFTPLUS, LOGISTIC)
    for teacher in ((1.5, 0.5), (1.0, -0.5))
)


def validate(run: Run) -> Iterator[Check]:
    """Measure R^f for each law of h and each teacher."""
    for name in ("gaussian", "exponential", "mixture"):
        law = LAWS[name]
        layer = Layer(law, SIZES[0], LINEAR.gamma, LINEAR.beta)
        measured = limit(run, layer, [_first_order(model) for model in MODELS], SIZES, SAMPLES)
        for model, found in zip(MODELS, measured, strict=True):
            scale, shift = model.teacher
            yield from judged(
                f"BatchNorm1d on {name} h, {model.name}, teacher {scale:g} z + {shift:g}",
                "M R^f",
                found,
                MARGIN * (law.kurtosis + 2),
                _own_batch(model, law),
                _noise_model(model, law),
            )


def over_range() -> Iterator[Gap]:
    """Compare the print with a batch of Gaussian h at every size, where the model is not true."""
    law = LAWS["gaussian"]
    for model in MODELS:
        first_order, printed = _first_order(model).value, _noise_model(model, law)
        yield widest(
            f"R^f, gaussian h, {model.name}, teacher {model.teacher[0]:g} z + "
            f"{model.teacher[1]:g}",
            lambda M, printed=printed: printed / M,
            lambda M, model=model, first_order=first_order: members.average(
                int(M), lambda t, z: first_order(model.h_bar(t), z)
            ),
            M=PAPER_BATCHES,
        )


def _first_order(model: Model) -> Loss:
    def value(u: Tensor, z: Tensor) -> Tensor:
        h = model.h_bar(z)
        return model.slope(h, z) * (u - h)

    return Loss(model.label, value, lambda u, z: model.slope(model.h_bar(z), z))


def _own_batch(model: Model, law: Law) -> float:
    def term(h: Tensor, z: Tensor) -> Tensor:
        shift = regularizer.own_batch_shift(z, 1.0, law.kurtosis, law.skewness)
        return model.slope(h, z) * model.gamma * torch.as_tensor(shift)

    return model.average(law, term)


def _noise_model(model: Model, law: Law) -> float:
    def term(h: Tensor, z: Tensor) -> Tensor:
        shift = regularizer.noise_shift(model.gamma, z, 1.0, law.kurtosis)
        return model.slope(h, z) * torch.as_tensor(shift)

    return model.average(law, term)
