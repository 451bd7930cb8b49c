"""Batch normalization against gamma decay, linear student (Sec. 4.1, Fig. 1a).

Batch normalization, as torch.nn.BatchNorm1d in training mode has it, is trained in mini-batches on
fixed samples.  The printed prediction is the curve of the ridge 1/(2 M), the derived one what the
loss of batches is least at.  At alpha = 1, where that is without bound, the error is followed in
time: it comes down, and goes up through the printed curve.  At a larger load it is trained to its
end, and how much shorter than least squares it ends is measured, times M, and without the part
1 - M/P that drawing without replacement takes off.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

import derivations
from bntheory.formulas import generalization
from bntheory.gap import PAPER_BATCHES, PAPER_LOADS, Gap, widest
from bntheory.notation import SYMBOLS
from bntheory.simulation import Run
from bntheory.simulation.offline import train
from bntheory.simulation.teacher import Samples, draw, ridge_solution
from bntheory.verdict import Check
from validation.judging import judged
from validation.offline import replicas

NOISE, BATCH = 0.25, 16
#: Of the training at alpha = 1: epochs after which the error is looked at.
TIMES, ETA, SMALL = (30, 1000), 0.1, 0.06
#: Sizes and replicas: of the training to its end, and at alpha = 1.
SIZES = ((64, 128), (128, 48))
#: Of the training to its end.
LOAD, EPOCHS, DECAY = 3.0, 400, 1e-3
MARGIN = 0.2  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure the error in time, and how much batches shrink the student in the end."""
    yield from _in_time(run)
    yield from _in_the_end(run)


def over_range() -> Iterator[Gap]:
    """Compare the curve of the ridge 1/(2 M) with what training to its end has, up to order 1/M."""
    yield widest(
        f"generalization error at the end of training, S = {NOISE:g}",
        lambda M, alpha: float(generalization.wn_linear(alpha, 1 / (2 * M), NOISE)),
        lambda M, alpha: float(generalization.sgd_linear(alpha, NOISE)),
        M=PAPER_BATCHES,
        alpha=PAPER_LOADS,
    )


def _in_time(run: Run) -> Iterator[Check]:
    """Measure the error at alpha = 1, where it has no bound."""
    printed = float(generalization.wn_linear(1.0, 1 / (2 * BATCH), NOISE))

    def errors(samples: Samples) -> Tensor:
        history = train(
            samples, run, "bn-linear", method="bn", student="linear", eta=ETA, batch=BATCH,
            epochs=TIMES[-1], times=TIMES, L0=SMALL,
        )
        return torch.from_numpy(history.error.T)

    found = replicas(run, "bn-linear 1", 1.0, NOISE, errors, SIZES[-1:])
    for epochs, measured in zip(TIMES, found, strict=True):
        yield from judged(
            f"batch normalization, M = {BATCH}, alpha = 1, after {epochs} epochs",
            "generalization error", measured, MARGIN * printed, None, printed, epochs=epochs,
        )


def _in_the_end(run: Run) -> Iterator[Check]:
    """Measure M (1 - w.w_ols/|w_ols|^2)/(1 - M/P)."""
    derived = float(
        BATCH * (1 - derivations.derive("bn-linear")["shrinkage"].subs(SYMBOLS["M"], BATCH))
    )
    N = run.size(64, lambda N: 64 * 2 * LOAD * N * N)
    probe = draw(run, "bn-linear ridge", N=N, alpha=LOAD, S=NOISE, replicas=64)
    printed = float(_shrunk(ridge_solution(probe, 1 / (2 * BATCH)), probe).mean()) * BATCH

    def shrinkage(samples: Samples) -> Tensor:
        history = train(
            samples, run, "bn-linear end", method="bn", student="linear", eta=ETA, batch=BATCH,
            epochs=EPOCHS, times=[EPOCHS], L0=SMALL, decay=DECAY,
        )
        P = samples.x.shape[1]
        return (BATCH * _shrunk(history.weights, samples) / (1 - BATCH / P))[:, None]

    (found,) = replicas(run, "bn-linear end", LOAD, NOISE, shrinkage, SIZES[:1])
    yield from judged(
        f"batch normalization, M = {BATCH}, alpha = {LOAD:g}, after {EPOCHS} epochs",
        "M times the part it is shorter than least squares", found, MARGIN * derived, derived,
        printed, epochs=EPOCHS,
    )


def _shrunk(weights: Tensor, samples: Samples) -> Tensor:
    """Return by which part weights are shorter than least squares, measured on the samples."""
    solved = ridge_solution(samples, 0.0)
    fields = [(samples.x @ w[..., None])[..., 0] for w in (weights, solved)]
    return 1 - (fields[0] * fields[1]).sum(1) / fields[1].square().sum(1)
