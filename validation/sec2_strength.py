"""Both strengths of the regularizer fall as 1/M (Sec. 2.1).

What the batch mean alone and the batch deviation alone add to the loss of a true softplus model is
measured at pairs of batch sizes; the slope in a plot with logarithmic axes is the power of M.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from bntheory import paper
from bntheory.simulation import LAWS, Estimate, Layer, Run, excess_loss
from bntheory.verdict import Check
from validation.judging import judged
from validation.kinds import NAMES
from validation.models import SOFTPLUS

SIZES = ((64, 128), (256, 512))
SAMPLES = 2**22
MARGIN = 0.05
#: The kinds of normalization, and the printed relation that speaks of each.
KINDS = (("std", 0), ("mean", 1))


def validate(run: Run) -> Iterator[Check]:
    """Measure the power of M for both, at small and at large batches."""
    start = Layer(LAWS["gaussian"], 2, SOFTPLUS.gamma, SOFTPLUS.beta)
    losses = [SOFTPLUS.loss()]
    for kind, number in KINDS:
        printed = float(paper.find("sec2-strength").printed[number].rhs)
        for pair in SIZES:
            few, many = (
                excess_loss(run, replace(start, M=M, kind=kind), losses, None, SAMPLES)[0]
                for M in pair
            )
            octaves = math.log(pair[1] / pair[0])
            power = math.log(many.value / few.value) / octaves - 1  # M times the excess is measured
            errors = (each.standard_error / each.value for each in (few, many))
            yield from judged(
                f"softplus, true model, {NAMES[kind]} on gaussian h, M from {pair[0]} to {pair[1]}",
                "power of M",
                Estimate(power, math.hypot(*errors) / octaves, few.samples + many.samples),
                MARGIN, -1.0, printed,
            )  # fmt: skip
