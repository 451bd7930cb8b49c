"""The teacher-student network itself, in NumPy: vectors, activations and steps of SGD.

Nothing here comes from the toolkit.  The loss is that of Sec. 3 of Luo et al. 2019, halved as the
paper's Eq. (5) implies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from scipy.special import erf

from bntheory.notation import SYMBOLS

SLOPE = 0.3  # of leaky ReLU, in every test

#: Each activation with its derivative.
G: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "linear": (lambda z: 1.0 * z, lambda z: np.ones_like(z)),
    "leaky_relu": (
        lambda z: np.where(z > 0, z, SLOPE * z),
        lambda z: np.where(z > 0, 1.0, SLOPE),
    ),
    "erf": (
        lambda z: erf(z / np.sqrt(2)),
        lambda z: np.sqrt(2 / np.pi) * np.exp(-(np.asarray(z) ** 2) / 2),
    ),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
}
NAMES = ("relu", "linear", "leaky_relu", "erf")


def value(expr: Any, **numbers: float) -> float:
    """Return the value of a derived expression, its symbols given by name."""
    point = {SYMBOLS[name]: sp.Float(number, 30) for name, number in numbers.items()}
    point[SYMBOLS["slope"]] = sp.Rational(str(SLOPE))
    return float(sp.sympify(expr).subs(point).evalf(25))


@dataclass(frozen=True)
class Weights:
    """Explicit weight vectors of a student and a teacher."""

    w: np.ndarray
    w_star: np.ndarray
    gamma: float

    @classmethod
    def draw(cls, N: int, gamma: float, R: float, L: float, seed: int = 0) -> Weights:
        """Draw vectors with |w*|^2 = N, |w| = L sqrt(N) and the cosine R between them."""
        rng = np.random.default_rng(seed)
        basis, _ = np.linalg.qr(rng.standard_normal((N, 2)))
        along, across = np.sqrt(N) * basis.T
        return cls(L * (R * along + np.sqrt(1 - R * R) * across), along, gamma)

    @property
    def size(self) -> int:
        return len(self.w)

    @property
    def order_parameters(self) -> tuple[float, float, float]:
        """gamma, R and L."""
        length = np.linalg.norm(self.w)
        R = self.w @ self.w_star / (length * np.linalg.norm(self.w_star))
        return self.gamma, float(R), float(length / np.sqrt(self.size))

    def fields(self, x: np.ndarray) -> tuple[Any, Any]:
        """The fields of the student, sqrt(N) gamma w.x/|w|, and of the teacher, w*.x."""
        student = np.sqrt(self.size) * self.gamma * (x @ self.w) / np.linalg.norm(self.w)
        return student, x @ self.w_star

    def gradients(
        self, x: np.ndarray, activation: str, zeta: float, plain: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """The gradients of each example's loss in w and in upsilon = sqrt(N) gamma.

        Central differences along every axis: no gradient is worked out by hand.
        """
        h, size = 1e-5, self.size
        g, _ = G[activation]
        student, target = x @ self.w, g(x @ self.w_star)
        root, squared = np.sqrt(size), self.w @ self.w

        def loss(projection: np.ndarray, length: float, gamma: float) -> np.ndarray:
            u = projection if plain else root * gamma * projection / length
            return ((target - g(u)) ** 2 + zeta * gamma**2) / 2

        along_w = np.empty_like(x)
        for axis in range(size):
            ends = [
                loss(
                    student + k * h * x[:, axis],
                    np.sqrt(squared + 2 * k * h * self.w[axis] + h * h),
                    self.gamma,
                )
                for k in (1, -1)
            ]
            along_w[:, axis] = (ends[0] - ends[1]) / (2 * h)
        up, down = (loss(student, np.sqrt(squared), self.gamma + k * h / root) for k in (1, -1))
        return along_w, (up - down) / (2 * h)

    def steps(
        self, x: np.ndarray, activation: str, eta: float, zeta: float, plain: bool = False
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """gamma, R and L after one step of SGD in w and upsilon, for each example."""
        along_w, along_upsilon = self.gradients(x, activation, zeta, plain)
        moved = self.w - eta * along_w
        lengths = np.linalg.norm(moved, axis=1)
        R = moved @ self.w_star / (lengths * np.linalg.norm(self.w_star))
        root = np.sqrt(self.size)
        upsilon = root * self.gamma - eta * along_upsilon
        return upsilon / root, R, lengths / root


def inputs(N: int, samples: int, seed: int = 1, chunk: int = 10_000) -> Iterator[np.ndarray]:
    """Yield inputs x ~ N(0, I/N), in chunks."""
    rng = np.random.default_rng(seed)
    for _ in range(samples // chunk):
        yield rng.standard_normal((chunk, N)) / np.sqrt(N)


def z_score(samples: np.ndarray, mean: float) -> float:
    """Return the distance of a sample mean from ``mean`` in standard errors."""
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    return float((samples.mean() - mean) / error)


def function(expr: Any, order: tuple[str, ...], fixed: Mapping[str, Any]) -> Callable[..., Any]:
    """Return derived expressions as a function in mpmath, some symbols fixed by name."""
    point = {SYMBOLS[name]: sp.sympify(number) for name, number in fixed.items()}
    point[SYMBOLS["slope"]] = sp.Rational(str(SLOPE))
    return sp.lambdify([SYMBOLS[name] for name in order], sp.sympify(expr).subs(point), "mpmath")
