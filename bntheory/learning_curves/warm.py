"""Saddle points of students that fill a volume: at a temperature, or of a given length.

A replica's field is m + sqrt(spread) h3.  Its inner integral over h3 is known, one error function
for each branch of ReLU,

    I = exp(-beta y^2/2) Phi(-m/sqrt(spread))
        + exp(-beta (y - m)^2/(2 (1 + chi))) Phi((m + chi y)/sqrt(spread (1 + chi)))/sqrt(1 + chi)

with chi = beta spread, and what the equations need of psi = log I are psi_m and psi_mm.  As
beta -> oo at a given spread, labels y > 0 leave the field no choice and y < 0 leave Phi(-m/...).

The averages over label and field are over y and, for each y, over m: Gauss-Legendre in panels that
get finer toward the three places where psi bends, m = 0, m = -chi y, and where both terms of I are
equal.  Two resolutions give an estimate of the error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.special import log_ndtr

from bntheory.learning_curves.systems import ByLogarithm, State, Vector

REACH = 9.0  # standard deviations
#: Ends of panels, in widths of the place that they surround.
ENDS = np.array([0.0, 2.0, 8.0, 40.0])
NODES = {False: 10, True: 14}
ROOT = math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Averages:
    """Averages over label and field.

    ``label`` and ``field`` are E[y psi_m] and E[m psi_m]; ``squared`` is E[psi_m^2], ``curved``
    E[psi_mm^2], and ``energy`` the mean of -d psi/d beta, half a squared error.
    """

    label: float
    field: float
    squared: float
    curved: float
    energy: float


@dataclass(frozen=True)
class Warm(ByLogarithm):
    """At a temperature with a ridge, or at a given length q: (log gamma, artanh R, log spread).

    At a given length q, which may be at zero temperature, the variables are (log of gamma^2/spread,
    artanh R).
    """

    S: float
    beta: float
    ridge: float = 0.0
    zeta: float = 0.0
    q: float | None = None

    def state(self, v: Vector, alpha: Any) -> State:
        if self.q is None:
            gamma, spread = math.exp(v[0]), math.exp(v[2])
        else:
            part = 1 / (1 + math.exp(-v[0]))
            gamma, spread = self.q * math.sqrt(part), self.q**2 * (1 - part)
        chi = self.beta * spread if math.isfinite(self.beta) else math.inf
        return State(gamma, math.tanh(v[1]), chi, spread)

    def residual(self, v: Vector, alpha: Any) -> Vector:
        at = self.state(v, alpha)
        found = averages(at, self.S, self.beta)
        square, overlap = at.gamma**2, at.gamma * at.R
        across = square * (1 + self.S) - overlap**2
        mixed = (square * found.label - overlap * found.field) / across  # E[psi_ym], by Stein
        bend = ((1 + self.S) * found.field - overlap * found.label) / across  # E[psi_mm]
        rest = [
            overlap / at.gamma - alpha * at.spread * mixed / at.gamma,
            (1 - at.R**2) - alpha * at.spread**2 * found.squared / square,
        ]
        if self.q is None:
            ridge = self.ridge + self.zeta * alpha
            rest.append(1 - self.beta * ridge * at.spread + alpha * at.spread * bend)
        return rest

    def start(self) -> tuple[float, Vector]:
        """Return a load and a guess there: few samples, each of which adds a little to 0."""
        alpha = gamma = 1e-3
        if self.q is None:
            spread = 1 / (self.beta * (self.ridge + self.zeta * alpha))
        else:
            spread = self.q**2
        chi = self.beta * spread if math.isfinite(self.beta) else math.inf
        found = averages(State(gamma, 0.0, chi, spread), self.S, self.beta)
        overlap = alpha * spread * found.label / (1 + self.S)
        gamma = math.sqrt(overlap**2 + alpha * spread**2 * found.squared)
        R = math.atanh(overlap / gamma)
        if self.q is None:
            return alpha, [math.log(gamma), R, math.log(spread)]
        return alpha, [math.log(gamma**2 / self.q**2), R]


def averages(at: State, S: float, beta: float, fine: bool = False) -> Averages:
    """Average over label and field at a state whose spread is positive."""
    y, m, weight = _plane(at, S, beta, fine)
    slope, bend, energy = _psi(y, m, at.spread, beta)
    return Averages(
        *(float(weight @ term) for term in (y * slope, m * slope, slope**2, bend**2, energy))
    )


def replicon(at: State, S: float, beta: float, alpha: float) -> float:
    """Return 1 - alpha spread^2 E[psi_mm^2], positive where replica symmetry is stable."""
    return 1 - alpha * at.spread**2 * averages(at, S, beta).curved


def _psi(y: Any, m: Any, spread: float, beta: float) -> tuple[Any, Any, Any]:
    """Return psi_m, psi_mm and -d psi/d beta."""
    root = math.sqrt(spread)
    x = -m / root
    below, hazard = log_ndtr(x), _hazard(x)
    first = [-hazard / root, -(x * hazard + hazard**2) / spread]  # of log Phi(-m/root)
    if math.isinf(beta):
        above = y > 0
        return (
            np.where(above, (y - m) / spread, first[0]),
            np.where(above, -1 / spread, first[1]),
            np.where(above, 0.0, y**2 / 2),
        )
    chi = beta * spread
    width = root * math.sqrt(1 + chi)
    z = (m + chi * y) / width
    peak = _hazard(z)
    stay = -beta * y**2 / 2 + below
    fit = -math.log1p(chi) / 2 - beta * (y - m) ** 2 / (2 * (1 + chi)) + log_ndtr(z)
    part = 1 / (1 + np.exp(np.clip(stay - fit, -700, 700)))  # of the branch that fits
    second = [
        beta * (y - m) / (1 + chi) + peak / width,
        -beta / (1 + chi) - (z * peak + peak**2) / width**2,
    ]
    slope = (1 - part) * first[0] + part * second[0]
    bend = (1 - part) * (first[1] + first[0] ** 2) + part * (second[1] + second[0] ** 2)
    moved = root * (y * (1 + chi) - (m + chi * y) / 2) / (1 + chi) ** 1.5  # dz/d beta
    cost = spread / (2 * (1 + chi)) + (y - m) ** 2 / (2 * (1 + chi) ** 2) - peak * moved
    return slope, bend - slope**2, (1 - part) * y**2 / 2 + part * cost


def _hazard(x: Any) -> Any:
    """Return the derivative of log Phi."""
    return np.exp(-(x**2) / 2 - log_ndtr(x)) / ROOT


def _plane(at: State, S: float, beta: float, fine: bool) -> tuple[Any, Any, Any]:
    """Return points of the plane of label and field, and their weights."""
    deviation = math.sqrt(1 + S)
    narrow = 1 / math.sqrt(beta) if math.isfinite(beta) else deviation
    low = np.array([[-REACH * deviation]])
    y, by_y = _panels(low, -low, [(np.zeros((1, 1)), np.array([[min(narrow, deviation)]]))], fine)
    by_y = by_y * np.exp(-((y / deviation) ** 2) / 2) / (deviation * ROOT)
    y, by_y = y.T, by_y.T

    mean, own = (
        at.gamma * at.R * y / deviation**2,
        math.sqrt(at.gamma**2 * max(1 - at.R**2 / deviation**2, 1e-30)),
    )
    root = math.sqrt(at.spread)
    places = [(np.zeros_like(y), np.full_like(y, root))]
    if math.isfinite(beta):
        chi = beta * at.spread
        fits = np.maximum(y**2 - math.log1p(chi) / beta, 0.0)
        equal = y - np.sqrt((1 + chi) * fits)
        steep = (1 + chi) / (beta * np.maximum(np.abs(y - equal), narrow))
        places += [(-chi * y, np.full_like(y, root * math.sqrt(1 + chi))), (equal, steep)]
    m, by_m = _panels(mean - REACH * own, mean + REACH * own, places, fine)
    by_m = by_m * np.exp(-(((m - mean) / own) ** 2) / 2) / (own * ROOT)
    return np.broadcast_to(y, m.shape).ravel(), m.ravel(), (by_y * by_m).ravel()


def _panels(low: Any, high: Any, places: list[tuple[Any, Any]], fine: bool) -> tuple[Any, Any]:
    """Return nodes and weights between two ends, row by row, in panels that surround places."""
    middle = (low + high) / 2
    ends = [low, high, *(middle + (high - low) * part for part in (-0.2, -0.07, 0.07, 0.2))]
    ends += [np.clip(c + side * width * ENDS, low, high) for c, width in places for side in (-1, 1)]
    edges = np.sort(np.concatenate(ends, axis=1), axis=1)
    nodes, weights = _legendre(NODES[fine])
    length = np.diff(edges, axis=1)[:, :, None]
    x = (edges[:, :-1, None] + length * nodes).reshape(len(edges), -1)
    return x, (length * weights).reshape(len(edges), -1)


@cache
def _legendre(nodes: int) -> tuple[Any, Any]:
    x, weights = np.polynomial.legendre.leggauss(nodes)
    return (x + 1) / 2, weights / 2
