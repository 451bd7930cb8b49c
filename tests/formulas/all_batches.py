"""The oracle of the regularizer: every batch around a member of a law with a few atoms.

It knows no expansion.  A batch is known by how often each atom is in it: all batches are summed
with their multinomial probabilities, at several sizes, and a polynomial in 1/M gives the
coefficient.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
from hypothesis import strategies as st
from scipy import stats
from scipy.special import gammaln

#: Probabilities of atoms, and the atoms, a column for each neuron.
Law = tuple[np.ndarray, np.ndarray]
KINDS = {"": (True, True), "_mean_only": (True, False), "_std_only": (False, True)}


@cache
def counts(atoms: int, total: int) -> np.ndarray:
    """Return how often each atom is among the others, a row for each way there is."""
    if atoms == 1:
        return np.array([[total]])
    return np.concatenate(
        [np.insert(counts(atoms - 1, total - n), 0, n, axis=1) for n in range(total + 1)]
    )


@cache
def multiplicities(atoms: int, total: int) -> np.ndarray:
    return gammaln(total + 1) - gammaln(counts(atoms, total) + 1).sum(axis=1)


def hats(kind: str, z: np.ndarray, law: Law, M: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of each batch, and the normalized member, a column per neuron."""
    p, atoms = law
    every = counts(len(p), M - 1)
    weights = np.exp(multiplicities(len(p), M - 1) + every @ np.log(p))
    mean = (z + every @ atoms) / M
    variance = (z**2 + every @ atoms**2) / M - mean**2
    centered, divided = KINDS[kind]
    value = z - mean if centered else np.broadcast_to(z, mean.shape)
    still = variance < 0.01  # all alike: of probability 2^-M or less, and no series knows of it
    deviation = np.sqrt(np.where(still, 1.0, variance)) if divided else 1.0
    return weights, np.where(still & divided, 0.0, value / deviation)


SIZES = (40, 56, 80, 112, 150, 200)


def coefficient(values: list[float], sizes: tuple[int, ...] = SIZES, of: int = 0) -> float:
    """Return the coefficient of 1/M**(1 + of) from values at several M."""
    inverse = 1 / np.array(sizes, dtype=float)
    scaled = np.array(values) / inverse
    return float(np.linalg.solve(np.vander(inverse, increasing=True), scaled)[of])


def standardized(weights: list[float], atoms: list[Any]) -> Law:
    p, x = np.array(weights) / sum(weights), np.array(atoms, dtype=float).reshape(len(atoms), -1)
    x = x - p @ x
    return p, x / np.sqrt(p @ x**2)


def shape(law: Law) -> tuple[float, float]:
    """Return excess kurtosis and skewness."""
    p, x = law[0], law[1][:, 0]
    return max(float(p @ x**4) - 3, -2.0), float(p @ x**3)


class Loss:
    """A combination of softplus, exp, cos and powers, less y h, and its derivatives by mpmath."""

    def __init__(self, weights: tuple[float, ...], y: float = 0.0) -> None:
        self.weights, self.y = weights, y

    def at(self, h: Any, lib: Any = np) -> Any:
        a, b, c, d, e = self.weights
        smooth = a * lib.log(1 + lib.exp(h)) + b * lib.exp(h / 2) + c * lib.cos(h)
        return smooth + d * h**2 / 2 + e * h**3 / 6 - self.y * h

    def derivatives(self, h: float) -> list[float]:
        """Return the first four."""
        with mp.workdps(30):
            parts = mp.taylor(lambda x: self.at(x, mp), mp.mpf(h), 4)
            return [float(c * mp.factorial(k)) for k, c in enumerate(parts)][1:]

    def true_at(self, h: float) -> Loss:
        """Return the loss of a y that is the mean of the model at h."""
        return Loss(self.weights, self.y + self.derivatives(h)[0])


def expected(kind: str, z: float, law: Law, M: int, f: Callable[[Any], Any]) -> float:
    """Average a function of the normalized member over all batches."""
    weights, hat = hats(kind, np.array([z]), law, M)
    return float(weights @ f(hat[:, 0]))


def excess_by_enumeration(
    loss: Loss, gamma: float, beta: float, z: float, law: Law, kind: str = ""
) -> float:
    at_rest = loss.at(gamma * z + beta)
    return coefficient(
        [expected(kind, z, law, M, lambda hat: loss.at(gamma * hat + beta) - at_rest)
         for M in SIZES]
    )


laws3 = st.builds(
    lambda w, gaps: standardized(w, [0.0, gaps[0], gaps[0] + gaps[1]]),
    st.lists(st.integers(3, 7), min_size=3, max_size=3),
    st.tuples(st.floats(0.3, 2.0), st.floats(0.3, 2.0)),
)
members = st.floats(-1.8, 1.8)
losses = st.builds(
    Loss, st.tuples(*[st.floats(-2.0, 2.0)] * 5), st.floats(-1.0, 1.0)
)
gammas, betas = st.floats(0.3, 1.5), st.floats(-1.0, 1.0)


def terms_of_excess(
    gamma: float, z: float, rho: float, skewness: float, d: list[float]
) -> float:
    """Return how large the terms are that may cancel."""
    first = 3 * abs(rho * z) + 4 * abs(skewness) + 4 * abs(z) ** 3 + 6 * abs(z)
    second = abs(rho) * z**2 + 4 * abs(skewness * z) + 2 * z**2 + 4
    return gamma * (abs(d[0]) * first + gamma * abs(d[1]) * second) / 8


@cache
def given_a_member(M: int, width: int = 110) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return weights, the mean of the others and their sum of squares, as a grid."""
    x, of_x = np.polynomial.hermite_e.hermegauss(50)
    t, of_t = np.polynomial.legendre.leggauss(width)
    freedom = M - 2
    low, high = max(0.0, freedom - 11 * np.sqrt(2 * freedom)), freedom + 14 * np.sqrt(2 * freedom)
    S = low + (high - low) * (t + 1) / 2
    of_S = of_t * stats.chi2.pdf(S, freedom)
    weights = np.outer(of_x / of_x.sum(), of_S / of_S.sum())
    return weights, (x / np.sqrt(M - 1))[:, None], S[None, :]
