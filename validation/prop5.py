"""The free energy of a ReLU student at zero temperature (Prop. 5): how far zero error reaches.

A free energy is not measured; what it says of students is.  In (21) they reach the least training
error up to alpha = 2, whatever the noise.  Without the paper's approximation of the inner integral
the load is smaller.  It is measured by linear programs.  The load of (21) is 2 whatever is read at
the damaged place: the term with S there changes the length of the student alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.gap import Gap, widest
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
        any_reading=True,
    )


def over_range() -> Iterator[Gap]:
    """Compare the load of (21) with that of replica symmetry, which depends on the noise."""
    yield widest(
        "load where the least training error ends",
        lambda S: PRINTED,
        lambda S: float(capacity(S)),
        S=(0.01, 0.1, 0.25, 0.5, 1.0),
    )
