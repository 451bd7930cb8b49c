"""Both strengths of the regularizer fall as 1/M (Sec. 2.1).

M times what the batch mean alone and the batch deviation alone add to the loss of a true softplus
model is measured at a batch size and at its double.  Where it goes as the power p of M, the second
is 2^(p + 1) times the first.
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

PAIRS = ((64, 128), (256, 512))
SAMPLES = 2**20  # at each size
MARGIN = 0.05
#: The kinds of normalization, and the printed relation that speaks of each.
KINDS = (("std", 0), ("mean", 1))


def validate(run: Run) -> Iterator[Check]:
    """Measure the ratio for both, at small and at large batches."""
    start = Layer(LAWS["gaussian"], 2, SOFTPLUS.gamma, SOFTPLUS.beta)
    losses = [SOFTPLUS.loss()]
    for kind, number in KINDS:
        printed = float(paper.find("sec2-strength").printed[number].rhs)
        for pair in PAIRS:
            few, many = (
                excess_loss(run, replace(start, M=M, kind=kind), losses, None, SAMPLES)[0]
                for M in pair
            )
            ratio = many.value / few.value
            errors = (each.standard_error / each.value for each in (few, many))
            yield from judged(
                f"softplus, true model, {NAMES[kind]} on gaussian h, M = {pair[0]}",
                "M times what is added, at 2 M over at M",
                Estimate(ratio, abs(ratio) * math.hypot(*errors), few.samples + many.samples),
                MARGIN, 1.0, 2 ** (printed + 1),
            )  # fmt: skip
