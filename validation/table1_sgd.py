"""The largest stable learning rate of plain SGD (Table 1), as for Prop. 4."""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import prop4


def validate(run: Run) -> Iterator[Check]:
    """Measure it by bisection."""
    yield from prop4.table1(run, "sgd", 0.0)
