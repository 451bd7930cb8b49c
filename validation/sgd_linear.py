"""The generalization error of a linear student without decay (Sec. 4.1).

Gradient descent from 0 ends at the least squares of least norm, which is solved for exactly; that
it does end there is measured as well, by training with all samples in every step.  Errors are exact
given the weights, averaged over teachers and samples, and taken to infinite N.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from bntheory.formulas import generalization
from bntheory.simulation import Run
from bntheory.simulation.offline import train
from bntheory.simulation.teacher import Samples, error, ridge_solution
from bntheory.verdict import Check
from validation.judging import judged
from validation.offline import Inputs, linear_students, replicas

LOADS = (0.25, 0.5, 0.7, 1.5, 2.0, 4.0)
NOISE = 0.25
MARGIN = 0.1  # relative
STEPS = 600
SIZES = ((50, 256), (100, 128))


def validate(run: Run) -> Iterator[Check]:
    """Measure the error of the exact solution at each load, and that training ends at it."""
    for alpha in LOADS:
        predicted = float(generalization.sgd_linear(alpha, NOISE))
        (solved,) = linear_students(run, f"sgd-linear {alpha}", alpha, NOISE, _solved, SIZES)
        yield from judged(
            f"least squares of least norm, alpha = {alpha:g}, S = {NOISE:g}",
            "generalization error",
            solved,
            MARGIN * predicted,
            predicted,
            predicted,
            alpha=alpha,
        )
    for alpha in (0.5, 2.0):

        def excess(samples: Samples, alpha: float = alpha) -> Tensor:
            P = samples.x.shape[1]
            history = train(
                samples,
                run,
                "sgd-linear",
                method="sgd",
                student="linear",
                eta=0.8 * P / (1 + alpha**0.5) ** 2,
                steps=STEPS,
                times=[STEPS],
            )
            ends = (history.weights, ridge_solution(samples, 0.0))
            trained, solved = (error(weights, samples, "linear") for weights in ends)
            return torch.stack([trained - solved], dim=1)

        (found,) = replicas(run, f"sgd-linear {alpha}", alpha, NOISE, excess, ((64, 64),))
        yield from judged(
            f"gradient descent from 0, {STEPS} steps, alpha = {alpha:g}",
            "error above that of least squares",
            found,
            0.01,
            0.0,
            alpha=alpha,
        )


def _solved(inputs: Inputs) -> list[Tensor]:
    return [inputs.error(inputs.ridge(0.0))]
