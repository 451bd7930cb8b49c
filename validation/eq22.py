"""The length of a ReLU student at equilibrium (Eq. 22), at zero temperature.

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

MARGIN = 0.05  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure it at each load."""
    for system, alpha, found, derived in interpolating.each(run):
        printed = float(generalization.order_parameters_relu(alpha, 1.0, interpolating.NOISE)[0])
        yield from judged(
            system,
            "gamma^2",
            found.square,
            MARGIN * derived.square,
            derived.square,
            printed,
            alpha=alpha,
        )


def over_range() -> Iterator[Gap]:
    """Compare the print with replica symmetry."""

    def printed(alpha: float) -> float:
        return float(generalization.order_parameters_relu(alpha, 1.0, interpolating.NOISE)[0])

    yield interpolating.gap("gamma^2", printed)
