"""The generalization error of a ReLU student at zero temperature (Eq. 25).

The paper's students minimize the training error at beta -> oo and a = 1.  The printed prediction is
the paper's, the derived one that of replica symmetry without its approximation (rs-capacity).
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.formulas import generalization
from bntheory.gap import Gap
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import interpolating
from validation.judging import judged

MARGIN = 0.02  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure it at each load."""
    for system, alpha, found, derived in interpolating.each(run):
        printed = float(generalization.sgd_relu(alpha, interpolating.NOISE))
        yield from judged(
            system,
            "generalization error",
            found.error,
            MARGIN * derived.error,
            derived.error,
            printed,
            alpha=alpha,
        )


def over_range() -> Iterator[Gap]:
    """Compare the print with replica symmetry."""

    def printed(alpha: float) -> float:
        return float(generalization.sgd_relu(alpha, interpolating.NOISE))

    yield interpolating.gap("generalization error", printed)
