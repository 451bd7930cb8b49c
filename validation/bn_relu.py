"""Batch normalization against gamma decay, ReLU student (Sec. 4.1, Fig. 1b).

The deviation of a batch, and in its place the root mean square, are trained on in mini-batches on
fixed samples.  By the printed prediction batch normalization has the error of weight normalization
with the decay 1/(4 M), which is trained on the same samples.  By the derived one the weights are k
times those of least training error in their direction: M (1 - k) is measured, without the part
1 - M/P that drawing without replacement takes off.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

import derivations
from bntheory.notation import SYMBOLS
from bntheory.simulation import Run
from bntheory.simulation.offline import History, train
from bntheory.simulation.teacher import Samples
from bntheory.verdict import Check
from validation.judging import judged
from validation.offline import replicas

NOISE, BATCH = 0.25, 16
ETA, SMALL, DECAY, EPOCHS = 0.1, 0.06, 1e-3, 400
STEPS, BY_GAMMA = 1500, 0.3
LOADS, SIZES = (2.0, 4.0), ((64, 160),)
MARGIN, CLOSE = 0.12, 0.03  # of M (1 - k), and of an error


def validate(run: Run) -> Iterator[Check]:
    """Measure the error beside that of the decay, and how much batches shrink the student."""
    results = derivations.derive("bn-linear").results
    for alpha in LOADS:

        def difference(samples: Samples) -> Tensor:
            decayed = train(
                samples, run, "bn-relu decay", method="wn", student="relu", eta=BY_GAMMA,
                L0=(BY_GAMMA * 6 / samples.x.shape[1]) ** 0.5, steps=STEPS, times=[STEPS],
                zeta=1 / (4 * BATCH),
            )
            return torch.from_numpy(
                _batches(samples, run, "bn-std").error[-1] - decayed.error[-1]
            )[:, None]

        (found,) = replicas(run, f"bn-relu {alpha}", alpha, NOISE, difference, SIZES)
        yield from judged(
            f"batch deviation, M = {BATCH}, alpha = {alpha:g}, after {EPOCHS} epochs",
            "error above that of the decay 1/(4 M)", found, CLOSE, None, 0.0, alpha=alpha,
        )
    for method, name, what in (
        ("bn-std", "shrinkage_without_mean", "deviation"),
        ("bn-rms", "shrinkage_rms", "root mean square"),
    ):
        derived = float(BATCH * (1 - results[name].subs(SYMBOLS["M"], BATCH)))

        def shrinkage(samples: Samples, method: str = method) -> Tensor:
            weights = _batches(samples, run, method).weights
            output = (samples.x @ weights[..., None])[..., 0].relu()
            best = (samples.y * output).sum(1) / output.square().sum(1)
            return (BATCH * (1 - 1 / best) / (1 - BATCH / samples.x.shape[1]))[:, None]

        (found,) = replicas(run, "bn-relu end", LOADS[-1], NOISE, shrinkage, SIZES)
        yield from judged(
            f"batch {what}, M = {BATCH}, alpha = {LOADS[-1]:g}, after {EPOCHS} epochs",
            "M times the part it is shorter than the best length", found, MARGIN,
            derived, alpha=LOADS[-1],
        )


def _batches(samples: Samples, run: Run, method: str) -> History:
    return train(
        samples, run, "bn-relu", method=method, student="relu", eta=ETA, batch=BATCH,
        epochs=EPOCHS, times=[EPOCHS], L0=SMALL, decay=DECAY,
    )
