"""What a batch does to its own member: mean and mean square of h_hat - h_bar, given h.

M times their averages with a few weights, functions of z, is measured on ``torch.nn.BatchNorm1d``
and on its mean and deviation alone.  The deviation alone is measured from M = 32 on: small batches
of a ReLU's outputs may have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.simulation import LAWS, Law, Layer, Loss, Run, limit
from bntheory.verdict import Check
from validation import kinds
from validation.judging import judged

SIZES = {
    "bn": (8, 16, 24, 32, 64, 128, 256, 512),
    "mean": (4, 8, 16, 32, 64, 128, 256, 512),
    "std": (32, 48, 64, 96, 128, 256, 512),
}
SAMPLES = 2**21  # at each size
MARGIN = 0.08  # of the mean size of what is weighted
GAMMA, BETA = 1.5, -0.5

WEIGHTS: dict[str, Callable[[Tensor], Tensor]] = {
    "1": torch.ones_like,
    "cos(z)": torch.cos,
    "sin(z)": torch.sin,
}


def validate(run: Run) -> Iterator[Check]:
    """Measure them for each law of h and each kind of normalization."""
    for name in ("gaussian", "mixture", "relu_gaussian", "student"):
        for kind, suffix in kinds.SUFFIXES.items():
            law = LAWS[name]
            layer = Layer(law, SIZES[kind][0], GAMMA, BETA, kind)
            names = [(power, weight) for power in (1, 2) for weight in WEIGHTS]
            losses = [_weighted(WEIGHTS[weight], power) for power, weight in names]
            measured = limit(run, layer, losses, SIZES[kind], SAMPLES)
            for (power, weight), found in zip(names, measured, strict=True):
                moment = _moment(law, suffix, power)
                predicted, size = (_average(law, moment, WEIGHTS[weight], f) for f in (_same, abs))
                yield from judged(
                    f"{kinds.NAMES[kind]} on {name} h, gamma = {GAMMA:g}",
                    f"M E[{weight} (h_hat - h_bar)^{power}]",
                    found,
                    MARGIN * size,
                    predicted,
                )


def _weighted(weight: Callable[[Tensor], Tensor], power: int) -> Loss:
    def value(u: Tensor, z: Tensor) -> Tensor:
        return weight(z) * (u - GAMMA * z - BETA) ** power

    def slope(u: Tensor, z: Tensor) -> Tensor:
        return weight(z) if power == 1 else torch.zeros_like(z)

    return Loss(f"power {power}", value, slope)


def _moment(law: Law, suffix: str, power: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return the derived moment of h_hat - h_bar times M, a function of z."""
    function = getattr(regularizer, ("own_batch_shift", "own_batch_spread")[power - 1] + suffix)
    names = list(function.__signature__.parameters)
    known = {"M": 1.0, "rho": law.kurtosis, "skewness": law.skewness}

    def moment(z: np.ndarray) -> np.ndarray:
        return np.asarray(GAMMA**power * function(**{n: known.get(n, z) for n in names}))

    return moment


def _average(
    law: Law,
    moment: Callable[[np.ndarray], np.ndarray],
    weight: Callable[[Tensor], Tensor],
    form: Callable[[np.ndarray], np.ndarray],
) -> float:
    return law.average(
        lambda z: form(moment(z) * weight(torch.as_tensor(z, dtype=torch.float64)).numpy())
    )


def _same(values: np.ndarray) -> np.ndarray:
    return values
