"""Solving a system at one load from its solution at another, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import mpmath as mp
import numpy as np

from bntheory.learning_curves.systems import System, Vector

#: How many solutions foretell the next one.
POINTS = 6
#: The largest residual of a solution, and the largest step in a variable from one load to the next.
TOLERANCE, REACH = 1e-9, 1.0
#: The step of differences in a variable.
DIFFERENCE = 1e-6
#: A last step from which rounding lets no other follow.
CLOSE = 1e-11
#: The first step in the place of the load, the smallest one, and by what the next may be longer.
FIRST, SMALLEST, GROWTH = 0.5, 1e-6, 2.0
#: A residual that only rounding may keep above the tolerance, and the digits that are taken then.
ROUGH, DIGITS = 1e-3, 40
#: The most steps of Broyden's method, and one that is rounding.
ITERATIONS, ROUNDING = 20, 1e-14

Residual = Callable[[np.ndarray], np.ndarray]
Closer = Callable[[Vector], np.ndarray | None]


class NotConverged(RuntimeError):
    """No saddle point was found; the message says where the search ended."""


@dataclass(frozen=True)
class Solution:
    """The variables at a load, and the size of the last step to them.

    ``inverse`` is that of the Jacobian there, or near there: good enough for the next load.
    """

    alpha: float
    variables: tuple[float, ...]
    error: float
    inverse: np.ndarray = field(repr=False, compare=False)


def newton(
    system: System,
    alpha: float,
    guess: Vector,
    inverse: np.ndarray | None = None,
    until: float = ROUNDING,
) -> Solution | None:
    """Solve at a load from a guess, until a step is so small; None where it does not converge.

    With an ``inverse`` of the Jacobian from nearby Broyden's method is tried; Powell's hybrid
    method is what it falls back on, and more digits where 1 - R^2 has too few.
    """

    def residual(v: np.ndarray) -> np.ndarray:
        try:
            return np.array(system.residual(v.tolist(), alpha))
        except (OverflowError, ValueError, ZeroDivisionError):
            return np.full(len(guess), 1e6)

    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # on the way
        found = None if inverse is None else _by_broyden(residual, np.array(guess), inverse, until)
        if found is None:
            found = _by_powell(residual, guess, partial(_by_mpmath, system, alpha))
    if found is None or not system.allowed(found[0].tolist(), alpha):
        return None
    x, learned, error = found
    error += float(rounding(system, alpha, x.tolist(), learned))
    return Solution(alpha, tuple(x.tolist()), error, learned)


def rounding(system: System, alpha: Any, v: Vector, inverse: np.ndarray) -> Any:
    """Return how far the rounding of a residual of order 1 moves gamma and R at a solution.

    At many at once the variables are arrays, and ``inverse`` has a first axis for the loads.
    """
    moved = np.abs(inverse).sum(-1)
    total = 0.0
    for k in range(len(v)):
        up, down = (
            system.state([*v[:k], v[k] + side * DIFFERENCE, *v[k + 1 :]], alpha) for side in (1, -1)
        )
        by = np.maximum(abs(up.gamma - down.gamma), abs(up.R - down.R)) / (2 * DIFFERENCE)
        total = total + moved[..., k] * by
    return total * np.finfo(float).eps


Found = tuple[np.ndarray, np.ndarray, float]


def _by_broyden(
    residual: Residual, x: np.ndarray, inverse: np.ndarray, until: float
) -> Found | None:
    """Iterate, and learn the inverse of the Jacobian from each step (Broyden 1965)."""
    rest = residual(x)
    for _ in range(ITERATIONS):
        step = -inverse @ rest
        size = max(map(abs, step.tolist()))
        if size < until:
            return x, inverse, size
        x = x + step
        left = residual(x)
        change = inverse @ (left - rest)
        along = float(step @ change)
        if not along > 0:
            return (x, inverse, size) if size < CLOSE else None
        inverse = inverse + ((step - change) / along)[:, None] * (step @ inverse)
        rest = left
    return None


def _by_powell(residual: Residual, guess: Vector, closer: Closer) -> Found | None:
    from scipy.optimize import root

    # MINPACK's own differences are relative to the variables, and these may be 0
    found = root(residual, guess, jac=lambda x: _slopes(residual, x), tol=1e-13)
    rest = residual(found.x)
    size = np.abs(rest).max()
    if not size < ROUGH:
        return None
    inverse = np.linalg.pinv(_slopes(residual, found.x))
    if size < TOLERANCE:
        return found.x, inverse, float(np.abs(inverse @ rest).max())
    x = closer(found.x.tolist())
    return None if x is None else (x, inverse, np.finfo(float).eps)


def _by_mpmath(system: System, alpha: float, guess: Vector) -> np.ndarray | None:
    try:
        found = _many_digits(system, alpha, guess, DIGITS)
    except (ValueError, ZeroDivisionError, TypeError):  # the last of a matrix with nan
        return None
    return np.array([float(x) for x in found])


def _slopes(residual: Residual, x: np.ndarray) -> np.ndarray:
    steps = DIFFERENCE * np.eye(len(x))
    return np.array([(residual(x + h) - residual(x - h)) / (2 * DIFFERENCE) for h in steps]).T


def along(
    system: System,
    loads: list[float],
    known: list[Solution] | None = None,
    until: float = ROUNDING,
) -> Iterator[Solution]:
    """Yield the solution at each load, which go all up or all down from where one is known.

    ``until`` is as for :func:`newton`.

    Raises
    ------
    NotConverged
        Where a load cannot be reached.
    """
    past = list(known or [_first(system)])
    for load in loads:
        while past[-1].alpha != load:
            past = [*past[-POINTS + 1 :], _step(system, past, load, until)]
        yield past[-1]


def _first(system: System) -> Solution:
    alpha, guess = system.start()
    found = newton(system, alpha, guess)
    if found is None:
        raise NotConverged(f"no saddle point at the start of the search, alpha = {alpha:g}")
    return found


def _step(system: System, past: list[Solution], load: float, until: float) -> Solution:
    """Go toward a load, as far as a guess from the last two solutions carries."""
    here = past[-1]
    start = system.place(here.alpha)
    way = system.place(load) - start
    last = abs(start - system.place(past[-2].alpha)) if len(past) > 1 else FIRST / GROWTH
    part = min(1.0, GROWTH * last / abs(way)) if way else 1.0
    while True:
        target = load if part == 1 else system.load(start + part * way)
        guess = foretold(system, past, [target])[0].tolist()
        found = newton(system, target, guess, here.inverse, until)
        if found is not None and _near(found, here, part * way):
            return found
        part /= 2
        if abs(part * way) < SMALLEST:
            raise NotConverged(
                f"no saddle point was found from alpha = {here.alpha:.6g} on toward {load:.6g}"
            )


def foretold(system: System, known: Sequence[Solution], alphas: Sequence[float]) -> np.ndarray:
    """Return the variables at loads by Lagrange's polynomial; shape (loads, variables)."""
    places = np.array([system.place(solution.alpha) for solution in known])
    targets = np.array([system.place(alpha) for alpha in alphas])
    itself = np.eye(len(places))
    factors = (targets[:, None, None] - places) / (places[:, None] - places + itself)
    weights = np.where(itself, 1.0, factors).prod(-1)
    return weights @ np.array([solution.variables for solution in known])


def _near(one: Solution, other: Solution, way: float) -> bool:
    pairs = zip(one.variables, other.variables, strict=True)
    return all(abs(a - b) < REACH * (1 + abs(way)) for a, b in pairs)


def refined(system: System, solution: Solution, digits: int) -> tuple[Any, ...]:
    """Return the variables to a number of digits, by mpmath.

    Raises
    ------
    NotConverged
        If that does not lead to a solution near the one that is given.
    """
    with mp.workdps(digits + 15):
        try:
            found = _many_digits(system, solution.alpha, solution.variables, digits)
        except (ValueError, ZeroDivisionError) as error:
            raise NotConverged(f"refining at alpha = {solution.alpha:g}: {error}") from None
        far = max(abs(a - b) for a, b in zip(found, solution.variables, strict=True))
        if far > mp.mpf("1e-3"):
            raise NotConverged(f"refining at alpha = {solution.alpha:g} led {float(far):.2g} away")
        return found


def _many_digits(
    system: System, alpha: float, guess: Sequence[float], digits: int
) -> tuple[Any, ...]:
    with mp.workdps(digits + 15):
        load, start = mp.mpf(alpha), [mp.mpf(x) for x in guess]
        tolerance = mp.mpf(10) ** (-2 * digits)
        found = mp.findroot(lambda *v: system.residual(list(v), load), start, tol=tolerance)
        return tuple(found)
