"""The equations of motion, written down again: integrals by quadrature or by mpmath, steps by RK4.

Nothing here uses the generated functions.  The rates are Eq. (10) and, for plain SGD, those of
L^2 = w.w/N and RL = w.w*/N under w -> w + eta delta x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
from scipy.special import erf

State = tuple[Any, ...]
Integrals = Callable[[Any, Any], tuple[Any, Any, Any]]


# -- the integrals I1, I2, I3 of gamma and R -----------------------------------------------------


def by_angle(slope: float) -> Integrals:
    """Return the integrals of leaky ReLU, by Gauss-Legendre quadrature in the angle of (u, v).

    The activation is homogeneous, so the mean over the radius is that of its square, 2.
    """
    nodes, weights = np.polynomial.legendre.leggauss(24)

    def integrals(gamma: float, R: float) -> tuple[float, float, float]:
        turn = float(np.arccos(R))
        kinks = np.sort(
            np.mod([np.pi / 2, -np.pi / 2, turn + np.pi / 2, turn - np.pi / 2], 2 * np.pi)
        )
        ends = np.concatenate([[kinks[-1] - 2 * np.pi], kinks])
        half = np.diff(ends)[:, None] / 2
        phi = (ends[:-1, None] + half + half * nodes).ravel()
        measure = (half * weights).ravel() / np.pi
        u, v = gamma * np.cos(phi), np.cos(phi - turn)
        rise = np.where(u > 0, 1.0, slope)
        delta = rise * (np.where(v > 0, v, slope * v) - rise * u)
        return tuple(float(measure @ (delta * by)) for by in (u, delta, v))  # type: ignore[return-value]

    return integrals


def by_grid(g: Callable[[Any], Any], rise: Callable[[Any], Any], order: int = 80) -> Integrals:
    """Return the integrals of a smooth activation, by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(order)
    measure = np.outer(weights, weights) / (2 * np.pi)

    def integrals(gamma: float, R: float) -> tuple[float, float, float]:
        first, second = np.meshgrid(nodes, nodes, indexing="ij")
        u, v = gamma * first, R * first + np.sqrt(1 - R**2) * second
        delta = rise(u) * (g(v) - g(u))
        return tuple(float((measure * delta * by).sum()) for by in (u, delta, v))  # type: ignore[return-value]

    return integrals


@cache
def integrals_of(name: str) -> Integrals:
    """Return the integrals of an activation by its name."""
    if name == "erf":
        return by_grid(
            lambda z: erf(z / np.sqrt(2)), lambda z: np.sqrt(2 / np.pi) * np.exp(-z * z / 2)
        )
    if name == "cube":
        return by_grid(lambda z: z**3, lambda z: 3 * z**2, 12)
    return by_angle({"linear": 1.0, "relu": 0.0, "leaky_relu": 0.1, "abs": -1.0}[name])


def textbook(gamma: Any, R: Any) -> tuple[Any, Any, Any]:
    """Return the integrals of ReLU at mpmath's precision, Eqs. (13)-(15) as derived."""
    root, angle = mp.sqrt(1 - R**2), mp.asin(R)
    pull = (mp.pi * R + 2 * root + 2 * R * angle) / (4 * mp.pi)
    across = (mp.pi + 2 * R * root + 2 * angle) / (4 * mp.pi)
    return (
        gamma * pull - gamma**2 / 2,
        gamma**2 / 2 - 2 * gamma * pull + across,
        across - gamma * R / 2,
    )


# -- the rates -----------------------------------------------------------------------------------


def surrogate(integrals: Integrals, eta: Any, zeta: Any = 0) -> Callable[[State], State]:
    """Return the rates of (gamma, R, L), Eq. (10)."""

    def rates(state: State) -> State:
        gamma, R, L = state
        I1, I2, I3 = integrals(gamma, R)
        square = eta**2 * gamma**2 * I2
        return (
            eta * I1 / gamma - eta * zeta * gamma,
            eta * gamma / L**2 * (I3 - R * I1 / gamma) - R * square / (2 * L**4),
            square / (2 * L**3),
        )

    return rates


def plain(integrals: Integrals, eta: Any) -> Callable[[State], State]:
    """Return the rates of (R, L) for plain SGD."""

    def rates(state: State) -> State:
        R, L = state
        I1, I2, I3 = integrals(L, R)
        of_L = (2 * eta * I1 + eta**2 * I2) / (2 * L)
        return (eta * I3 - R * of_L) / L, of_L

    return rates


# -- steps ---------------------------------------------------------------------------------------


def walk(
    rates: Callable[[State], State], start: Sequence[Any], t: Sequence[float], step: float
) -> list[State]:
    """Return the states at the times ``t`` by the classical Runge-Kutta method, from t = 0."""
    state, now, states = tuple(start), 0.0, []
    for until in t:
        count = max(1, round((until - now) / step))
        h = (until - now) / count
        for _ in range(count if until > now else 0):
            state = _step(rates, state, h)
        now = until
        states.append(state)
    return states


def _step(rates: Callable[[State], State], state: State, h: float) -> State:
    def moved(by: State, share: Any) -> State:
        return tuple(x + share * d for x, d in zip(state, by, strict=True))

    first = rates(state)
    second = rates(moved(first, h / 2))
    third = rates(moved(second, h / 2))
    last = rates(moved(third, h))
    slopes = zip(first, second, third, last, strict=True)
    mean = tuple((a + 2 * b + 2 * c + d) / 6 for a, b, c, d in slopes)
    return moved(mean, h)
