"""Where a ReLU student cannot reach the least training error, by linear programs.

The load is measured at several variances of the noise.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.learning_curves import capacity
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import capacities
from validation.judging import judged

NOISES = (0.25, 1.0)
MARGIN = 0.1  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure the load at each variance."""
    for S in NOISES:
        derived = capacity(S)
        yield from judged(
            f"ReLU student, S = {S:g}",
            "load where the least training error ends",
            capacities.measured(run, S),
            MARGIN * derived,
            derived,
            S=S,
        )
