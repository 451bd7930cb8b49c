"""What a user would write by hand from the paper, for ReLU: the other side of the benchmarks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Three = tuple[Any, Any, Any]


def I1(gamma: Any, R: Any) -> Any:  # noqa: N802 - the paper's letter
    """Eq. (13), for arrays."""
    return (
        gamma * (np.pi * R + 2 * np.sqrt(1 - R**2) + 2 * R * np.arcsin(R)) / (4 * np.pi)
        - gamma**2 / 2
    )


def I2(gamma: Any, R: Any) -> Any:  # noqa: N802
    """Eq. (15), with the term in R that the print misses, for arrays."""
    root, angle = np.sqrt(1 - R**2), np.arcsin(R)
    return (
        gamma**2 / 2
        - gamma * (np.pi * R + 2 * root + 2 * R * angle) / (2 * np.pi)
        + (np.pi + 2 * R * root + 2 * angle) / (4 * np.pi)
    )


def I3(gamma: Any, R: Any) -> Any:  # noqa: N802
    """Eq. (14), for arrays."""
    return (np.pi + 2 * R * np.sqrt(1 - R**2) + 2 * np.arcsin(R)) / (4 * np.pi) - gamma * R / 2


def bn_rates(gamma: Any, R: Any, L: Any, eta: Any, zeta: Any) -> Three:
    """Eq. (10), for arrays; what the integrals share is computed once."""
    root, angle = np.sqrt(1 - R**2), np.arcsin(R)
    pull = (np.pi * R + 2 * root + 2 * R * angle) / (4 * np.pi)
    across = (np.pi + 2 * R * root + 2 * angle) / (4 * np.pi)
    i1 = gamma * pull - gamma**2 / 2
    i2 = gamma**2 / 2 - 2 * gamma * pull + across
    i3 = across - gamma * R / 2
    noise = eta**2 * gamma**2 * i2
    return (
        eta * i1 / gamma - eta * zeta * gamma,
        eta * gamma / L**2 * (i3 - R * i1 / gamma) - R * noise / (2 * L**4),
        noise / (2 * L**3),
    )


def bn_rates_of_floats(gamma: float, R: float, L: float, eta: float, zeta: float) -> Three:
    """Eq. (10) for Python floats, in the same way."""
    root, angle = math.sqrt(1 - R**2), math.asin(R)
    pull = (math.pi * R + 2 * root + 2 * R * angle) / (4 * math.pi)
    across = (math.pi + 2 * R * root + 2 * angle) / (4 * math.pi)
    i1 = gamma * pull - gamma**2 / 2
    i2 = gamma**2 / 2 - 2 * gamma * pull + across
    i3 = across - gamma * R / 2
    noise = eta**2 * gamma**2 * i2
    return (
        eta * i1 / gamma - eta * zeta * gamma,
        eta * gamma / L**2 * (i3 - R * i1 / gamma) - R * noise / (2 * L**4),
        noise / (2 * L**3),
    )


def trajectory(
    start: Three, eta: float, zeta: float, t: np.ndarray, **tolerances: float
) -> np.ndarray:
    """Integrate Eq. (10) by ``solve_ivp`` with its default method; the states, (3, times)."""
    from scipy.integrate import solve_ivp

    def rates(_: float, state: np.ndarray) -> np.ndarray:
        gamma, R, L = state
        return np.array(bn_rates(gamma, R, L, eta, zeta))

    with np.errstate(invalid="ignore"):  # a trial step may leave |R| <= 1
        found = solve_ivp(rates, (t[0], t[-1]), start, t_eval=t, **tolerances)
    return np.asarray(found.y)
