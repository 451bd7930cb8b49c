"""The generalization error of a ReLU student without decay (Sec. 4.1): trained, and solved for.

Gradient descent from small weights is trained to its end.  It need not end at the shortest student
of least training error, which replica symmetry has exactly (rs-capacity, the derived prediction of
the second system); the printed prediction is Eq. (25).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from bntheory.formulas import generalization
from bntheory.gap import Gap
from bntheory.simulation import Run
from bntheory.simulation.offline import train
from bntheory.simulation.teacher import Samples
from bntheory.verdict import Check
from validation import interpolating
from validation.judging import judged
from validation.offline import replicas

MARGIN = 0.02  # relative
STEPS, SIZES = 1500, ((40, 800), (80, 800))


def validate(run: Run) -> Iterator[Check]:
    """Measure the error of both students at each load."""
    for system, alpha, found, derived in interpolating.each(run):
        printed = float(generalization.sgd_relu(alpha, interpolating.NOISE))
        yield from judged(
            system, "generalization error", found.error, MARGIN * derived.error, derived.error,
            printed, alpha=alpha,
        )

        def trained(samples: Samples, alpha: float = alpha) -> Tensor:
            P = samples.x.shape[1]
            history = train(
                samples, run, "sgd-relu", method="sgd", student="relu",
                eta=0.8 * P / (1 + alpha**0.5) ** 2, steps=STEPS, times=[STEPS],
            )
            return torch.from_numpy(history.error[-1])[:, None]

        (end,) = replicas(run, f"interpolating {alpha}", alpha, interpolating.NOISE, trained, SIZES)
        yield from judged(
            f"gradient descent from small weights, {STEPS} steps, alpha = {alpha:g}",
            "generalization error", end, 0.05 * derived.error, None, printed, alpha=alpha,
        )


def over_range() -> Iterator[Gap]:
    """Compare the print with replica symmetry."""

    def printed(alpha: float) -> float:
        return float(generalization.sgd_relu(alpha, interpolating.NOISE))

    yield interpolating.gap("generalization error", printed)
