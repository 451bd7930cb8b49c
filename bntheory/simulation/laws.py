"""Laws of the hidden value h of a neuron: what it is drawn from, and its averages.

A law is sampled by PyTorch and averaged over by quadrature of its density: two routes that share
nothing, so one checks the other.  Moments are computed from the density, never typed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import torch

#: What the quadrature has to reach, relative to max(1, result).
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Law:
    """A law of the hidden value h.

    Attributes
    ----------
    name, meaning : str
    draw : callable
        ``draw(generator, shape, dtype)`` returns a tensor of independent values on the device of
        the generator.
    density : callable
        The density of h, of the part that has one.
    support : tuple of float
        The ends of an interval that holds all but 1e-30 of every moment that is asked for, and
        between them the points where the density is not smooth.  The ends may be infinite.
    atoms : tuple of (float, float)
        The values that h takes with positive probability, each with its probability.
    """

    name: str
    meaning: str
    draw: Callable[[torch.Generator, tuple[int, ...], torch.dtype], torch.Tensor]
    density: Callable[[np.ndarray], np.ndarray]
    support: tuple[float, ...]
    atoms: tuple[tuple[float, float], ...] = ()

    def sample(
        self,
        generator: torch.Generator,
        shape: tuple[int, ...],
        dtype: torch.dtype = torch.float64,
    ) -> torch.Tensor:
        """Draw independent values of h, as they are: not standardized.

        Parameters
        ----------
        generator : torch.Generator
            The values are drawn on its device.
        shape : tuple of int
            How many.
        dtype : torch.dtype
            Double precision unless told.

        Returns
        -------
        Tensor
        """
        return self.draw(generator, shape, dtype)

    def average(self, f: Callable[[np.ndarray], np.ndarray]) -> float:
        """Average a function of the standardized value z = (h - mean)/std over the law.

        Parameters
        ----------
        f : callable
            A NumPy function of z; it may have kinks and jumps.

        Returns
        -------
        float
            To an error of 1e-10, relative to max(1, result).

        Raises
        ------
        ArithmeticError
            If the quadrature does not get there: the average may not exist.
        """
        mean, std = self.mean, self.std
        return self._integral(lambda h: f((h - mean) / std))

    @cached_property
    def mean(self) -> float:
        """The population mean mu_P."""
        mass = self._integral(np.ones_like)
        if abs(mass - 1) > TOLERANCE:
            raise ValueError(f"the density and the atoms of {self.name} add up to {mass:.12g}")
        return self._integral(lambda h: h)

    @cached_property
    def std(self) -> float:
        """The population standard deviation sigma_P."""
        mean = self.mean
        return math.sqrt(self._integral(lambda h: (h - mean) ** 2))

    @cached_property
    def skewness(self) -> float:
        """E[z^3]."""
        return self.average(lambda z: z**3)

    @cached_property
    def kurtosis(self) -> float:
        """The excess kurtosis E[z^4] - 3, the paper's rho: 0 for a Gaussian."""
        return self.average(lambda z: z**4) - 3

    @cached_property
    def higher(self) -> tuple[float, float] | None:
        """E[z^5] and E[z^6] where E[z^12], the variance of the latter, exists; else None."""
        try:
            self.average(lambda z: z**12)
        except ArithmeticError:
            return None
        return self.average(lambda z: z**5), self.average(lambda z: z**6)

    def _integral(self, f: Callable[[np.ndarray], np.ndarray]) -> float:
        """Integrate a function of h over the law."""
        from scipy.integrate import quad_vec

        def integrand(h: float) -> np.ndarray:
            at = np.asarray(h)
            return self.density(at) * f(at)

        total = math.fsum(float(f(np.asarray(h))) * weight for h, weight in self.atoms)
        error = 0.0
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for low, high in pairwise(self.support):
                part, off = quad_vec(integrand, low, high, epsabs=1e-13, epsrel=1e-13)
                total, error = total + float(part), error + float(off)
        if not error <= TOLERANCE * max(1.0, abs(total)):
            raise ArithmeticError(
                f"an average over the law {self.name} is {total:.6g} to an error of {error:.1g} "
                "only; it may not exist"
            )
        return total


# -- the laws ------------------------------------------------------------------------------------


def _normal(generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    return torch.randn(shape, generator=generator, device=generator.device, dtype=dtype)


def _uniform(
    generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype
) -> torch.Tensor:
    return torch.rand(shape, generator=generator, device=generator.device, dtype=dtype)


def _exponential(
    generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype
) -> torch.Tensor:
    return _uniform(generator, shape, dtype).neg_().log1p_().neg_()


def _normal_density(h: np.ndarray) -> np.ndarray:
    return np.exp(-(h**2) / 2) / math.sqrt(2 * math.pi)


GAUSSIAN = Law("gaussian", "N(0, 1)", _normal, _normal_density, (-20.0, 20.0))

EXPONENTIAL = Law(
    "exponential", "exponential of mean 1", _exponential, lambda h: np.exp(-h), (0.0, 120.0)
)

UNIFORM = Law("uniform", "uniform on (0, 1)", _uniform, np.ones_like, (0.0, 1.0))

RELU_GAUSSIAN = Law(
    "relu_gaussian",
    "max(x, 0) with x ~ N(0, 1)",
    lambda generator, shape, dtype: _normal(generator, shape, dtype).clamp_(min=0),
    _normal_density,
    (0.0, 20.0),
    atoms=((0.0, 0.5),),
)


def mixture(weight: float, mean: float, std: float) -> Law:
    """Return the law of N(0, 1), or with probability ``weight`` of N(mean, std^2)."""

    def draw(
        generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype
    ) -> torch.Tensor:
        h = _normal(generator, shape, dtype)
        other = _uniform(generator, shape, dtype) < weight
        return torch.where(other, mean + std * h, h)

    def density(h: np.ndarray) -> np.ndarray:
        other = _normal_density((h - mean) / std) / std
        return (1 - weight) * _normal_density(h) + weight * other

    meaning = f"N(0, 1), or with probability {weight:g} N({mean:g}, {std:g}^2)"
    ends = (min(-20.0, mean - 20 * std), max(20.0, mean + 20 * std))
    return Law("mixture", meaning, draw, density, ends)


MIXTURE = mixture(0.25, 3.0, 0.5)


def student(freedom: float) -> Law:
    """Return Student's law, whose moments exist up to order ``freedom``, exclusive."""

    def draw(
        generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype
    ) -> torch.Tensor:
        # Bailey (1994), Math. Comp. 62, 779: exact for every number of degrees of freedom
        radius = _uniform(generator, shape, dtype).neg_().add_(1).pow_(-2 / freedom)
        radius.sub_(1).mul_(freedom).sqrt_()
        return _uniform(generator, shape, dtype).mul_(2 * math.pi).cos_().mul_(radius)

    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    scale /= math.sqrt(freedom * math.pi)

    def density(h: np.ndarray) -> np.ndarray:
        return scale * (1 + h**2 / freedom) ** (-(freedom + 1) / 2)

    meaning = f"Student's t with {freedom:g} degrees of freedom"
    return Law("student", meaning, draw, density, (-math.inf, 0.0, math.inf))


STUDENT = student(10)

#: The laws by name.
LAWS = {law.name: law for law in (GAUSSIAN, EXPONENTIAL, MIXTURE, RELU_GAUSSIAN, STUDENT, UNIFORM)}
