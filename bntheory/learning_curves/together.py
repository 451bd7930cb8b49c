"""Solving a system at many loads: at a few in turn, and between them at all of them at once."""

from __future__ import annotations

import math

import numpy as np

from bntheory.learning_curves.continuation import (
    CLOSE,
    DIFFERENCE,
    POINTS,
    REACH,
    Solution,
    along,
    foretold,
    rounding,
)
from bntheory.learning_curves.systems import System

#: How many are solved in turn, and of how many loads on this is done.
FEW, MANY = 8, 12
#: The most steps of Newton's method.
ITERATIONS = 10
#: How well those few need be known.
ROUGH = 1e-5
#: A step after which the Jacobian is that of another place.
STEEP = 1e-3


def together(
    system: System, loads: list[float], known: list[Solution] | None = None
) -> list[Solution]:
    """Return the solutions at many loads, which go all up or all down from where one is known.

    Where Newton's method does not converge from what is interpolated, the loads are halved, and at
    last solved in turn.

    Raises
    ------
    NotConverged
        Where a load cannot be reached.
    """
    if len(loads) < MANY:
        return list(along(system, loads, known))
    first, last = system.place(loads[0]), system.place(loads[-1])
    parts = (1 - np.cos(math.pi * np.arange(1, FEW - 1) / (FEW - 1))) / 2  # Chebyshev's points
    inner = [system.load(place) for place in (first + (last - first) * parts).tolist()]
    few = list(along(system, [loads[0], *inner, loads[-1]], known, ROUGH))
    found = _between(system, loads, few)
    if found is not None:
        return found
    half = len(loads) // 2
    before = together(system, loads[:half], known)
    return before + together(system, loads[half:], before[-POINTS:])


def _between(system: System, loads: list[float], few: list[Solution]) -> list[Solution] | None:
    """Interpolate, and mend by Newton's method; None where that does not lead to solutions."""
    alpha = np.array(loads)
    size, inverse = np.array([np.inf]), None
    with np.errstate(all="ignore"):  # on the way
        x = guess = foretold(system, few, loads).T
        for _ in range(ITERATIONS):
            rest = np.array(system.residual(list(x), alpha))
            if inverse is None or size.max() > STEEP:
                inverse = _inverse(system, x, alpha)
            if inverse is None:
                return None
            step = (inverse @ rest.T[:, :, None])[:, :, 0].T
            x = x - step
            size = np.abs(step).max(0)
            if size.max() < CLOSE:
                break
    if inverse is None or not (size.max() < CLOSE and np.abs(x - guess).max() < REACH):
        return None
    error = size + rounding(system, alpha, list(x), inverse)
    solutions = [
        Solution(load, tuple(v.tolist()), float(last), own)
        for load, v, last, own in zip(loads, x.T, error, inverse, strict=True)
    ]
    allowed = all(system.allowed(list(one.variables), one.alpha) for one in solutions)
    return solutions if allowed else None


def _inverse(system: System, x: np.ndarray, alpha: np.ndarray) -> np.ndarray | None:
    """Return that of the Jacobian, by differences: shape (loads, variables, variables)."""
    shifts = DIFFERENCE * np.eye(len(x))[:, None, :, None] * np.array([1, -1])[:, None, None]
    up, down = np.array(system.residual(list(x[:, None, None] + shifts), alpha)).swapaxes(0, 1)
    slopes = (up - down) / (2 * DIFFERENCE)
    try:
        return np.linalg.inv(slopes.transpose(2, 0, 1))
    except np.linalg.LinAlgError:
        return None
