"""The equations of a replica-symmetric saddle point, in variables that may be any real numbers.

The variables may be floats, mpmath numbers, or, for many loads at once, arrays.

A system is what has to be zero, as a function of the variables and the load.  Its order parameters
are gamma and R, with the overlap gamma R, and what is left of the spread of the replicas:

``Cold``
    zero temperature with a ridge: (log gamma, artanh R, log chi).  ``Beyond`` is without one, above
    capacity.
``Interpolation``
    zero temperature without a ridge, up to capacity: (log gamma, artanh R); chi is infinite.
``Held``
    zero temperature at a given length q of the students, above capacity: (artanh R, log chi).

Those at a temperature, and those that fill a volume, are in :mod:`.warm`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from types import ModuleType
from typing import Any, Protocol

import mpmath as mp
import numpy as np

from bntheory.formulas import generalization
from bntheory.learning_curves.capacity import capacity

Vector = list[Any]

#: How near to capacity, relative to it, the shortest student is still computed.
MARGIN = 1e-12


@dataclass(frozen=True)
class State:
    """Order parameters: gamma, R, and chi (or the spread where ``beta`` is finite)."""

    gamma: Any
    R: Any
    chi: Any
    spread: Any = 0.0


class System(Protocol):
    """What has to be zero at a saddle point.

    ``allowed`` tells solutions apart from points where the equations hold beyond their range.
    ``place`` and ``load`` are a function of alpha in which the variables are smooth, and its
    inverse: log alpha, if there is no other singular load than 0.
    """

    def residual(self, v: Vector, alpha: Any) -> Vector: ...

    def state(self, v: Vector, alpha: Any) -> State: ...

    def allowed(self, v: Vector, alpha: Any) -> bool: ...

    def start(self) -> tuple[float, Vector]: ...

    def place(self, alpha: float) -> float: ...

    def load(self, place: float) -> float: ...


def _library(v: Vector) -> ModuleType:
    """Return the functions for the numbers of a vector."""
    if isinstance(v[0], np.ndarray):
        return np
    return mp if isinstance(v[0], mp.mpf) else math


@cache
def _formula(name: str, library: ModuleType) -> Callable[..., Any]:
    """Return a formula for the numbers of a library."""
    formula = getattr(generalization, name)
    backends = {mp: formula.mp, math: formula.math, np: formula}
    found: Callable[..., Any] = backends[library]
    return found


class ByLogarithm:
    """Systems that are smooth in log alpha, and whose equations hold everywhere."""

    def allowed(self, v: Vector, alpha: Any) -> bool:
        return True

    def place(self, alpha: float) -> float:
        return math.log(alpha)

    def load(self, place: float) -> float:
        return math.exp(place)


@dataclass(frozen=True)
class Cold(ByLogarithm):
    """Zero temperature; see above.  Each equation is divided by what makes it of order 1.

    The ridge is that of a decay zeta, alpha zeta, beside a given one.
    """

    S: float
    ridge: float
    zeta: float = 0.0

    def state(self, v: Vector, alpha: Any) -> State:
        lib = _library(v)
        return State(lib.exp(v[0]), lib.tanh(v[1]), lib.exp(v[2]))

    def residual(self, v: Vector, alpha: Any) -> Vector:
        at = self.state(v, alpha)
        slopes = _formula("rs_slopes_relu", _library(v))
        ridge = self.ridge + self.zeta * alpha
        by_gamma, by_R, by_chi = slopes(at.gamma, at.R, at.chi, alpha, ridge, self.S)
        square = at.gamma**2
        return [
            by_gamma * at.chi / at.gamma,
            by_R * at.chi / square,
            2 * by_chi * at.chi**2 / square,
        ]

    def start(self) -> tuple[float, Vector]:
        """Return few samples, and the variables there."""
        alpha = 1e-3
        chi = 1 / (self.ridge + self.zeta * alpha)
        fitted = chi / (1 + chi)
        return alpha, [*_short_student(alpha * fitted, alpha * fitted**2, self.S), math.log(chi)]


@dataclass(frozen=True)
class Beyond(Cold):
    """Zero temperature without a ridge, above capacity, where chi goes to infinity."""

    ridge: float = 0.0
    zeta: float = 0.0

    def start(self) -> tuple[float, Vector]:
        """Return many samples: as for a linear student, half of them count."""
        alpha = 10.0 * (1 + self.S)
        gamma = math.sqrt(1 + 2 * self.S / (alpha - 2))
        R = min(1 / gamma, 1 - 1e-16)
        return alpha, [math.log(gamma), math.atanh(R), math.log(2 / (alpha - 2))]

    @cached_property
    def first(self) -> float:
        """The load where it begins."""
        return capacity(self.S)

    def place(self, alpha: float) -> float:
        return math.log(alpha / self.first - 1)

    def load(self, place: float) -> float:
        return self.first * (1 + math.exp(place))


@dataclass(frozen=True)
class Interpolation:
    """Zero temperature without a ridge, up to capacity: the shortest student.

    Capacity is a fold, where the variables go as its distance to the power 1/2: what is asked for
    at it, or nearer than the relative distance ``MARGIN``, is solved there.
    """

    S: float

    @cached_property
    def end(self) -> float:
        """Capacity."""
        return capacity(self.S)

    @cached_property
    def last(self) -> float:
        """The largest load that is solved."""
        return self.end * (1 - MARGIN)

    def state(self, v: Vector, alpha: Any) -> State:
        lib = _library(v)
        return State(lib.exp(v[0]), lib.tanh(v[1]), lib.inf)

    def residual(self, v: Vector, alpha: Any) -> Vector:
        at = self.state(v, alpha)
        equations = _formula("rs_interpolation_relu", _library(v))
        load = (
            np.minimum(alpha, self.last) if isinstance(alpha, np.ndarray) else min(alpha, self.last)
        )
        length, overlap = equations(at.gamma, at.R, load, self.S)
        return [length / at.gamma**2, overlap / at.gamma]

    def allowed(self, v: Vector, alpha: Any) -> bool:
        """Return whether the response is positive: beyond the fold it is not."""
        at = self.state(v, alpha)
        return bool(
            _formula("rs_response_relu", math)(at.gamma, at.R, min(alpha, self.last), self.S)
            > -1e-9
        )

    def start(self) -> tuple[float, Vector]:
        alpha = 1e-3
        return alpha, _short_student(alpha, alpha, self.S)

    def place(self, alpha: float) -> float:
        part = min(alpha, self.last) / self.end
        if part < 0.5:  # of 1 - part would be left 1
            return -2 * math.acosh(1 / math.sqrt(part))
        return -2 * math.atanh(math.sqrt(1 - part))

    def load(self, place: float) -> float:
        return self.end / math.cosh(place / 2) ** 2


@dataclass(frozen=True)
class Held(ByLogarithm):
    """Zero temperature at a given length q, above capacity."""

    S: float
    q: float

    def state(self, v: Vector, alpha: Any) -> State:
        lib = _library(v)
        return State(lib.mpf(self.q) if lib is mp else self.q, lib.tanh(v[0]), lib.exp(v[1]))

    def residual(self, v: Vector, alpha: Any) -> Vector:
        at = self.state(v, alpha)
        slopes = _formula("rs_slopes_relu", _library(v))
        _, by_R, by_chi = slopes(at.gamma, at.R, at.chi, alpha, 0.0, self.S)
        return [by_R * at.chi / at.gamma**2, 2 * by_chi * at.chi**2 / at.gamma**2]

    def start(self) -> tuple[float, Vector]:
        """Return many samples, and about the best direction for short and for long students."""
        alpha = 10.0 * (1 + self.S + self.q**2)
        return alpha, [math.atanh(0.92), math.log(2 * self.q / alpha)]


#: Systems in closed form: their variables may be of any kind.
CLOSED = (Cold, Interpolation, Held)


def _short_student(pull: float, noise: float, S: float) -> Vector:
    """Return log gamma and artanh R where few samples each add a little to a weight of 0."""
    overlap = pull / 2
    gamma = math.sqrt(overlap**2 + noise * (1 + S) / 2)
    return [math.log(gamma), math.atanh(overlap / gamma)]
