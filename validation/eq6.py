"""The order parameters in time (Eq. 6), measured as for Eq. (10), which is the same."""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import eq10


def validate(run: Run) -> Iterator[Check]:
    """Measure gamma, R and L at two times from several starts."""
    yield from eq10.validate(run)
