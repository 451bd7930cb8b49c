"""B1, B2 and B3/(1 - R^2) at every R, by interpolation in the angle arccos R.

All three are even in the angle, so that a series in cos(k angle), fitted at Chebyshev nodes,
converges fast; B3 keeps its digits at R = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bntheory.activations import Activation
from bntheory.batch_dynamics.averages import averages

DEGREE = 48


@dataclass(frozen=True)
class Table:
    """Coefficients of cos(k angle), shape (9, degree + 1): three for each of B1, B2, B3/(1 - R^2).

    ``error`` is an estimate of how far off the three are.
    """

    series: np.ndarray
    error: float

    def __call__(self, angle: float) -> np.ndarray:
        """Return the coefficients in gamma of the three, shape (3, 3)."""
        values: np.ndarray = self.series @ np.cos(angle * np.arange(self.series.shape[1]))
        return values.reshape(3, 3)

    def B1(self, angle: float) -> np.ndarray:
        """Return the coefficients of B1."""
        values: np.ndarray = self(angle)[0]
        return values

    def at(self, angle: float, gamma: float) -> Any:
        """Return B1, B2 and B3/(1 - R^2)."""
        return self(angle) @ np.array([1.0, gamma, gamma * gamma])


@cache
def table(activation: Activation, M: int) -> Table:
    """Return the averages of batches of M as functions of the angle."""
    count = DEGREE + 1
    angles = np.pi * (np.arange(count) + 0.5) / count
    found = [averages(activation, float(np.cos(angle)), M) for angle in angles]
    values = np.array(
        [
            [each.B1, each.B2, each.B3 / np.sin(angle) ** 2]
            for each, angle in zip(found, angles, strict=True)
        ]
    ).reshape(count, 9)
    series = 2 / count * np.cos(np.outer(np.arange(count), angles)) @ values
    series[0] /= 2
    left_out = float(np.abs(series[-3:]).max())
    return Table(series.T, max(left_out, *(each.error for each in found)))
