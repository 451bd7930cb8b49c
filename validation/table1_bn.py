"""The largest stable learning rate of the row of batch normalization (Table 1).

Weight normalization with gamma decay, which the row is about, is measured as in Prop. 4, and batch
normalization itself as in ``bn-dynamics``.  The derived predictions are those of the complete
equations; the print neglects I2, which is zero without decay.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.formulas import relu
from bntheory.gap import PAPER_DECAYS, Gap, widest
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import bn_dynamics, growth, prop4

ZETAS = (0.05, 0.2)


def validate(run: Run) -> Iterator[Check]:
    """Measure it by bisection, for a small decay and a large one, and for two batch sizes."""
    for zeta in ZETAS:
        yield from prop4.table1(run, "wn", zeta)
    for M in (8, 32):
        yield from bn_dynamics.largest(run, M, printed=True)


def at(run: Run, *, zeta: float = 0.2, replicas: int = growth.REPLICAS) -> Iterator[Check]:
    """Measure it with another decay."""
    yield from prop4.at(run, method="wn", zeta=zeta, replicas=replicas)


def over_range() -> Iterator[Gap]:
    """Compare Table 1 with the complete equations."""

    def complete(zeta: float) -> float:
        return growth.predicted("wn", zeta) * float(relu.bn_fixed_point(zeta))

    def printed(zeta: float) -> float:
        return float(relu.bn_eta_max(zeta))

    yield widest(prop4.QUANTITY, printed, complete, zeta=PAPER_DECAYS)
