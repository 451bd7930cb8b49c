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
    averages : (method, M, a, rest, mean, inverse) -> offset, along, pull
        Of the residuals: what batch normalization takes off them, as a constant and in proportion
        to the normalized fields, to get the c_i; and what pulls at gamma.
    chain : (method, M, rate, zeta, epsilon, gamma, m, n, a, b, rest, across) -> gamma, m, n
        The whole step of :mod:`bntheory.simulation.order_parameters`; ``rate`` is eta/N, a and b
        are normals, ``rest`` is scratch, and ``across`` a chi-square of N - 2 degrees.
    """

    statistics: Callable[..., Any]
    residual: Callable[..., Any]
    averages: Callable[..., Any]
    chain: Callable[..., Any]


@cache
def step(student: Activation, device: str = "cpu") -> Step:
    """Return the pieces of a student's step, compiled for a device."""
    compiled = compiler(device)
    g, slope = for_numba(student, device)

    @compiled
    def statistics(method: Any, M: Any, a: Any, epsilon: Any) -> Any:
        if method != BN:
            return 0.0, 1.0
        mean, square = 0.0, 0.0
        for i in range(M):
            mean += a[i] / M
        for i in range(M):
            square += (a[i] - mean) * (a[i] - mean) / M
        return mean, 1 / math.sqrt(square + epsilon)

    @compiled
    def residual(u: Any, v: Any) -> Any:
        return slope(u) * (g(u) - g(v))

    @compiled
    def averages(method: Any, M: Any, a: Any, rest: Any, mean: Any, inverse: Any) -> Any:
        offset, pull = 0.0, 0.0
        for i in range(M):
            offset += rest[i] / M
            pull += rest[i] * (a[i] - mean) * inverse / M
        if method != BN:
            return 0.0, 0.0, pull
        return offset, pull, pull

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
        rest: Any,
        across: Any,
    ) -> Any:
        L = math.sqrt(m * m + n * n)
        R, S = m / L, n / L
        mean, inverse = statistics(method, M, a, epsilon / (L * L))
        scale = (L if method == SGD else gamma) * inverse
        for i in range(M):
            rest[i] = residual(scale * (a[i] - mean), R * a[i] + S * b[i])
        offset, along, pull = averages(method, M, a, rest, mean, inverse)
        A, B, Q = 0.0, 0.0, 0.0
        for i in range(M):
            c = rest[i] - offset - (a[i] - mean) * inverse * along
            A += c * a[i]
            B += c * b[i]
            Q += c * c
        if method == WN:
            A = 0.0
        by = (rate if method == SGD else rate * gamma * inverse / L) / M
        m -= by * (R * A + S * B)
        n -= by * (S * A - R * B)
        n = math.sqrt(n * n + by * by * Q * across)
        if method != SGD:
            gamma -= rate * (pull + zeta * gamma)
        return gamma, m, n

    return Step(statistics, residual, averages, chain)
