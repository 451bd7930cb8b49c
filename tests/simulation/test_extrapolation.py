"""Extrapolation: series with a known limit, and the own-batch theory of the excess loss."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.special import expit, gammaln
from torch.nn import functional

from bntheory.simulation import LAWS, Layer, Loss, Run, coefficient, limit
from bntheory.simulation.extrapolation import SIZES
from bntheory.verdict import Z

Function = Callable[[np.ndarray], np.ndarray]

# -- series --------------------------------------------------------------------------------------

SERIES: dict[str, Function] = {
    "constant": lambda M: 1 + 0 * M,
    "one power": lambda M: 1 + 2 / M,
    "powers against each other": lambda M: 1 + 2 / M - 8 / M**2 + 20 / M**3,
    "geometric": lambda M: M / (M - 3),
    "alternating": lambda M: M / (M + 1),
    "ratio of gammas": lambda M: (
        np.sqrt(M / 2) * np.exp(gammaln((M - 2) / 2) - gammaln((M - 1) / 2))
    ),
    "sine": lambda M: 1 + np.sin(6 / M),
}


@pytest.mark.parametrize("error", [1e-2, 1e-3, 1e-5])
def test_intervals_cover_the_limit_as_often_as_they_say(error: float) -> None:
    random, M = np.random.default_rng(11), np.array(SIZES, float)
    for name, series in SERIES.items():
        scores = []
        for _ in range(60):
            values = series(M) + error * random.standard_normal(len(M))
            limit_, spread = coefficient(M, values, np.full(len(M), error))
            scores.append((limit_ - 1) / spread)
        found = np.array(scores)
        assert abs(found.mean()) < 0.55 and found.std() < 1.35 and abs(found).max() < Z, name


def test_errors_that_differ_are_weighted() -> None:
    """Of a constant series the result does not get worse by points that are hardly known."""
    M, values = np.array(SIZES, float), np.ones(len(SIZES))
    errors = np.full(len(M), 1e-3)
    value, spread = coefficient(M, values, errors)
    more, wider = coefficient([*M, 7.0, 700.0], [*values, 99.0, -99.0], [*errors, 1e6, 1e6])
    assert value == pytest.approx(1) and more == pytest.approx(1, abs=1e-6)
    assert wider == pytest.approx(spread, rel=1e-3)


def test_order_does_not_matter() -> None:
    M = np.array(SIZES, float)
    values = 1 + 2 / M + 1e-3 * np.cos(M)
    there = coefficient(M, values, np.full(len(M), 1e-3))
    back = coefficient(M[::-1], values[::-1], np.full(len(M), 1e-3))
    assert there == pytest.approx(back, rel=1e-9)


def test_what_is_no_series_in_powers_of_1_over_M_has_no_limit() -> None:
    M = np.array(SIZES, float)
    value, spread = coefficient(M, (-1.0) ** np.arange(len(M)), np.full(len(M), 1e-6))
    assert spread == math.inf or spread > 1e-1
    assert coefficient([4.0, 8.0], [1.0, 1.0], [0.1, 0.1])[1] == math.inf


def test_what_is_exact_stays_exact() -> None:
    value, spread = coefficient(SIZES, [0.5] * len(SIZES), [0.0] * len(SIZES))
    assert value == pytest.approx(0.5, rel=1e-12) and 0 < spread < 1e-8
    assert coefficient(SIZES, [0.0] * len(SIZES), [0.0] * len(SIZES))[0] == 0


def test_what_is_not_finite_has_no_limit() -> None:
    for values, errors in (([1, 1, math.nan, 1], [1] * 4), ([1] * 4, [1, math.inf, 1, 1])):
        assert coefficient([4, 8, 16, 32], values, errors)[1] == math.inf


def test_errors_are_not_negative() -> None:
    with pytest.raises(ValueError, match="has a negative one"):
        coefficient([4, 8, 16], [1, 1, 1], [0.1, -0.1, 0.1])


# -- what a batch really does --------------------------------------------------------------------

GAMMA, BETA = 1.3, -0.4

#: Of each loss its values and slopes in PyTorch, its slope and curvature in NumPy.
LOSSES: dict[str, tuple[Loss, Callable[..., np.ndarray], Callable[..., np.ndarray]]] = {
    "square": (
        Loss("square", lambda u, z: (u - z) ** 2 / 2, lambda u, z: u - z),
        lambda u, z: u - z,
        lambda u, z: np.ones_like(u),
    ),
    "softplus": (
        Loss("softplus", lambda u, z: functional.softplus(u), lambda u, z: torch.sigmoid(u)),
        lambda u, z: expit(u),
        lambda u, z: expit(u) * expit(-u),
    ),
    "ramp": (
        Loss("ramp", lambda u, z: u.clamp(min=0) ** 2 / 2, lambda u, z: u.clamp(min=0)),
        lambda u, z: np.maximum(u, 0),
        lambda u, z: u > 0,
    ),
}

#: E[h_hat - h_bar | z] and E[(h_hat - h_bar)^2 | z] to order 1/M, over gamma/M and gamma^2/M.
#: With m and v the batch averages of z and z^2 - 1,
#: h_hat = gamma (z - m)(1 - v/2 + m^2/2 + 3 v^2/8) + beta, and given z: E m = z/M,
#: E v = (z^2 - 1)/M, E m^2 = 1/M, E m v = s/M, E v^2 = (rho + 2)/M.
THEORY: dict[str, tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]] = {
    "bn": (
        lambda z, s, rho: s / 2 + 3 * (rho + 2) * z / 8 - z**3 / 2,
        lambda z, s, rho: 1 + s * z + (rho + 2) * z**2 / 4,
    ),
    "mean": (lambda z, s, rho: -z, lambda z, s, rho: np.ones_like(z)),
    "std": (
        lambda z, s, rho: z - z**3 / 2 + 3 * (rho + 2) * z / 8,
        lambda z, s, rho: (rho + 2) * z**2 / 4,
    ),
}


def predicted(name: str, kind: str, loss: str, s: float, rho: float) -> float:
    _, slope, curvature = LOSSES[loss]
    first, second = THEORY[kind]

    def integrand(z: np.ndarray) -> np.ndarray:
        u = GAMMA * z + BETA
        shift, spread = GAMMA * first(z, s, rho), GAMMA**2 * second(z, s, rho)
        return slope(u, z) * shift + curvature(u, z) * spread / 2

    return LAWS[name].average(integrand)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gaussian", "bn"),
        ("exponential", "bn"),
        ("relu_gaussian", "bn"),
        ("mixture", "bn"),
        ("student", "bn"),
        ("exponential", "mean"),
        ("mixture", "std"),
    ],
)
def test_the_excess_loss_is_that_of_the_own_batch(name: str, kind: str) -> None:
    law = LAWS[name]
    sizes = SIZES if kind != "std" else tuple(M for M in SIZES if M >= 8)
    losses = [LOSSES[loss][0] for loss in LOSSES]
    found = limit(Run(), Layer(law, 2, GAMMA, BETA, kind), losses, sizes, samples=2**19)
    for loss, estimate in zip(LOSSES, found, strict=True):
        expected = predicted(name, kind, loss, law.skewness, law.kurtosis)
        assert abs(estimate.value - expected) < Z * estimate.standard_error, loss
        assert estimate.standard_error < 0.01 * (1 + abs(expected)), loss
        assert estimate.samples <= len(sizes) * 2**19


def test_a_planted_error_in_the_theory_is_refuted() -> None:
    """Without the skewness, or without the excess kurtosis, the theory is wrong."""
    law = LAWS["exponential"]
    layer = Layer(law, 2, GAMMA, BETA)
    (found,) = limit(Run(), layer, [LOSSES["softplus"][0]], samples=2**19)
    for s, rho in ((0.0, law.kurtosis), (law.skewness, 0.0)):
        wrong = predicted("exponential", "bn", "softplus", s, rho)
        assert abs(found.value - wrong) > 2 * Z * found.standard_error
