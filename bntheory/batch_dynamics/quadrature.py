"""Averages over a batch of Gaussian hidden values, by Gauss-Legendre quadrature.

The deviation s of the batch has M s^2 of chi-square with M - 1 degrees of freedom.  Independent of
it, the normalized values are sqrt(M) times a uniform point of the sphere in the M - 1 dimensions
across (1, ..., 1): one value is sqrt(M - 1) times a coordinate, and two are the same for two
directions with the inner product -1/(M - 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

#: How far a normalized value, and s in its deviations, is followed.
FAR = 9.0


@dataclass(frozen=True)
class Nodes:
    """Nodes and weights of averages over a batch, each array one-dimensional.

    Attributes
    ----------
    s, of_s : deviations, and their weights
    value, of_value : positive values of one sample
    first, second, of_pair : positive values of two samples, the first the smaller; their weights
        count both orders
    arc, of_arc : nodes and weights on (0, 1)
    """

    s: np.ndarray
    of_s: np.ndarray
    value: np.ndarray
    of_value: np.ndarray
    first: np.ndarray
    second: np.ndarray
    of_pair: np.ndarray
    arc: np.ndarray
    of_arc: np.ndarray


def _legendre(count: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    half = (high - low) / 2
    return low + half * (nodes + 1), half * weights


@cache
def nodes(M: int, count: int) -> Nodes:
    """Return nodes for batches of M samples, ``count`` of them in every direction."""
    return Nodes(
        *_deviation(M, count), *_value(M, 2 * count), *_pair(M, count), *_legendre(count, 0.0, 1.0)
    )


def _deviation(M: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import gammaln

    spread = FAR / np.sqrt(2 * M)
    s, weights = _legendre(count, max(0.0, 1 - spread), 1 + spread)
    freedom = M - 1
    density = np.log(2.0) + freedom / 2 * np.log(M / 2) - gammaln(freedom / 2)
    density = density + (freedom - 1) * np.log(s) - M * s**2 / 2
    return s, weights * np.exp(density)


def _value(M: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """One coordinate cos(angle) of a uniform point has the density sin(angle)^(M - 3)."""
    from scipy.special import gammaln

    radius = np.sqrt(M - 1)
    angle, weights = _legendre(count, np.arccos(min(1.0, FAR / radius)), np.pi / 2)
    density = gammaln((M - 1) / 2) - gammaln((M - 2) / 2) - np.log(np.pi) / 2
    density = density + (M - 3) * np.log(np.sin(angle))
    return radius * np.cos(angle), weights * np.exp(density)


def _pair(M: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two coordinates are r (cos a, sin a) with r^2 of a beta distribution and a uniform.

    Seen from two directions at the angle b, cos b = -1/(M - 1), both values are positive for
    b - pi/2 < a < pi/2, and equal at b/2.
    """
    radius = np.sqrt(M - 1)
    between = np.arccos(-1 / (M - 1))
    a, of_a = _legendre(count, between / 2, np.pi / 2)
    b, of_b = _legendre(count, 0.0, np.arcsin(min(1.0, FAR / radius)))
    of_b = of_b * (M - 3) / (2 * np.pi) * np.sin(b) * np.cos(b) ** (M - 4)
    r = radius * np.sin(b)
    first, second = np.outer(np.cos(a), r), np.outer(np.cos(a - between), r)
    return first.ravel(), second.ravel(), 2 * np.outer(of_a, of_b).ravel()
