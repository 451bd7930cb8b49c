"""The largest stable learning rate of weight normalization with gamma decay (Table 1).

The measurement is that of Prop. 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import prop4


def validate(run: Run) -> Iterator[Check]:
    """Measure it by bisection."""
    yield from prop4.measured(run, "wn", 0.2)


def at(run: Run, *, zeta: float = 0.2) -> Iterator[Check]:
    """Measure it with another decay."""
    yield from prop4.at(run, method="wn", zeta=zeta)
