"""Errors planted in the generated source: the oracles have to refuse every one of them.

Each sign, number, power and product of each function is changed, one at a time.  A mutant has to
fail against the model of :mod:`oracle`, or near alignment against the derived expression at 80
digits, unless it is the same function.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from exact import exact
from members import ALL, IDS, arguments, flat, member
from planting import mutants
from truth import RANGES, tolerance, truth

GAPS = (0.2, 0.7, 0.006, 1.5)  # on either side of every branch
NEAR = (1e-13, 1e-8, 1e-4, 3e-3, 7.8e-3)
DIGITS = 3e-13  # what a function may lose near alignment


@dataclass(frozen=True)
class Sample:
    """Arguments at some points, and values there: one row for each point."""

    columns: list[np.ndarray]
    values: np.ndarray
    room: np.ndarray

    def agrees(self, function: Callable[..., Any]) -> bool:
        """Whether a function has these values."""
        return bool((np.abs(called(function, self.columns) - self.values) <= self.room).all())


def called(function: Callable[..., Any], columns: list[np.ndarray]) -> np.ndarray:
    """Return the values of a function without its wrapper, one row for each point."""
    size = len(columns[0]) if columns else 1
    with np.errstate(all="ignore"):
        entries = flat(function(*columns))
        return np.array([np.broadcast_to(entry, size) for entry in entries], dtype=float).T


def columns(points: list[dict[str, float]]) -> list[np.ndarray]:
    """Return the points argument by argument."""
    return [np.array([point[name] for point in points]) for name in points[0]]


def samples(module: str, name: str) -> list[Sample]:
    """Return what the oracles say at a few points."""
    names, rng = arguments(member(module, name)), np.random.default_rng(3)
    points = [{n: rng.uniform(*RANGES[n]) for n in names} for _ in GAPS]
    near = [{n: rng.uniform(*RANGES[n]) for n in names} for _ in NEAR]
    if "misalignment" in names:
        points = [point | {"misalignment": gap} for point, gap in zip(points, GAPS, strict=True)]
    rows = np.array([truth(module, name, point) for point in points])
    sizes = np.maximum(1.0, np.abs(rows).max(1, keepdims=True))
    found = [Sample(columns(points), rows, tolerance(name) * sizes)]
    if "misalignment" in names:
        rest = {n: 1.0 for n in (("gamma",) if "gamma" in names else ("L",))}
        near = [point | {"misalignment": gap} for point, gap in zip(near, NEAR, strict=True)]
        for there in (near, [point | rest for point in near]):
            expected = [[float(e) for e in exact(module, name)(*p.values())] for p in there]
            rows = np.array(expected)
            found.append(Sample(columns(there), rows, DIGITS * _sizes(name, there, rows)))
    return found


def _sizes(name: str, points: list[dict[str, float]], rows: np.ndarray) -> np.ndarray:
    """Return what rounding is measured by: the largest entry of a Jacobian, else each entry.

    The scale, which rests at 1 as 1 - R vanishes, moves by eta times what has been rounded.
    """
    if "jacobian" in name:
        return np.abs(rows).max(1, keepdims=True)
    sizes = np.abs(rows)
    if "rates" in name:
        sizes[:, 0 if "gamma" in points[0] else 1] = [point["eta"] for point in points]
    return sizes


@pytest.mark.parametrize(("module", "name"), ALL, ids=IDS)
def test_no_planted_error_survives(module: str, name: str) -> None:
    original = inspect.unwrap(member(module, name))
    judges = samples(module, name)
    assert all(judge.agrees(original) for judge in judges)

    names, rng = arguments(member(module, name)), np.random.default_rng(4)
    elsewhere = [rng.uniform(*RANGES[n], size=300) for n in names]
    if "misalignment" in names:
        small = 10 ** rng.uniform(-4, 0, size=300)
        column = elsewhere[names.index("misalignment")]
        elsewhere[names.index("misalignment")] = np.where(rng.random(300) < 0.5, small, column)
    rows = called(original, elsewhere)
    room = 3 * DIGITS * np.abs(rows).max(1, keepdims=True)

    refused: Counter[str] = Counter()
    survivors = []
    for mutant in mutants(member(module, name)):
        if not all(judge.agrees(mutant.function) for judge in judges):
            refused[mutant.kind] += 1
        elif not Sample(elsewhere, rows, room).agrees(mutant.function):
            survivors.append(mutant.error)
    assert survivors == []
    assert {"sign", "number", "power"} <= set(refused)
