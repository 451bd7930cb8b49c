"""Theorem 1 (Eq. 3): how much loss a batch adds, against gamma decay.

M E[l(h_hat) - l(h_bar)] is measured on ``torch.nn.BatchNorm1d`` in training mode and taken to
infinite M.  The printed prediction is zeta(h) gamma^2, the derived one that of own-batch, which
knows that the sample is a member of its batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.gap import PAPER_BATCHES, Gap, widest
from bntheory.simulation import LAWS, Layer, Run, limit
from bntheory.verdict import Check
from validation.judging import judged
from validation.models import LINEAR, LOGISTIC, POISSON, SOFTPLUS, Model

NAMES = ("gaussian", "exponential", "mixture", "relu_gaussian", "student")
SIZES = (4, 8, 16, 32, 64, 128, 256, 512)
SAMPLES = 2**21  # at each size
MARGIN = 0.03  # of what is derived, or of 0.1 where that is less

#: Models that share gamma and beta are measured on the same batches.
MODELS = (
    (SOFTPLUS, replace(SOFTPLUS, teacher=(1.5, 0.0)), LINEAR, LOGISTIC),
    (POISSON,),
)


def validate(run: Run) -> Iterator[Check]:
    """Measure the coefficient of 1/M for each law of h and each model."""
    for name in NAMES:
        law = LAWS[name]
        for models in MODELS:
            if name in ("exponential", "student") and models[0] is POISSON:
                continue  # e^h has no variance, or no mean, under these
            layer = Layer(law, SIZES[0], models[0].gamma, models[0].beta)
            losses = [model.loss() for model in models]
            measured = limit(run, layer, losses, SIZES, SAMPLES)
            for model, found in zip(models, measured, strict=True):
                derived = model.own_batch(law)
                margin = MARGIN * max(abs(derived), 0.1)
                yield from judged(
                    f"BatchNorm1d on {name} h, {model.label}",
                    "1/M term of the loss",
                    found,
                    margin,
                    derived,
                    model.theorem1(law),
                    gamma=model.gamma,
                    beta=model.beta,
                )


def over_range() -> Iterator[Gap]:
    """Compare Theorem 1 with what a batch adds to the loss, to order 1/M^2 for Gaussian h."""
    law = LAWS["gaussian"]
    for model in MODELS[0][:2]:

        def own_batch(M: float, model: Model = model) -> float:
            def excess(h: Tensor, z: Tensor) -> Tensor:
                bend, third = model.curvature(h), model.third(h)
                fourth = third * (1 - 2 * bend)  # of softplus, whose curvature is the sigmoid
                found = regularizer.own_batch_excess_gaussian(
                    model.gamma, z, M, model.slope(h, z), bend, third, fourth
                )
                return torch.as_tensor(found)

            return model.average(law, excess)

        printed = model.theorem1(law)
        yield widest(
            f"what a batch adds to the loss, gaussian h, {model.label}",
            lambda M, printed=printed: printed / M,
            own_batch,
            M=PAPER_BATCHES,
        )
