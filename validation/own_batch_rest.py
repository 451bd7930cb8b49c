"""Where gamma rests in a batch-normalized ReLU student that is aligned with its teacher.

The squared error of g(z) against gamma g(z_hat) is least at E[g(z) g(z_hat)]/E[g(z_hat)^2], which
is measured at each M on ``torch.nn.BatchNorm1d`` and on its mean and deviation alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from torch import Tensor

from bntheory.formulas import regularizer
from bntheory.simulation import LAWS, Batch, Estimate, Layer, Run, precise, statistics
from bntheory.verdict import Check
from validation import kinds
from validation.judging import judged

SIZES = (8, 16, 64, 256)
SAMPLES = 2**26
MARGIN = 0.1  # of 3/(4 M)


def validate(run: Run) -> Iterator[Check]:
    """Measure gamma at rest at each batch size, for each kind of normalization."""
    for kind, suffix in kinds.SUFFIXES.items():
        for M in SIZES:
            if suffix == "" and M < 16:
                continue  # a series in 1/M: its next term is beyond the margin
            layer = Layer(LAWS["gaussian"], M, kind=kind)
            derived = float(getattr(regularizer, f"gamma_at_rest{suffix}")(M))
            printed = float(regularizer.gamma_at_rest_paper(M)) if kind == "bn" else None
            margin = MARGIN * 0.75 / M
            power, excess = statistics(
                run,
                layer,
                [_power, partial(_excess, derived)],
                precise([math.inf, margin / 20]),
                SAMPLES,
            )
            found = Estimate(
                derived + excess.value / power.value,
                excess.standard_error / power.value,
                excess.samples,
            )
            system = f"ReLU student, {kinds.NAMES[kind]} on gaussian h, M = {M}"
            yield from judged(system, "gamma at rest", found, margin, derived, printed, M=M)


def _power(batch: Batch) -> Tensor:
    """The mean of g(z_hat)^2 over the batch."""
    return batch.h_hat.relu().square().mean(0)


def _excess(gamma: float, batch: Batch) -> Tensor:
    """What is left of the slope of the squared error at a value of gamma."""
    student = batch.h_hat.relu()
    return ((batch.z.relu() - gamma * student) * student).mean(0)
