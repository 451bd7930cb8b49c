"""I2 = E[delta^2 x.x], sampled (Eq. 15)."""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import fields


def validate(run: Run) -> Iterator[Check]:
    """Measure it for four activation functions."""
    yield from fields.each(run, "eq15")


def at(
    run: Run, *, activation: fields.Name = "relu", gamma: float = 0.7, R: float = 0.3
) -> Iterator[Check]:
    """Measure it at one place."""
    yield from fields.at(run, "eq15", activation, gamma, R)
