"""One step of online SGD, given its random numbers: the same source for every device.

Fields are components of inputs: a along the student's weights, of variance 1 or that of w.x, and v
along the teacher's.  A step takes by sum_i c_i x_i/M off w; what gamma and the c_i are is in here,
and who has the x_i, or their law alone, does the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from bntheory.activations import Activation
from bntheory.simulation.functions import compiler, for_numba
from bntheory.simulation.process import METHODS

SGD, WN, BN = range(len(METHODS))


class Step(NamedTuple):
    """The pieces of a step, compiled; a method is SGD, WN or BN.

    Attributes
    ----------
    statistics : (method, M, a, epsilon) -> mean, inverse
        What batch normalization takes off the fields and multiplies them by; else 0 and 1.
    residual : (u, v) -> float
        g'(u) (g(u) - g(v)).
    averages : (method, M, total, slope, inverse) -> offset, along, pull
        Of sums of the residuals and of their products with a - mean: the c_i are the residuals
        less offset + along (a - mean), and ``pull`` is what pulls at gamma.
    chain : (method, M, rate, zeta, epsilon, gamma, m, n, a, b, across) -> gamma, m, n
        The whole step of :mod:`bntheory.simulation.order_parameters`; ``rate`` is eta/N, a and b
        are normals, b is overwritten, and ``across`` is a chi-square of N - 2 degrees.
    """

    statistics: Callable[..., Any]
    residual: Callable[..., Any]
    averages: Callable[..., Any]
    chain: Callable[..., Any]


@cache
def step(student: Activation, device: str = "cpu") -> Step:
    """Return the pieces of a student's step, compiled for a device."""
    compiled = compiler(device)
    g, derivative = for_numba(student, device)

    @compiled
    def statistics(method: Any, M: Any, a: Any, epsilon: Any) -> Any:
        if method != BN:
            return 0.0, 1.0
        share, mean, square = 1.0 / M, 0.0, 0.0
        for i in range(M):
            mean += a[i]
        mean *= share
        for i in range(M):
            square += (a[i] - mean) * (a[i] - mean)
        return mean, 1.0 / math.sqrt(square * share + epsilon)

    @compiled
    def residual(u: Any, v: Any) -> Any:
        return derivative(u) * (g(u) - g(v))

    @compiled
    def averages(method: Any, M: Any, total: Any, slope: Any, inverse: Any) -> Any:
        share = 1.0 / M
        pull = slope * inverse * share
        if method != BN:
            return 0.0, 0.0, pull
        return total * share, pull * inverse, pull

    @compiled
    def chain(
        method: Any,
        M: Any,
        rate: Any,
        zeta: Any,
        epsilon: Any,
        gamma: Any,
        m: Any,
        n: Any,
        a: Any,
        b: Any,
        across: Any,
    ) -> Any:
        square = m * m + n * n
        over = 1.0 / math.sqrt(square)
        R, S = m * over, n * over
        mean, inverse = statistics(method, M, a, epsilon * over * over)
        scale = (square * over if method == SGD else gamma) * inverse
        total, slope, of_b, of_both, B = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(M):
            off = a[i] - mean
            rest = residual(scale * off, R * a[i] + S * b[i])
            total += rest
            slope += rest * off
            of_b += b[i]
            of_both += off * b[i]
            B += rest * b[i]
            b[i] = rest
        offset, along, pull = averages(method, M, total, slope, inverse)
        B -= offset * of_b + along * of_both
        A, Q = 0.0, 0.0
        for i in range(M):
            c = b[i] - offset - (a[i] - mean) * along
            A += c * a[i]
            Q += c * c
        if method == WN:
            A = 0.0
        by = rate * (1.0 / M) * (1.0 if method == SGD else gamma * inverse * over)
        m -= by * (R * A + S * B)
        n -= by * (S * A - R * B)
        n = math.sqrt(n * n + by * by * Q * across)
        if method != SGD:
            gamma -= rate * (pull + zeta * gamma)
        return gamma, m, n

    return Step(statistics, residual, averages, chain)
