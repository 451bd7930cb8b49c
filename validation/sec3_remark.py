"""Larger learning rates mean faster convergence (Sec. 3.2): the speed at which R returns.

The speed is measured near the fixed point at pairs of effective learning rates, and at a pair of
maximum ones.  By the printed prediction nothing is missing of a growing speed.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.formulas import relu
from bntheory.simulation import Estimate, Run
from bntheory.verdict import Check
from validation import growth
from validation.judging import judged, lacking

#: Pairs of effective rate and decay: larger by the effective rate, and by the maximum one.
PAIRS = (
    ("effective rate from 0.3 to 0.6 of a maximum of 2", (0.3, 0.0), (0.6, 0.0)),
    ("effective rate from 1.2 to 1.7 of a maximum of 2", (1.2, 0.0), (1.7, 0.0)),
    ("maximum rate from 2 to 2.8 at an effective rate of 0.5", (0.5, 0.0), (0.5, 0.2)),
)
MARGIN = 0.15  # of the derived change


def validate(run: Run) -> Iterator[Check]:
    """Measure by how much the speed grows in each pair."""
    for system, *ends in PAIRS:
        (slow, slow_derived), (fast, fast_derived) = (_speed(run, *end) for end in ends)
        error = (slow.standard_error**2 + fast.standard_error**2) ** 0.5
        found = Estimate(fast.value - slow.value, error, slow.samples + fast.samples)
        derived = fast_derived - slow_derived
        margin = MARGIN * abs(derived)
        yield from judged(system, "growth of the speed", found, margin, derived)
        yield from judged(
            system, "what the growth lacks of 0", lacking(found, 0.0), margin, None, 0.0
        )


def _speed(run: Run, eta_eff: float, zeta: float) -> tuple[Estimate, float]:
    """Return the speed, measured and derived, at L = 1."""
    gamma = float(relu.bn_fixed_point(zeta))
    given = {"gamma": gamma, "eta": eta_eff / gamma, "zeta": zeta, "L": 1.0}
    found = growth.of_misalignment(run, "wn", **given)
    speed = Estimate(-found.value, found.standard_error, found.samples)
    return speed, -growth.complete(**given)
