"""The pull of the noise on gamma: the gradient of the loss, with the batch's statistics.

dl/dgamma = l'(h_hat) (h_hat - beta)/gamma on real batches, less the same at h_bar, over 2 gamma and
times M, is the decay.  Theorem 1 has zeta(h) for it, for a true model.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.simulation import LAWS, Law, Layer, Loss, Run, limit
from bntheory.verdict import Check
from validation import kinds
from validation.judging import judged
from validation.models import LINEAR, LOGISTIC, SOFTPLUS, Model

SIZES = (8, 12, 16, 24, 32, 64, 128, 256, 512)
SAMPLES = 2**21  # at each size
MARGIN = 0.05  # of the printed decay


def validate(run: Run) -> Iterator[Check]:
    """Measure the decay for each law of h, each model, each kind of normalization."""
    models = (LINEAR, SOFTPLUS, LOGISTIC)
    for name in ("gaussian", "exponential", "mixture"):
        law = LAWS[name]
        for kind, suffix in kinds.SUFFIXES.items():
            layer = Layer(law, SIZES[0], LINEAR.gamma, LINEAR.beta, kind)
            measured = limit(run, layer, [_pull(model) for model in models], SIZES, SAMPLES)
            for model, found in zip(models, measured, strict=True):
                if model is LINEAR and kind == "mean":
                    continue  # zero in every batch, as its derivation says
                printed = model.theorem1(law) / model.gamma**2
                yield from judged(
                    f"{kinds.NAMES[kind]} on {name} h, {model.label}",
                    "M times the decay",
                    found,
                    MARGIN * printed,
                    _decay(model, law, suffix),
                    printed if kind == "bn" else None,
                    gamma=model.gamma,
                )


def _pull(model: Model) -> Loss:
    """Return dl/dgamma over 2 gamma, as a function of the normalized value."""

    def value(u: Tensor, z: Tensor) -> Tensor:
        return model.slope(u, z) * (u - model.beta) / (2 * model.gamma**2)

    def slope(u: Tensor, z: Tensor) -> Tensor:
        bent = model.curvature(u) * (u - model.beta) + model.slope(u, z)
        return bent / (2 * model.gamma**2)

    return Loss(model.label, value, slope)


def _decay(model: Model, law: Law, suffix: str) -> float:
    function = getattr(regularizer, f"own_batch_decay{suffix}")
    names = list(function.__signature__.parameters)

    def decay(h: Tensor, z: Tensor) -> Tensor:
        known = {
            "gamma": model.gamma,
            "z": z,
            "M": 1.0,
            "rho": law.kurtosis,
            "skewness": law.skewness,
            "loss_curvature": model.curvature(h),
            "loss_third": model.third(h),
        }
        return torch.as_tensor(function(**{name: known[name] for name in names}))

    return model.average(law, decay)
