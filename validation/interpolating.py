"""The shortest ReLU student of least training error, measured: what the files here share.

It is found exactly (:mod:`bntheory.simulation.interpolation`), for many teachers and samples at two
sizes, and taken to infinite N.  What the number and the sizes of the positive labels foretell by
least squares is taken off: their means are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from bntheory.gap import PAPER_LOADS, Gap, widest
from bntheory.learning_curves import capacity, saddle_point
from bntheory.simulation import Estimate, Run
from bntheory.simulation.interpolation import shortest_interpolation
from bntheory.simulation.teacher import Samples, error
from validation.offline import label_controls, less_controls, replicas

SIZES = ((40, 2400), (80, 2400))
LOADS = (0.7,)
NOISE = 0.25
SYSTEM = "shortest ReLU student of least training error"


class Predicted(NamedTuple):
    """Squared length, overlap with the teacher, and error."""

    square: float
    overlap: float
    error: float


class Measured(NamedTuple):
    """The same, measured."""

    square: Estimate
    overlap: Estimate
    error: Estimate


@cache
def measured(run: Run, alpha: float) -> Measured:
    """Measure the student at a load."""
    return Measured(*replicas(run, f"interpolating {alpha}", alpha, NOISE, _student, SIZES))


def predicted(alpha: float) -> Predicted:
    """Return what replica symmetry has for it, which is exact here."""
    point = saddle_point(alpha, NOISE)
    return Predicted(point.gamma**2, point.gamma * point.R, point.error)


def each(run: Run) -> Iterator[tuple[str, float, Measured, Predicted]]:
    """Yield the system, the load, what is measured and what replica symmetry predicts."""
    for alpha in LOADS:
        system = f"{SYSTEM}, alpha = {alpha:g}, S = {NOISE:g}"
        yield system, alpha, measured(run, alpha), predicted(alpha)


def gap(quantity: str, printed: Callable[[float], float]) -> Gap:
    """Compare a printed curve with replica symmetry, at loads at which that is exact."""
    field = {"gamma^2": "square", "gamma R": "overlap"}.get(quantity, "error")
    return widest(
        f"{quantity}, S = {NOISE:g}",
        lambda alpha: printed(alpha),
        lambda alpha: float(getattr(predicted(alpha), field)),
        alpha=[alpha for alpha in (*PAPER_LOADS, 1.4) if alpha < capacity(NOISE)],
    )


def _student(samples: Samples) -> Tensor:
    w = shortest_interpolation(samples)
    N = w.shape[1]
    overlap = (w * samples.w_star).sum(1) / N
    values = torch.stack([w.square().sum(1) / N, overlap, error(w, samples, "relu")], dim=1)
    kept = values.isfinite().all(1)
    return less_controls(values[kept], label_controls(samples, NOISE)[kept])
