"""What a batch does to its own member to order 1/M^2, for Gaussian h.

The coefficient of 1/M^2 is what is left of M E[l(h_hat) - l(h_bar)] when that of 1/M, known from
its average by quadrature, is taken off, times M once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.simulation import LAWS, Estimate, Layer, Run, coefficient, excess_loss
from bntheory.verdict import Check
from validation.judging import judged
from validation.models import LINEAR, LOGISTIC, POISSON, Model

SIZES = (8, 12, 16, 24, 32, 48)
SAMPLES = 2**24  # at each size
MARGIN = 0.2  # absolute: the powers of z alone have coefficients of order 1


def validate(run: Run) -> Iterator[Check]:
    """Measure the coefficient of 1/M^2 for a few models."""
    linear = replace(LINEAR, teacher=(1.5, 0.0))
    for models in ((LINEAR, linear, replace(LOGISTIC, teacher=(2.0, 0.0))), (POISSON,)):
        layer = Layer(LAWS["gaussian"], SIZES[0], models[0].gamma, models[0].beta)
        losses = [model.loss() for model in models]
        rows = [excess_loss(run, replace(layer, M=M), losses, samples=SAMPLES) for M in SIZES]
        for model, series in zip(models, zip(*rows, strict=True), strict=True):
            first = model.own_batch(layer.law)
            values = [M * (f.value - first) for M, f in zip(SIZES, series, strict=True)]
            errors = [M * f.standard_error for M, f in zip(SIZES, series, strict=True)]
            value, error = coefficient(SIZES, values, errors)
            yield from judged(
                f"BatchNorm1d on gaussian h, {model.label}",
                "1/M^2 term of the loss",
                Estimate(value, error, SAMPLES * len(SIZES)),
                MARGIN,
                _second(model),
                gamma=model.gamma,
            )


def _second(model: Model) -> float:
    """Return the coefficient of 1/M^2: what the formula has at M = 1 beside its part in 1/M."""

    def term(h: Tensor, z: Tensor) -> Tensor:
        slopes = (
            model.slope(h, z),
            model.curvature(h),
            model.third(h),
            _slope_of(model, h),
        )
        whole = regularizer.own_batch_excess_gaussian(model.gamma, z, 1.0, *slopes)
        first = regularizer.own_batch_excess(model.gamma, z, 1.0, 0.0, 0.0, *slopes[:2])
        return torch.as_tensor(whole - first)

    return model.average(LAWS["gaussian"], term)


def _slope_of(model: Model, h: Tensor) -> Tensor:
    """The fourth derivative of the loss, by autograd."""
    with torch.enable_grad():
        at = h.detach().clone().requires_grad_()
        third = model.third(at)
        if not third.requires_grad:
            return torch.zeros_like(h)
        (slope,) = torch.autograd.grad(third.sum(), at)
    return slope
