"""Order parameters in time: Runge-Kutta in mpmath, with as many digits as R near 1 needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp

DIGITS = 40


def integrate(
    rates: Callable[..., Any], start: Sequence[Any], time: float, steps: int
) -> tuple[Any, ...]:
    """Return the state after ``time``, by the classical Runge-Kutta method."""
    with mp.workdps(DIGITS):
        h = mp.mpf(time) / steps
        state = tuple(map(mp.mpf, start))

        def moved(slope: Sequence[Any], far: Any) -> tuple[Any, ...]:
            return tuple(s + far * k for s, k in zip(state, slope, strict=True))

        for _ in range(steps):
            k1 = rates(*state)
            k2 = rates(*moved(k1, h / 2))
            k3 = rates(*moved(k2, h / 2))
            k4 = rates(*moved(k3, h))
            mean = [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4, strict=True)]
            state = moved(mean, h)
        return state


def crossing(grows: Callable[[Any], bool], low: float, high: float, steps: int = 30) -> float:
    """Return where ``grows`` turns true, by bisection."""
    a, b = mp.mpf(low), mp.mpf(high)
    assert not grows(a) and grows(b)
    for _ in range(steps):
        middle = (a + b) / 2
        a, b = (a, middle) if grows(middle) else (middle, b)
    return float((a + b) / 2)
