"""The free energy of a ReLU student at zero temperature (Prop. 5): how far zero error reaches.

A free energy is not measured; what it says of students is.  In (21) they reach the least training
error up to alpha = 2, whatever the noise.  Without the paper's approximation of the inner integral
the load is smaller.  It is measured by linear programs.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.learning_curves import capacity
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import capacities
from validation.judging import judged

NOISE, PRINTED = 0.25, 2.0
MARGIN = 0.1  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure the load at the paper's noise."""
    derived = capacity(NOISE)
    yield from judged(
        f"ReLU student, S = {NOISE:g}",
        "load where the least training error ends",
        capacities.measured(run, NOISE),
        MARGIN * derived,
        derived,
        PRINTED,
        S=NOISE,
    )
