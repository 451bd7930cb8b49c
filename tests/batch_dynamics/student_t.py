"""The averages of ReLU at R = 1 by another route: Student's distribution in place of s.

Averaged over s, s^p times the probability k s t is that of Student's with M - 1 + p degrees of
freedom, times E[s^p]; no integral over s is left, and at R = 1 none over the correlation.
"""

from __future__ import annotations

import numpy as np
from scipy import special


def power(p: int, M: int) -> float:
    """E[s^p]."""
    freedom = M - 1
    logs = special.gammaln((freedom + p) / 2) - special.gammaln(freedom / 2)
    return float((2 / M) ** (p / 2) * np.exp(logs))


def chance(p: int, k: float, t: np.ndarray, M: int) -> np.ndarray:
    """E[s^p Phi(k s t)]."""
    freedom = M - 1 + p
    value: np.ndarray = power(p, M) * special.stdtr(freedom, k * t * np.sqrt(freedom / M))
    return value


def density(p: int, k: float, t: np.ndarray, M: int) -> np.ndarray:
    """E[s^p phi(k s t)]."""
    value: np.ndarray = power(p, M) * (1 + k * k * t * t / M) ** (-(M - 1 + p) / 2)
    return value / np.sqrt(2 * np.pi)


def values(M: int) -> tuple[np.ndarray, np.ndarray]:
    """Positive values of a sample, and weights."""
    nodes, weights = np.polynomial.legendre.leggauss(600)
    angle, weights = (nodes + 1) * np.pi / 4, weights * np.sin((nodes + 1) * np.pi / 4) ** (M - 3)
    return np.sqrt(M - 1) * np.cos(angle), weights / weights.sum() / 2


def pairs(M: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positive values of two samples, the first the smaller, and weights of both orders."""
    nodes, weights = np.polynomial.legendre.leggauss(250)
    cosine = -1 / (M - 1)
    between = np.arccos(cosine)
    a = between / 2 + (nodes + 1) / 2 * (np.pi / 2 - between / 2)
    of_a = weights * (np.pi / 2 - between / 2) / 2
    b, of_b = (nodes + 1) * np.pi / 4, weights * np.pi / 4
    of_b = of_b * np.sin(b) * np.cos(b) ** (M - 4) * (M - 3) / (2 * np.pi)
    x, y = np.outer(np.cos(a), np.sin(b)), np.outer(np.sin(a), np.sin(b))
    second = cosine * x + np.sqrt(1 - cosine**2) * y
    scale = np.sqrt(M - 1)
    return scale * x.ravel(), scale * second.ravel(), 2 * np.outer(of_a, of_b).ravel()


def aligned(gamma: float, M: int) -> tuple[float, float]:
    """B1 and B2 at R = 1."""
    t, of_t = values(M)
    tau, k = M**-0.5, M**0.5
    label = t * chance(1, k, t, M) + tau * density(0, k, t, M)
    first = gamma * float(of_t @ (t * (label - gamma * t)))

    def ramp(t: np.ndarray) -> np.ndarray:
        result: np.ndarray = t * chance(-1, k, t, M) + tau * density(-2, k, t, M)
        return result

    square = t * t * chance(0, k, t, M) + tau**2 * chance(-2, k, t, M)
    square += t * tau * density(-1, k, t, M)
    own = gamma**2 * t * t * power(-2, M) - 2 * gamma * t * ramp(t) + square
    single = float(of_t @ ((1 - (1 + t * t) / M) * own))
    low, high, of_pair = pairs(M)
    both = low * high * chance(0, k, low, M) + (low + high) * tau * density(-1, k, low, M)
    both += tau**2 * (chance(-2, k, low, M) - k * low * density(-1, k, low, M))
    mixed = gamma**2 * low * high * power(-2, M) - gamma * (low * ramp(high) + high * ramp(low))
    pair = float(of_pair @ ((1 + low * high) * (mixed + both)))
    return first, single - (1 - 1 / M) * pair


def alignment(R: float, M: int) -> float:
    """B3."""
    t, of_t = values(M)
    deviation = np.sqrt(1 - R * R + R * R / M)
    of_one = (1 - (1 + t * t) / M) * chance(-1, R / deviation, t, M)
    return float((1 - R * R) * (of_t @ of_one))
