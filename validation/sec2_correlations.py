"""Correlations between neurons are penalized (Sec. 2.1): what couples two neurons, and its sign.

What two correlated neurons add to the loss is measured as for App. C.4, and what each of them adds
for itself is taken off.  By the printed prediction nothing is missing of 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.simulation import Estimate, Run
from bntheory.verdict import Check
from validation import c4
from validation.judging import judged, lacking

CORRELATIONS = (0.8, -0.8)
ROUNDS = 48
MARGIN = 0.2  # of the derived coupling


def validate(run: Run) -> Iterator[Check]:
    """Measure the coupling for either sign of the correlation."""
    for mix in CORRELATIONS:
        found = c4.measured(run, mix, c4.TRUE, "symmetric", ROUNDS)
        own, coupling, _ = c4.predicted(mix, c4.TRUE, "symmetric")
        found = Estimate(found.value - own, found.standard_error, found.samples)
        system = f"BatchNorm1d of two neurons of correlation {mix:g}, softplus of their sum"
        margin = MARGIN * abs(coupling)
        yield from judged(system, "M times the coupling", found, margin, coupling)
        yield from judged(
            system, "what M times the coupling lacks of 0", lacking(found, 0.0), margin, None, 0.0
        )
