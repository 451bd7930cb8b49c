"""The largest stable learning rate of the row of batch normalization (Table 1).

Weight normalization with gamma decay, which the row is about, is measured as in Prop. 4, and batch
normalization itself as in ``bn-dynamics``.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import bn_dynamics, prop4


def validate(run: Run) -> Iterator[Check]:
    """Measure it by bisection."""
    yield from prop4.measured(run, "wn", 0.2)
    for M in (8, 64):
        yield from bn_dynamics.largest(run, M)


def at(run: Run, *, zeta: float = 0.2) -> Iterator[Check]:
    """Measure it with another decay."""
    yield from prop4.at(run, method="wn", zeta=zeta)
