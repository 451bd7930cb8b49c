"""Students at a temperature or of a given length: sums over the inner integral, and sampling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
import torch
from fields import Moments, plane, posterior
from students import Many, drawn

from bntheory.learning_curves import SaddlePoint, almeida_thouless, saddle_point
from bntheory.learning_curves.systems import State
from bntheory.learning_curves.warm import averages

#: Load, noise, and what else is given.
WARM = (1.5, 0.25, {"beta": 20.0, "ridge": 0.5})
HOT = (3.0, 1.0, {"beta": 2.0, "ridge": 0.1})
SPHERE = (1.0, 0.25, {"beta": 10.0, "q": 1.2})
VOLUME = (1.0, 0.25, {"q": 1.2})


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def solved(alpha: float, S: float, beta: float, ridge: float, q: float | None) -> SaddlePoint:
    return saddle_point(alpha, S, beta=beta, ridge=ridge, q=q)


def at(case: tuple[float, float, dict[str, float]]) -> SaddlePoint:
    alpha, S, more = case
    given = {"beta": math.inf, "ridge": 0.0, "q": None} | more
    return solved(alpha, S, **given)


def summed(
    gamma: float, R: float, spread: float, S: float, beta: float, count: int = 60
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Moments]:
    y, m, weights = plane(gamma, R, S, count)
    return y, m, weights, posterior(y, m, spread, beta)


# -- averages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gamma", "R", "spread", "S", "beta"),
    [
        (0.58, 0.75, 0.056, 0.25, 20.0),
        (1.0, 0.5, 0.5, 0.0, 3.0),
        (0.5, 0.9, 2.0, 0.5, 1.0),
        (1.5, -0.3, 0.3, 2.0, 5.0),
        (3.0, 0.2, 20.0, 4.0, 0.02),
        (1.0, 0.6, 0.3, 0.25, math.inf),
        (0.3, 0.1, 1.5, 1.0, math.inf),
    ],
)
def test_averages_from_the_moments_of_the_output(
    gamma: float, R: float, spread: float, S: float, beta: float
) -> None:
    """psi_m is (E[u] - m)/spread, and psi_mm is (Var[u]/spread - 1)/spread."""
    y, m, weights, u = summed(gamma, R, spread, S, beta)
    slope, bend = (u.mean - m) / spread, (u.variance / spread - 1) / spread
    found = averages(State(gamma, R, beta * spread, spread), S, beta, fine=True)
    for name, values, room in (
        ("label", y * slope, 1e-6),
        ("field", m * slope, 1e-6),
        ("squared", slope**2, 1e-6),
        ("energy", u.cost, 1e-6),
        ("curved", bend**2, 2e-4),
    ):
        wanted = float(weights @ values)
        assert getattr(found, name) == pytest.approx(wanted, rel=room, abs=room * 1e-2), name


def minus_beta_f(point: SaddlePoint, gamma: float, R: float, spread: float) -> float:
    """Return the free energy of Eq. (19), with the ridge, by sums over label, field and output."""
    _, _, weights, u = summed(gamma, R, spread, point.S, point.beta, 50)
    entropy = gamma**2 * (1 - R**2) / (2 * spread) + math.log(spread) / 2
    ridge = point.beta * point.ridge * (gamma**2 + spread) / 2 if point.ridge else 0.0
    return entropy + point.alpha * float(weights @ u.log) - ridge


@pytest.mark.parametrize("case", [WARM, HOT, SPHERE, VOLUME])
def test_the_free_energy_is_stationary(case: tuple[float, float, dict[str, float]]) -> None:
    """In gamma, R and the spread; where the length is given, along it."""
    point, h = at(case), 1e-3
    gamma, R, spread = point.gamma, point.R, point.spread
    longer = (h * gamma, 0.0, 0.0)
    if point.q is not None:
        assert gamma < point.q
        assert spread == pytest.approx(point.q**2 - gamma**2, rel=1e-12)
        longer = (h * gamma, 0.0, -2 * h * gamma**2)
    moves = [longer, (0.0, h, 0.0)] + [(0.0, 0.0, h * spread)] * (point.q is None)
    for move in moves:
        up, down = (
            minus_beta_f(
                point, *(x + s * dx for x, dx in zip((gamma, R, spread), move, strict=True))
            )
            for s in (1, -1)
        )
        assert abs(up - down) / (2 * h) < 1e-4
        beside = minus_beta_f(
            point, *(x + 30 * dx for x, dx in zip((gamma, R, spread), move, strict=True))
        )
        assert abs(beside - (up + down) / 2) > 1e-5  # it bends


@pytest.mark.parametrize("case", [WARM, HOT, SPHERE, VOLUME])
def test_train_error_and_replicon(case: tuple[float, float, dict[str, float]]) -> None:
    point = at(case)
    _, _, weights, u = summed(point.gamma, point.R, point.spread, point.S, point.beta, 80)
    assert point.train_error == pytest.approx(2 * float(weights @ u.cost), rel=1e-5)
    bend = float(weights @ (u.variance / point.spread - 1) ** 2)
    assert point.replicon == pytest.approx(1 - point.alpha * bend, abs=1e-4)
    assert point.stable and point.error_estimate < 1e-6
    kept = point.ridge * (point.gamma**2 + point.spread) / 2
    assert point.energy == pytest.approx(point.alpha * point.train_error / 2 + kept)
    assert point.error_typical == pytest.approx(point.error + point.spread / 2)


# -- sampling ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [WARM, HOT, SPHERE])
def test_students_drawn_at_a_temperature(case: tuple[float, float, dict[str, float]]) -> None:
    """At N = 50, two for each of 150 sets of samples; what N leaves over is 1/N of gamma^2 + 1."""
    (alpha, S, more), point = case, at(case)
    found = drawn(Many.draw(50, alpha, S, 150), more["beta"], more.get("ridge", 0.0), more.get("q"))
    square = point.gamma**2
    wanted = (square, point.gamma * point.R, square + point.spread, point.train_error)
    for mean, error, value in zip(found.mean, found.error, wanted, strict=True):
        assert abs(mean - value) < 5 * error + (1 + square) / 50
        assert error < 0.03 * (1 + S)


# -- toward zero temperature ---------------------------------------------------------------------


def test_toward_zero_temperature() -> None:
    """The order parameters go to those without a temperature, at first as 1/beta."""
    cold = saddle_point(0.8, 0.25, ridge=0.5)
    gaps = []
    for beta in (30.0, 300.0, 3000.0):
        warm = saddle_point(0.8, 0.25, ridge=0.5, beta=beta)
        gaps.append((abs(warm.gamma - cold.gamma), abs(warm.R - cold.R), abs(warm.chi - cold.chi)))
        assert warm.energy > cold.energy
    for first, second, third in zip(*gaps, strict=True):
        assert third < 0.25 * second < 0.25**2 * first * 2 or third < 1e-4
    assert max(gaps[-1]) < 2e-3
    assert warm.replicon < 0 and cold.replicon == -math.inf


def test_the_length_at_which_a_volume_shrinks_to_the_shortest_student() -> None:
    shortest = saddle_point(0.3, 0.25)
    near = saddle_point(0.3, 0.25, q=1.05 * shortest.gamma)
    assert near.gamma == pytest.approx(shortest.gamma, rel=0.01)
    assert near.R == pytest.approx(shortest.R, rel=0.03)
    assert 0 < near.spread < 0.1 * near.gamma**2 and math.isinf(near.chi)
    assert near.train_error == pytest.approx(0.625)
    short = saddle_point(0.3, 0.25, q=0.99 * shortest.gamma)
    assert short.spread == 0 and short.gamma == short.q


def test_where_replica_symmetry_becomes_unstable() -> None:
    temperature = almeida_thouless(2.0, 4.0, 0.3)
    for side in (-1, 1):
        point = saddle_point(2.0, 4.0, ridge=0.3, beta=(1 + 1e-3 * side) / temperature)
        assert side * point.replicon < 0
    with pytest.raises(ValueError, match=r"ridge = 0 is outside its domain, 0 < ridge"):
        almeida_thouless(1.0, 0.25, 0.0)
    with pytest.raises(ValueError, match=r"S = -1 is outside its domain"):
        almeida_thouless(1.0, -1.0, 0.1)
