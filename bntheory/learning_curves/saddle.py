"""The replica-symmetric saddle point of a ReLU student, without the paper's approximation."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bntheory.formulas import generalization
from bntheory.learning_curves.arguments import number, whole
from bntheory.learning_curves.capacity import capacity
from bntheory.learning_curves.continuation import (
    NotConverged,
    Solution,
    along,
    newton,
    refined,
)
from bntheory.learning_curves.systems import (
    CLOSED,
    MARGIN,
    Beyond,
    Cold,
    Held,
    Interpolation,
    State,
    System,
)
from bntheory.learning_curves.together import together

#: How near to capacity a student without noise is the teacher, as far as can be told.
RECOVERED = 1e-5
#: Random starts of :func:`branches`, and how far apart two solutions are.
STARTS, APART = 60, 1e-4


@dataclass(frozen=True)
class SaddlePoint:
    """A saddle point of the replica-symmetric free energy of a ReLU student.

    Attributes
    ----------
    alpha, S, ridge, beta : float
        Load, noise, ridge and inverse temperature.
    q : float or None
        The length of the students where it is given.
    gamma, R : float
        Length of the centre of the students, over sqrt(N), and its overlap with the teacher.
    chi : float
        beta (q^2 - gamma^2), the response; infinite where every sample has its least error.
    spread : float
        q^2 - gamma^2: 0 where the students are one.
    replicon : float
        Positive where replica symmetry is stable [almeida1978].  At zero temperature it is -inf
        where chi is finite: there the best output jumps.
    error_estimate : float
        Of gamma and R, from the residual, or from two resolutions of a quadrature.
    """

    alpha: float
    S: float
    ridge: float
    beta: float
    q: float | None
    gamma: float
    R: float
    chi: float
    spread: float
    replicon: float
    error_estimate: float

    @property
    def error(self) -> float:
        """Generalization error of the centre of the students, Eq. (18)."""
        return float(generalization.error_relu.math(self.gamma, self.R))

    @property
    def error_typical(self) -> float:
        """Generalization error of a student drawn at random among them."""
        return self.error + self.spread / 2

    @property
    def stable(self) -> bool:
        """Whether replica symmetry is stable, and can be trusted."""
        return self.replicon > 0

    @cached_property
    def train_error(self) -> float:
        """Mean squared error of the P samples, as in the loss of the paper."""
        return 2 * self._samples / self.alpha

    @cached_property
    def energy(self) -> float:
        """Energy per weight: half of the squared errors, and ridge |w|^2/2."""
        return self._samples + self.ridge * (self.gamma**2 + self.spread) / 2

    @cached_property
    def _samples(self) -> float:
        """Half of the squared errors, per weight."""
        if math.isinf(self.chi):
            return self.alpha * (1 + self.S) / 4  # of labels below 0 alone
        if math.isfinite(self.beta):
            from bntheory.learning_curves.warm import averages

            at = State(self.gamma, self.R, self.chi, self.spread)
            return self.alpha * averages(at, self.S, self.beta, fine=True).energy
        if self.gamma * self.R == 1 and self.S == 0:
            return self.alpha / 4
        # alpha E[(u - m)^2] is gamma^2 (1 - R^2) at a saddle point: what is left of the energy
        energy = generalization.rs_energy_relu.math
        return float(energy(self.gamma, self.R, self.chi, self.alpha, 0.0, self.S))


def saddle_point(
    alpha: float,
    S: float = 0.0,
    *,
    ridge: float = 0.0,
    zeta: float = 0.0,
    beta: float = math.inf,
    q: float | None = None,
    digits: int | None = None,
) -> SaddlePoint:
    """Solve for the saddle point of a ReLU student of a noisy linear teacher.

    The energy is half of the sum of the squared errors, with ridge |w|^2/2.  The loss of the paper,
    with a mean over the samples and a decay zeta gamma^2, has the ridge alpha zeta.

    Parameters
    ----------
    alpha : float
        Load P/N; 0 < alpha.
    S : float
        Variance of the teacher's noise; 0 <= S.
    ridge : float
        0 <= ridge.  At 0 and zero temperature: the shortest student of least training error up to
        :func:`capacity`, and the student of least training error beyond.
    zeta : float
        The decay of the loss of the paper, 0 <= zeta: alpha zeta is added to the ridge.
    beta : float
        Inverse temperature; 0 < beta, infinite by default.  A finite one needs a ridge, or a q:
        else the students have no bounded length.
    q : float, optional
        The length of the students over sqrt(N), where it is given; then there is no ridge.
    digits : int, optional
        Refine with mpmath to so many digits before rounding, 1 <= digits; at zero temperature and
        without ``q``.

    Returns
    -------
    SaddlePoint

    Raises
    ------
    ValueError
        If an argument is outside its domain, or the students have no bounded length.
    NotConverged
        A ``RuntimeError``, where no saddle point is found.

    Notes
    -----
    Beyond Luo et al. 2019, Prop. 5; ``bntheory derive rs-relu`` and ``rs-capacity``.

    Examples
    --------
    >>> point = saddle_point(1.0, 0.25)
    >>> print(f"{point.error:.4f}", point.stable)
    0.8479 True
    """
    given = Problem(
        number("S", S),
        number("ridge", ridge),
        number("zeta", zeta),
        number("beta", beta),
        None if q is None else number("q", q),
    )
    load = number("alpha", alpha)
    if digits is not None:
        digits = whole("digits", digits, 1)
        if math.isfinite(given.beta) or q is not None:
            raise ValueError(f"digits = {digits}: no refinement at a temperature or a given q")
    return next(given.solve([load], digits))


def branches(
    alpha: float, S: float = 0.0, *, ridge: float = 0.0, seed: int = 2019
) -> tuple[SaddlePoint, ...]:
    """Search for all saddle points at zero temperature, from random starts.

    Parameters
    ----------
    alpha, S, ridge : float
        As for :func:`saddle_point`.
    seed : int
        Of the random starts.

    Returns
    -------
    tuple of SaddlePoint
        The one that continuation finds first, then others in the order of their energies.

    Raises
    ------
    ValueError
        If an argument is outside its domain.
    NotConverged
        Where continuation finds none.
    """
    first = saddle_point(alpha, S, ridge=ridge)
    given = Problem(first.S, first.ridge)
    system = given.system(first.alpha)
    if system is None:
        return (first,)
    rng = np.random.default_rng(whole("seed", seed, 0))
    known = np.array([math.log(first.gamma), math.atanh(min(first.R, 1 - 1e-16))])
    found: list[SaddlePoint] = []
    size = len(system.start()[1])
    centre = np.array([*known, math.log(first.chi)][:size])
    for _ in range(STARTS):
        solution = newton(system, first.alpha, list(centre + rng.normal(0, 2.0, size)))
        if solution is None:
            continue
        point = given.point(system, solution, None)
        others = [first, *found]
        if all(max(abs(point.gamma - o.gamma), abs(point.R - o.R)) > APART for o in others):
            found.append(point)
    return (first, *sorted(found, key=lambda point: point.energy))


@dataclass(frozen=True)
class Problem:
    """What is solved at several loads."""

    S: float
    ridge: float = 0.0
    zeta: float = 0.0
    beta: float = math.inf
    q: float | None = None

    def __post_init__(self) -> None:
        decays = self.ridge > 0 or self.zeta > 0
        if self.q is not None and decays:
            raise ValueError(
                f"q = {self.q:g} is given with ridge = {self.ridge:g}, zeta = {self.zeta:g}: where "
                "the length of the students is given, both are 0"
            )
        if math.isfinite(self.beta) and not decays and self.q is None:
            raise ValueError(
                f"beta = {self.beta:g} with ridge = 0: the students have no bounded length; give a "
                "ridge, 0 < ridge, or their length q"
            )

    def solve(self, loads: list[float], digits: int | None = None) -> Iterator[SaddlePoint]:
        """Yield the saddle points at loads, those of one system in the same call together."""
        pending: list[float] = []
        system: System | None = None
        for load in loads:
            its = self.system(load)
            if pending and its != system:
                yield from self._along(system, pending, digits)
                pending = []
            system = its
            pending.append(load)
        yield from self._along(system, pending, digits)

    def _along(
        self, system: System | None, loads: list[float], digits: int | None
    ) -> Iterator[SaddlePoint]:
        if system is None:
            yield from (self._recovered(load) for load in loads)
            return
        ordered = sorted(loads)
        middle = bisect(ordered, system.start()[0])
        points: dict[float, SaddlePoint] = {}
        solve = together if isinstance(system, CLOSED) else along
        for part in filter(None, (ordered[:middle][::-1], ordered[middle:])):  # outward
            known = self._nearly_cold(system, part[0])
            for solution in solve(system, part, known):
                points[solution.alpha] = self.point(system, solution, digits)
        yield from (points[load] for load in loads)

    def _nearly_cold(self, system: System, alpha: float) -> list[Solution] | None:
        """Return the solution at a temperature from the one at none, where that is near."""
        if not math.isfinite(self.beta) or self.q is not None:
            return None
        cold = next(Problem(self.S, self.ridge, self.zeta).solve([alpha]))
        guess = [math.log(cold.gamma), math.atanh(cold.R), math.log(cold.chi / self.beta)]
        found = newton(system, alpha, guess)
        return None if found is None else [found]

    def system(self, alpha: float) -> System | None:
        """Return the equations at a load; None where the student is the teacher."""
        if math.isfinite(self.beta):
            return self._warm()
        if self.ridge > 0 or self.zeta > 0:
            return Cold(self.S, self.ridge, self.zeta)
        below = alpha < capacity(self.S) * (1 + (MARGIN if self.S > 0 else -RECOVERED))
        if self.q is not None:
            return self._held(alpha, below)
        if below:
            return Interpolation(self.S)
        return Beyond(self.S) if self.S > 0 else None

    def _warm(self) -> System:
        from bntheory.learning_curves.warm import Warm

        if self.q is not None:
            return Warm(self.S, self.beta, q=self.q)
        return Warm(self.S, self.beta, self.ridge, self.zeta)

    def _held(self, alpha: float, below: bool) -> System:
        """Students of a given length: a volume of them, or, if they cannot fit all samples, one."""
        from bntheory.learning_curves.warm import Warm

        assert self.q is not None
        if below and next(Problem(self.S).solve([alpha])).gamma < self.q:
            return Warm(self.S, math.inf, q=self.q)
        return Held(self.S, self.q)

    def point(self, system: System, solution: Solution, digits: int | None) -> SaddlePoint:
        """Return the saddle point of a solution."""
        variables: tuple[Any, ...] = solution.variables
        error = solution.error
        warm = not isinstance(system, CLOSED)
        if digits is not None and not warm:
            variables = refined(system, solution, digits)
            error = max(error, 10.0**-digits)
        at = system.state(list(variables), solution.alpha)
        gamma, R, chi, spread = (float(x) for x in (at.gamma, at.R, at.chi, at.spread))
        if warm:
            error = max(error, _resolution(at, self.S, self.beta))
        if isinstance(system, Interpolation) and solution.alpha > system.last:
            error = max(error, _of_the_fold(system, solution))
        return SaddlePoint(
            solution.alpha,
            self.S,
            self.ridge + self.zeta * solution.alpha,
            self.beta,
            self.q,
            gamma,
            R,
            chi,
            spread,
            self._replicon(at, solution.alpha),
            error,
        )

    def _replicon(self, at: State, alpha: float) -> float:
        if at.spread:
            from bntheory.learning_curves.warm import replicon

            return replicon(at, self.S, self.beta, alpha)
        if math.isfinite(at.chi):
            return -math.inf
        response = generalization.rs_response_relu.math
        return float(response(float(at.gamma), float(at.R), alpha, self.S))

    def _recovered(self, alpha: float) -> SaddlePoint:
        """Return the teacher: without noise more samples than 2 N leave no other student."""
        chi, error = math.inf, 0.0
        if alpha > 2:
            chi = 2 / (alpha - 2)
        elif alpha < 2:
            farther = next(self.solve([2 - 4 * RECOVERED]))
            error = max(1 - farther.gamma, 1 - farther.R)
        return SaddlePoint(alpha, 0.0, 0.0, self.beta, None, 1.0, 1.0, chi, 0.0, 0.0, error)


def _of_the_fold(system: Interpolation, solution: Solution) -> float:
    """Return how far capacity is: as far as from there to four times its distance."""
    farther = newton(system, capacity(system.S) * (1 - 4 * MARGIN), list(solution.variables))
    if farther is None:
        raise NotConverged(f"no saddle point at capacity, alpha = {solution.alpha:g}")
    one, other = (system.state(list(s.variables), s.alpha) for s in (solution, farther))
    return float(max(abs(one.gamma - other.gamma), abs(one.R - other.R)))


def _resolution(at: State, S: float, beta: float) -> float:
    """Return by how much two resolutions of the quadrature differ, relatively."""
    from bntheory.learning_curves.warm import averages

    coarse, fine = (averages(at, S, beta, fine=fine) for fine in (False, True))
    pairs = ((coarse.label, fine.label), (coarse.field, fine.field), (coarse.squared, fine.squared))
    return max(abs(a - b) / max(abs(b), 1e-12) for a, b in pairs)


__all__ = ["NotConverged", "Problem", "SaddlePoint", "branches", "saddle_point"]
