"""One measurement held against what is derived and what is printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from bntheory.simulation import Estimate
from bntheory.verdict import Check, Form, Z, judge


def judged(
    system: str,
    quantity: str,
    found: Estimate,
    margin: float,
    derived: float | None = None,
    printed: float | None = None,
    **settings: Any,
) -> Iterator[Check]:
    """Yield a check for each prediction that there is."""
    predictions: tuple[tuple[Form, float | None], ...] = (
        ("derived", derived),
        ("printed", printed),
    )
    for form, predicted in predictions:
        if predicted is not None:
            yield judge(
                system,
                quantity,
                predicted,
                found.value,
                found.standard_error,
                margin,
                form,
                samples=found.samples,
                **settings,
            )


def named(system: str, checks: Iterable[Check]) -> Iterator[Check]:
    """Yield checks with another name for what was simulated: one that tells places apart."""
    for check in checks:
        yield replace(check, system=system)


def average(values: Any) -> Estimate:
    """Return the average of independent values, and its standard error."""
    array = np.asarray(values, dtype=float)
    error = array.std(ddof=1) / array.size**0.5
    return Estimate(float(array.mean()), float(error), array.size)


def extrapolated(few: Any, many: Any) -> Estimate:
    """Return the average without what goes as 1/N: of values at N, and of others at 2 N."""
    one, two = average(few), average(many)
    error = float(np.hypot(2 * two.standard_error, one.standard_error))
    return Estimate(2 * two.value - one.value, error, one.samples + two.samples)


def exactly(value: float) -> Estimate:
    """Return a value without an error."""
    return Estimate(value, 0.0, 1)


def worst(differences: Tensor) -> Estimate:
    """Return the largest of several differences, with its sign and without an error."""
    flat = differences.flatten()
    return exactly(float(flat[flat.abs().argmax()]))


def lacking(found: Estimate, bound: float) -> Estimate:
    """Return what is missing of a lower bound: 0, and surely so where it is clearly surpassed."""
    surely = found.value - bound > Z * found.standard_error
    error = 0.0 if surely else found.standard_error
    return Estimate(max(0.0, bound - found.value), error, found.samples)


def described(values: dict[str, float]) -> str:
    """Return names and numbers in one line."""
    return ", ".join(f"{name} = {value:g}" for name, value in values.items())


def scaled(found: Estimate, factor: float) -> Estimate:
    """Return a multiple of what was measured."""
    return Estimate(factor * found.value, abs(factor) * found.standard_error, found.samples)
