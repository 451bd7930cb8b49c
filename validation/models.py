"""Generalized linear models to measure on: a loss l(h) = A(h) - y h of a normalized value h.

A' is the mean of y under the model, so y = A'(gamma* z + beta*) is a teacher without noise; where
its gamma* and beta* are the student's, the model is true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from bntheory.formulas import regularizer
from bntheory.simulation import Law, Loss

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Model:
    """A partition function by its derivatives.

    Attributes
    ----------
    name : str
    mean, curvature, third : callable
        A', A'' and A''', of tensors.
    gamma, beta : float
        Scale and shift of the student.
    teacher : tuple of float
        Scale and shift of the teacher.
    """

    name: str
    mean: Function
    curvature: Function
    third: Function
    gamma: float = 1.0
    beta: float = 0.5
    teacher: tuple[float, float] = (1.0, 0.5)

    @property
    def label(self) -> str:
        """The name, and whether the model is true."""
        true = self.teacher == (self.gamma, self.beta)
        return f"{self.name}, {'true model' if true else 'another teacher'}"

    def h_bar(self, z: Tensor) -> Tensor:
        return self.gamma * z + self.beta

    def y(self, z: Tensor) -> Tensor:
        """What the teacher says."""
        scale, shift = self.teacher
        return self.mean(scale * z + shift)

    def slope(self, u: Tensor, z: Tensor) -> Tensor:
        """The derivative of the loss."""
        return self.mean(u) - self.y(z)

    def loss(self) -> Loss:
        """The loss less that at h_bar: the integral of its slope, by Gauss and Legendre."""
        nodes, weights = np.polynomial.legendre.leggauss(5)

        def value(u: Tensor, z: Tensor) -> Tensor:
            start, y = self.h_bar(z), self.y(z)
            way, total = u - start, torch.zeros_like(u)
            for node, weight in zip(nodes, weights, strict=True):
                total += weight / 2 * self.mean(start + way * ((node + 1) / 2))
            return way * (total - y)

        return Loss(self.label, value, self.slope)

    # -- population averages, by quadrature --------------------------------------------------------

    def average(self, law: Law, f: Callable[[Tensor, Tensor], Tensor]) -> float:
        """Average f(h_bar, z)."""

        def of_z(z: np.ndarray) -> np.ndarray:
            tensor = torch.as_tensor(z, dtype=torch.float64)
            return np.asarray(f(self.h_bar(tensor), tensor).numpy())

        return law.average(of_z)

    def theorem1(self, law: Law, rho: float | None = None) -> float:
        """What Theorem 1 makes of the noise, times M."""
        information = self.average(law, lambda h, z: self.curvature(h) * z**2)
        curvature = self.average(law, lambda h, z: self.curvature(h))
        kurtosis = law.kurtosis if rho is None else rho
        return self.gamma**2 * float(
            regularizer.gamma_decay(1.0, kurtosis, information, curvature)
        )

    def own_batch(self, law: Law) -> float:
        """What a batch makes of the noise to order 1/M, times M."""

        def excess(h: Tensor, z: Tensor) -> Tensor:
            found = regularizer.own_batch_excess(
                self.gamma, z, 1.0, law.kurtosis, law.skewness, self.slope(h, z), self.curvature(h)
            )
            return torch.as_tensor(found)

        return self.average(law, excess)


def _sigmoid_slope(h: Tensor) -> Tensor:
    return torch.sigmoid(h) * torch.sigmoid(-h)


SOFTPLUS = Model("softplus", softplus, torch.sigmoid, _sigmoid_slope)
LINEAR = Model("identity", lambda h: h, torch.ones_like, torch.zeros_like)
LOGISTIC = Model(
    "logistic",
    torch.sigmoid,
    _sigmoid_slope,
    lambda h: _sigmoid_slope(h) * (1 - 2 * torch.sigmoid(h)),
)
POISSON = Model("Poisson", torch.exp, torch.exp, torch.exp, gamma=0.5, teacher=(0.5, 0.5))
