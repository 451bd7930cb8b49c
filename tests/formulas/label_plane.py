"""The plane of label and field, and the least cost of a sample, in plain NumPy.

The two are Gaussian with the covariance of (w*.x + s, w.x); sums are Gauss-Legendre in panels that
take no notice where a cost has its kinks, and minima are searched on grids.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def panels(low: float, high: float, count: int, nodes: int = 5) -> tuple[Any, Any]:
    """Return Gauss-Legendre nodes and weights in panels of one length."""
    x, weights = np.polynomial.legendre.leggauss(nodes)
    edges = np.linspace(low, high, count + 1)
    half = (edges[1:] - edges[:-1])[:, None] / 2
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * weights).ravel()


def plane(gamma: float, R: float, S: float, count: int = 60) -> tuple[Any, Any, Any]:
    """Return labels, fields and weights: two Gaussians by the covariance of (h1 + s, m)."""
    law = np.array([[1 + S, gamma * R], [gamma * R, gamma**2]])
    root_of_law = np.linalg.cholesky(law)
    halves = [panels(-8.5, 0.0, count // 2), panels(0.0, 8.5, count // 2)]
    (z1, by1), (z2, by2) = (
        tuple(np.concatenate(parts) for parts in zip(*halves, strict=True)),
        panels(-8.5, 8.5, count),
    )
    first, second = np.meshgrid(z1, z2, indexing="ij")
    weights = np.outer(by1 * np.exp(-(z1**2) / 2), by2 * np.exp(-(z2**2) / 2)) / (2 * np.pi)
    return (
        root_of_law[0, 0] * first,
        root_of_law[1, 0] * first + root_of_law[1, 1] * second,
        weights,
    )


def least_cost(y: Any, m: Any, chi: float) -> Any:
    """Return the minimum over u of (max(u, 0) - y)^2/2 + (u - m)^2/(2 chi), on a grid."""
    low, high = np.minimum(m, 0.0), np.maximum(np.maximum(m, y), 0.0)
    best = None
    for points in (61, 11, 11, 11):
        u = low + (high - low) * np.linspace(0.0, 1.0, points)[:, None, None]
        cost = (np.maximum(u, 0.0) - y) ** 2 / 2 + (u - m) ** 2 / (2 * chi)
        where = cost.argmin(0)
        best = np.take_along_axis(cost, where[None], 0)[0]
        step = (high - low) / (points - 1)
        middle = low + where * step
        low, high = middle - step, middle + step
    return best
