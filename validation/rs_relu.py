"""A ReLU student with gamma decay, by replica symmetry at zero temperature.

Weight normalization is trained with all samples on the loss as written, from several starts, and
the end of least loss is kept.  The energy has many minima, so that it is one near the least, and
replica symmetry is not exact for it: the margins say how far it is trusted.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from bntheory.learning_curves import saddle_point
from bntheory.simulation import Run
from bntheory.simulation.offline import train
from bntheory.simulation.teacher import Samples
from bntheory.verdict import Check
from validation.judging import judged
from validation.offline import label_controls, less_controls, replicas

LOADS, NOISE, ZETA = (2.0, 4.0), 0.25, 0.1
STARTS, STEPS, SIZES = 3, 600, ((32, 384), (64, 192))
ETA = 0.3  # what gamma takes; with short first weights the direction moves as fast as gamma
MARGIN = 0.08  # relative
NAMES = ("mean squared error of the samples", "gamma^2", "gamma R", "generalization error")


def validate(run: Run) -> Iterator[Check]:
    """Measure training error, order parameters and error at each load."""
    for alpha in LOADS:
        point = saddle_point(alpha, NOISE, zeta=ZETA)
        predicted = (point.train_error, point.gamma**2, point.gamma * point.R, point.error)

        def ends(samples: Samples, alpha: float = alpha) -> Tensor:
            return less_controls(_best(samples, run, alpha), label_controls(samples, NOISE))

        found = replicas(run, f"rs-relu {alpha}", alpha, NOISE, ends, SIZES)
        for name, value, measured in zip(NAMES, predicted, found, strict=True):
            yield from judged(
                f"weight normalization, zeta = {ZETA:g}, alpha = {alpha:g}, S = {NOISE:g}",
                name, measured, MARGIN * value, value, alpha=alpha, zeta=ZETA,
            )


def _best(samples: Samples, run: Run, alpha: float) -> Tensor:
    """Train from several starts, and keep for each replica the end of least loss."""
    ends, P = [], samples.x.shape[1]
    for start in range(STARTS):
        history = train(
            samples, run, f"rs-relu start {start}", method="wn", student="relu",
            eta=ETA, L0=(ETA * (1 + alpha**0.5) ** 2 / P) ** 0.5, steps=STEPS, times=[STEPS],
            zeta=ZETA,
        )
        rows = (history.train_loss, history.gamma2, history.overlap, history.error)
        ends.append(np.stack([row[-1] for row in rows], axis=1))
    table = np.stack(ends)
    losses = table[:, :, 0] + ZETA * table[:, :, 1]
    chosen = losses.argmin(0)
    return torch.from_numpy(table[chosen, np.arange(table.shape[1])])
