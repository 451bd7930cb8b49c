"""Averages over label and field by sums, and minima by search; nothing here is from the toolkit.

A sample is a label y and a field m, Gaussian with the covariance of (w*.x + s, w.x).  At zero
temperature its output u costs (max(u, 0) - y)^2/2 + (u - m)^2/(2 chi); at a temperature u has the
density exp(-beta (max(u, 0) - y)^2/2 - (u - m)^2/(2 spread)).
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize, minimize_scalar

Array = Any
REACH = 8.5  # standard deviations


@cache
def _line(count: int) -> tuple[Array, Array]:
    """Return Gauss-Legendre nodes and weights on [-1, 0] and [0, 1]."""
    x, weights = np.polynomial.legendre.leggauss(count)
    return np.concatenate([(x - 1) / 2, (x + 1) / 2]), np.concatenate([weights, weights]) / 2


def plane(gamma: float, R: float, S: float, count: int = 60) -> tuple[Array, Array, Array]:
    """Return labels, fields and weights."""
    z, by = _line(count)
    z, by = REACH * z, REACH * by * np.exp(-((REACH * z) ** 2) / 2) / np.sqrt(2 * np.pi)
    rows = np.linalg.cholesky(np.array([[1 + S, gamma * R], [gamma * R, gamma**2]]))
    y = np.repeat(rows[0, 0] * z, len(z))
    m = (rows[1, 0] * z[:, None] + rows[1, 1] * z).ravel()
    return y, m, np.outer(by, by).ravel()


def least_cost(y: Array, m: Array, chi: float) -> Array:
    """Return the lesser cost of the best u >= 0 and of the best u <= 0."""
    right = np.maximum((m + chi * y) / (1 + chi), 0.0)
    left = np.minimum(m, 0.0)
    costs = [(np.maximum(u, 0.0) - y) ** 2 + (u - m) ** 2 / chi for u in (right, left)]
    return np.minimum(*costs) / 2


def energy(
    gamma: float, R: float, chi: float, alpha: float, ridge: float, S: float, count: int = 2000
) -> float:
    """Return the energy per weight, without what labels below 0 cost in any case.

    A cost grows with the square of (y, m): its mean is that on a circle times E[r^2] = 2.
    """
    angles = 2 * np.pi * (np.arange(count) + 0.5) / count
    rows = np.linalg.cholesky(np.array([[1 + S, gamma * R], [gamma * R, gamma**2]]))
    y, m = rows @ np.array([np.cos(angles), np.sin(angles)])
    above = 2 * np.mean(least_cost(y, m, chi) - np.minimum(y, 0.0) ** 2 / 2)
    return float(alpha * above + ridge * gamma**2 / 2 - gamma**2 * (1 - R**2) / (2 * chi))


class Found(NamedTuple):
    energy: float
    gamma: float
    R: float
    chi: float


def searched(alpha: float, ridge: float, S: float) -> Found:
    """Find the saddle point by brute force: the least, over gamma and R, of the largest over chi.

    In 1/chi the energy is concave, a least value over u of functions that are linear in it.  A grid
    over all gamma and R comes first, then a simplex from its best point.
    """

    def over_chi(gamma: float, R: float, exact: bool = True) -> Any:
        return minimize_scalar(
            lambda log: -energy(gamma, R, np.exp(log), alpha, ridge, S),
            bounds=(-4.0, 4.0),
            method="bounded",
            options={"xatol": 1e-3 if exact else 0.3},
        )

    grid = [(g, r) for g in np.linspace(0.2, 2.6, 7) for r in np.linspace(-0.9, 0.9, 7)]
    rough = min(grid, key=lambda point: -over_chi(*point, exact=False).fun)
    best = minimize(
        lambda v: -over_chi(v[0], v[1]).fun if abs(v[1]) < 1 and v[0] > 0 else 1e9,
        rough,
        method="Nelder-Mead",
        options={"xatol": 1e-3, "fatol": 1e-7},
    )
    at = over_chi(*best.x)
    return Found(-at.fun + alpha * (1 + S) / 4, *map(float, best.x), float(np.exp(at.x)))


class Moments(NamedTuple):
    """The log of the inner integral, and of u: mean, variance, and half the squared error."""

    log: Array
    mean: Array
    variance: Array
    cost: Array


def posterior(y: Array, m: Array, spread: float, beta: float, count: int = 60) -> Moments:
    """Return moments of u, by sums over u < 0 and over u > 0, which is u = y at beta = oo."""
    root = np.sqrt(spread)
    z, by = _line(count)
    left, right = z < 0, z > 0
    sizes = 10 * root + np.maximum(-m, 0.0), 10 * root + np.maximum(np.maximum(m, y), 0.0)
    u = np.concatenate([sizes[0][:, None] * z[left], sizes[1][:, None] * z[right]], axis=1)
    by = np.concatenate([sizes[0][:, None] * by[left], sizes[1][:, None] * by[right]], axis=1)
    by = by / (root * np.sqrt(2 * np.pi))
    error = (np.maximum(u, 0.0) - y[:, None]) ** 2 / 2
    exponent = -((u - m[:, None]) ** 2) / (2 * spread)
    if np.isfinite(beta):
        exponent = exponent - beta * error
    else:  # of u < 0 alone: labels above 0 are put in below
        by = np.where(u < 0, by, 0.0)
    top = exponent.max(1, keepdims=True)
    weights = np.exp(exponent - top) * by
    total = weights.sum(1)
    weights = weights / total[:, None]
    mean = (weights * u).sum(1)
    variance = (weights * (u - mean[:, None]) ** 2).sum(1)
    log, cost = top[:, 0] + np.log(total), (weights * error).sum(1)
    if np.isinf(beta):
        fit = y > 0
        log = np.where(fit, -((y - m) ** 2) / (2 * spread) - np.log(spread) / 2, log)
        mean, variance = np.where(fit, y, mean), np.where(fit, 0.0, variance)
        cost = np.where(fit, 0.0, cost)
    return Moments(log, mean, variance, cost)
