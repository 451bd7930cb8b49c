"""The generalization error of a linear student with a ridge, and the ridge of a decay (Sec. 4.1).

The error is measured at given ridges by exact solution.  And weight normalization is trained on the
loss as written, with the decay zeta: the derived prediction has the ridge alpha zeta, the printed
one X^T X + zeta I.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from bntheory.formulas import generalization
from bntheory.gap import PAPER_DECAYS, PAPER_LOADS, Gap, widest
from bntheory.simulation import Run
from bntheory.simulation.offline import train
from bntheory.simulation.teacher import Samples, error, ridge_solution
from bntheory.verdict import Check
from validation.judging import judged
from validation.offline import Inputs, linear_students, replicas

LOADS = (0.5, 1.0, 2.0)
RIDGES = (0.01, 0.25, 1.0)
NOISE = 0.25
MARGIN, CLOSE = 0.08, 0.01  # relative: of a measured error, and of training against solving
ZETA, STEPS = 0.25, 1500
ETA = 0.3  # what gamma takes; with short first weights the direction moves as fast as gamma


def validate(run: Run) -> Iterator[Check]:
    """Measure the error at each ridge, and of what the decay leads to."""
    for alpha in LOADS:

        def solved(inputs: Inputs) -> list[Tensor]:
            return [inputs.error(inputs.ridge(ridge)) for ridge in RIDGES]

        found = linear_students(run, f"wn-linear {alpha}", alpha, NOISE, solved)
        for ridge, measured in zip(RIDGES, found, strict=True):
            predicted = float(generalization.wn_linear(alpha, ridge, NOISE))
            yield from judged(
                f"ridge regression, ridge = {ridge:g}, alpha = {alpha:g}, S = {NOISE:g}",
                "generalization error",
                measured,
                MARGIN * predicted,
                predicted,
                predicted,
                alpha=alpha,
                ridge=ridge,
            )
    yield from _decay(run)


def over_range() -> Iterator[Gap]:
    """Compare the error at the ridge zeta with that at alpha zeta, of the loss as written."""
    yield widest(
        f"generalization error with the decay zeta in the loss, S = {NOISE:g}",
        lambda alpha, zeta: float(generalization.wn_linear(alpha, zeta, NOISE)),
        lambda alpha, zeta: float(generalization.wn_linear(alpha, alpha * zeta, NOISE)),
        alpha=PAPER_LOADS,
        zeta=PAPER_DECAYS[1:],
    )


def _decay(run: Run) -> Iterator[Check]:
    """Train with the decay, and measure by how much its error is that of a ridge alpha zeta."""
    for alpha in (0.5, 2.0):
        printed, derived = (
            float(generalization.wn_linear(alpha, ridge, NOISE)) for ridge in (ZETA, alpha * ZETA)
        )

        def trained(samples: Samples, alpha: float = alpha, derived: float = derived) -> Tensor:
            history = train(
                samples,
                run,
                "wn-linear",
                method="wn",
                student="linear",
                eta=ETA,
                L0=(ETA * (1 + alpha**0.5) ** 2 / samples.x.shape[1]) ** 0.5,
                steps=STEPS,
                times=[STEPS],
                zeta=ZETA,
            )
            ends = (history.weights, ridge_solution(samples, alpha * ZETA))
            by_training, by_solving = (error(weights, samples, "linear") for weights in ends)
            # the exact solution has the mean ``derived`` and goes up and down with it
            return torch.stack([by_training - by_solving + derived], dim=1)

        (found,) = replicas(run, f"wn-linear decay {alpha}", alpha, NOISE, trained, ((64, 16),))
        yield from judged(
            f"weight normalization, zeta = {ZETA:g} in the loss, alpha = {alpha:g}",
            "generalization error",
            found,
            CLOSE * derived,
            derived,
            printed,
            alpha=alpha,
            zeta=ZETA,
        )
