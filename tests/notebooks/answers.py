"""What the notebooks show, by other means: quadrature, integration in time, least squares."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

Function = Callable[..., np.ndarray]


def averages(slope: float, gamma: float, R: float) -> tuple[float, float, float]:
    """I1, I2 and I3 of an activation with a slope below 0: all go as the radius squared, mean 2."""
    turn = math.acos(R)

    def mean(f: Callable[[float, float, float], float]) -> float:
        def at(angle: float) -> float:
            u, v = gamma * math.cos(angle), math.cos(angle - turn)
            rise = 1.0 if u > 0 else slope
            return f(rise * ((v if v > 0 else slope * v) - rise * u), u, v)

        kinks = sorted(a + b for a in (-math.pi / 2, math.pi / 2) for b in (0.0, turn))
        ends = [-math.pi, *(k for k in kinks if -math.pi < k < math.pi), math.pi]
        parts = [quad(at, a, b, epsabs=1e-13)[0] for a, b in zip(ends, ends[1:], strict=False)]
        return 2 * math.fsum(parts) / (2 * math.pi)

    return mean(lambda d, u, v: d * u), mean(lambda d, u, v: d * d), mean(lambda d, u, v: d * v)


def largest_rates(slope: float, zeta: float, d: float = 1e-6) -> tuple[float, float]:
    """Where the slope in R of (I3 - R I1/gamma) - rate R I2/2 is 0 at R = 1, and without I2 there.

    gamma is where it rests, at I1 = zeta gamma^2.
    """
    gamma = brentq(lambda g: averages(slope, g, 1.0)[0] - zeta * g * g, 0.05, 1.5)

    def parts(R: float) -> np.ndarray:
        i1, i2, i3 = averages(slope, gamma, R)
        return np.array([i3 - R * i1 / gamma, R * i2 / 2, i2 / 2])

    here = parts(1.0)
    near, far = ((here - parts(1 - k * d)) / (k * d) for k in (1, 4))
    pull, noise, short = 2 * near - far  # without what goes as sqrt(d)
    return pull / noise, pull / short


def smooth_averages(g: Function, g_prime: Function, gamma: float, R: float) -> list[float]:
    """I1, I2 and I3 by Gauss and Hermite."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    a, b = np.meshgrid(nodes, nodes)
    weight = np.outer(weights, weights) / (2 * np.pi)
    u, v = gamma * a, R * a + math.sqrt(1 - R * R) * b
    delta = g_prime(u) * (g(v) - g(u))
    return [float((weight * part).sum()) for part in (delta * u, delta**2, delta * v)]


def rate_at_the_end(eta: float, R: float) -> float:
    """eta/L^2 of a linear student with gamma = 1, L = 1 at first: delta is v - u."""

    def motion(t: float, state: np.ndarray) -> list[float]:
        R, L = state
        growth = eta**2 / L**3 * (1 - R)
        return [(eta / L * (1 - R) * (1 + R) - R * growth) / L, growth]

    found = solve_ivp(motion, (0, 400), (R, 1.0), "LSODA", rtol=1e-10, atol=1e-12)
    return float(eta / found.y[1, -1] ** 2)


def regression(load: float, ridge: float, N: int, S: float, draws: int) -> tuple[float, float]:
    """Error of the ridge solution, or the shortest one without, and its standard error."""
    rng = np.random.default_rng(1)
    errors = []
    for _ in range(draws):
        X = rng.standard_normal((round(load * N), N)) / math.sqrt(N)
        teacher = rng.standard_normal(N)
        teacher *= math.sqrt(N) / np.linalg.norm(teacher)
        y = X @ teacher + math.sqrt(S) * rng.standard_normal(len(X))
        if load < 1:
            w = X.T @ np.linalg.solve(X @ X.T + ridge * np.eye(len(X)), y)
        else:
            w = np.linalg.solve(X.T @ X + ridge * np.eye(N), X.T @ y)
        errors.append(np.mean((w - teacher) ** 2))
    return float(np.mean(errors)), float(np.std(errors) / math.sqrt(draws))
