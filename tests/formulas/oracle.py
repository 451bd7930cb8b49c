"""The model of Sec. 3 from its definitions, in plain NumPy: nothing here comes from the toolkit.

Averages over the two fields are Gauss-Legendre quadrature in polar coordinates of the plane of
student and teacher; rates are those of the explicit vectors before and after one step (5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import erf

Array = Any
REACH, ANGLES, RADII = 10.5, 36, 40  # the Gaussian beyond weighs 1e-24
SIZES = (1e7, 2e7, 4e7)  # N, to be extrapolated


def activation(name: str, slope: float = 0.0) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return g and its derivative."""
    low = {"linear": 1.0, "relu": 0.0}.get(name, slope)
    if name == "erf":
        return (
            lambda z: erf(z / np.sqrt(2)),
            lambda z: np.sqrt(2 / np.pi) * np.exp(-z * z / 2),
        )
    return lambda z: np.where(z > 0, z, low * z), lambda z: np.where(z > 0, 1.0, low)


def extrapolated(values: list[Any], ratio: float = 2.0) -> Any:
    """Return the limit of values whose error is a power series in 1, 1/ratio, 1/ratio^2, ..."""
    values = [np.asarray(value, dtype=float) for value in values]
    power = ratio
    while len(values) > 1:
        pairs = zip(values, values[1:], strict=False)
        values = [(power * b - a) / (power - 1) for a, b in pairs]
        power *= ratio
    return values[0]


@cache
def _legendre(nodes: int) -> tuple[Array, Array]:
    line, weights = np.polynomial.legendre.leggauss(nodes)
    return (line + 1) / 2, weights / 2


@cache
def _plane(theta: float) -> tuple[Array, Array, Array]:
    """Return nodes (along the student, across it) and weights; no sector has a kink inside."""
    line, share = _legendre(ANGLES)
    radius, radial = _legendre(RADII)
    radius = REACH * radius
    radial = REACH * radial * radius * np.exp(-(radius**2) / 2) / (2 * np.pi)
    rays = [-np.pi / 2, theta - np.pi / 2, np.pi / 2, theta + np.pi / 2, 3 * np.pi / 2]
    pieces = [(a + (b - a) * line, (b - a) * share) for a, b in zip(rays, rays[1:], strict=False)]
    angle, weight = (np.concatenate([piece[k] for piece in pieces]) for k in (0, 1))
    along, across = (np.outer(f(angle), radius).ravel() for f in (np.cos, np.sin))
    return along, across, np.outer(weight, radial).ravel()


@dataclass(frozen=True)
class Model:
    """A student and a teacher with one activation, at the angle with 1 - cos = ``misalignment``."""

    name: str
    misalignment: float
    slope: float = 0.0

    @classmethod
    def at(cls, name: str, R: float, slope: float = 0.0) -> Model:
        """Return the model at an overlap."""
        return cls(name, 1.0 - R, slope)

    @property
    def theta(self) -> float:
        return float(2 * np.arcsin(np.sqrt(self.misalignment / 2)))

    def mean(self, function: Callable[[Array, Array], Any], scale: float) -> float:
        """Return E[function(u, v)], u with standard deviation ``scale``."""
        z, y, weights = _plane(self.theta)
        return float(weights @ function(scale * z, self._teacher(z, y)))

    def _teacher(self, z: Array, y: Array) -> Array:
        return np.cos(self.theta) * z + np.sin(self.theta) * y

    def _delta(self, u: Array, v: Array) -> Array:
        g, slope = activation(self.name, self.slope)
        return slope(u) * (g(v) - g(u))

    def I1(self, gamma: float) -> float:
        """E[delta u] by its definition."""
        return self.mean(lambda u, v: self._delta(u, v) * u, gamma)

    def I2(self, gamma: float) -> float:
        """E[delta^2] by its definition."""
        return self.mean(lambda u, v: self._delta(u, v) ** 2, gamma)

    def I3(self, gamma: float) -> float:
        """E[delta v] by its definition."""
        return self.mean(lambda u, v: self._delta(u, v) * v, gamma)

    def online_error(self, gamma: float) -> float:
        """E[(g(v) - g(u))^2] / 2 by its definition."""
        g, _ = activation(self.name, self.slope)
        return self.mean(lambda u, v: (g(v) - g(u)) ** 2 / 2, gamma)

    def bn_rates(self, gamma: float, L: float, eta: float, zeta: float) -> Array:
        """The rates of gamma, R and L: the step (5) of vectors in the plane and across it."""

        def step(w: Array, x: Array, u: Array, v: Array, N: float) -> tuple[Array, Array]:
            length = np.linalg.norm(w)
            delta = self._delta(u, v)
            slope = gamma * np.sqrt(N) / length * x - u / length**2 * w
            pull = delta * np.sqrt(N) * (w * x).sum(0) / length
            return eta * delta * slope, eta / N * (pull - zeta * gamma)

        return self._rates(step, gamma, L)

    def sgd_rates(self, L: float, eta: float) -> Array:
        """The rates of R and L for a student without normalization, whose field is w.x."""

        def step(w: Array, x: Array, u: Array, v: Array, N: float) -> tuple[Array, Array]:
            return eta * self._delta(u, v) * x, np.zeros_like(u)

        return self._rates(step, L, L)[1:]

    def _rates(self, step: Callable[..., tuple[Array, Array]], scale: float, L: float) -> Array:
        """Return N times the mean change of scale, R and L as N grows.

        Axes: along the student, across it in the plane, out of the plane.  The differences of
        lengths and overlaps are written so that they keep their digits.
        """
        z, y, weights = _plane(self.theta)
        u, v = scale * z, self._teacher(z, y)
        teacher = np.array([[np.cos(self.theta)], [np.sin(self.theta)], [0.0]])

        def changes(N: float) -> list[float]:
            w = np.array([[np.sqrt(N) * L], [0.0], [0.0]])
            x = np.stack([z, y, np.sqrt(N - z**2 - y**2)]) / np.sqrt(N)  # x.x = 1
            dw, dgamma = step(w, x, u, v, N)
            before, after = np.linalg.norm(w), np.sqrt(((w + dw) ** 2).sum(0))
            longer = (2 * (w * dw).sum(0) + (dw * dw).sum(0)) / (before + after)
            turned = ((dw * teacher).sum(0) - teacher[0] * longer) / after
            return [N * float(weights @ move) for move in (dgamma, turned, longer / np.sqrt(N))]

        return extrapolated([changes(N) for N in SIZES])


# -- at rest -------------------------------------------------------------------------------------


def resting_scale(name: str, zeta: float, slope: float = 0.0) -> float:
    """Return the gamma at which an aligned student rests: the root of the model's dgamma/dt."""
    aligned = Model(name, 0.0, slope)
    return brentq(lambda gamma: aligned.bn_rates(gamma, 1.0, 1.0, zeta)[0], 0.01, 2.0, xtol=1e-13)


def slope_of_gamma(name: str, eta: float, zeta: float, slope: float = 0.0) -> float:
    """Return the derivative of dgamma/dt in gamma where the aligned student rests."""
    at_rest, aligned = resting_scale(name, zeta, slope), Model(name, 0.0, slope)

    def chord(step: float) -> float:
        ends = [aligned.bn_rates(at_rest + s, 1.0, eta, zeta)[0] for s in (step, -step)]
        return float((ends[0] - ends[1]) / (2 * step))

    return float(extrapolated([chord(at_rest * h) for h in (0.04, 0.02, 0.01)], 4.0))


def slope_of_R(rate: Callable[[Model], float], name: str, slope: float = 0.0) -> float:
    """Return the derivative in R, from below, of a rate where the student is aligned."""
    still = rate(Model(name, 0.0, slope))

    def chord(theta: float) -> float:
        gap = 2 * np.sin(theta / 2) ** 2
        return (still - rate(Model(name, gap, slope))) / gap

    return float(extrapolated([chord(0.4 * 0.5**k) for k in range(6)]))


@dataclass(frozen=True)
class Rest:
    """What a linear stability analysis of the model finds: lambda_R = -eta (A - eta B)."""

    A: float
    B: float
    noise: float

    @property
    def eta_max(self) -> float:
        """The effective rate at which lambda_R changes sign."""
        return self.A / self.B * self.per_eta

    @property
    def per_eta(self) -> float:
        """eta_eff/eta, from lambda_R = (dI2/dR) eta_eff (eta_max - eta_eff) / 2."""
        return float(np.sqrt(2 * self.B / self.noise))


@cache
def rest(name: str, zeta: float, L0: float, slope: float = 0.0, method: str = "bn") -> Rest:
    """Return the coefficients of lambda_R, without the term in I2 at rest that Prop. 2 neglects."""
    gamma = resting_scale(name, zeta, slope) if method == "bn" else 1.0
    left_out = gamma**2 * Model(name, 0.0, slope).I2(gamma) / (2 * L0**4)

    def speed(eta: float) -> float:
        def rate(model: Model) -> float:
            if method == "sgd":
                return float(model.sgd_rates(L0, eta)[0])
            return float(model.bn_rates(gamma, L0, eta, zeta)[1])

        return slope_of_R(rate, name, slope) / eta + eta * left_out

    one, two = speed(0.5), speed(1.0)
    noise = slope_of_R(lambda model: model.I2(gamma), name, slope)
    return Rest(two - 2 * one, 2 * (two - one), -noise)
