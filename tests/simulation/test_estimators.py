"""Excess losses: against closed forms at finite M, and against the plain difference."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from bntheory.simulation import LAWS, Batch, Layer, Loss, Run, excess_loss, statistics
from bntheory.simulation.batches import KINDS
from bntheory.simulation.estimators import controls
from bntheory.verdict import Z

GAMMA, BETA = 1.3, -0.4
GAUSSIAN = LAWS["gaussian"]

SQUARE = Loss("square", lambda u, z: (u - z) ** 2 / 2, lambda u, z: u - z)
SOFTPLUS = Loss("softplus", lambda u, z: functional.softplus(u), lambda u, z: torch.sigmoid(u))
RAMP = Loss("ramp", lambda u, z: u.clamp(min=0) ** 2 / 2, lambda u, z: u.clamp(min=0))
LINEAR = Loss("linear", lambda u, z: u * torch.tanh(z), lambda u, z: torch.tanh(z))


def std_moment(power: int, M: int) -> float:
    """Return E[sigma_B^power] of Gaussian batches: a chi variable of M - 1 degrees of freedom."""
    half = (M - 1) / 2
    return (2 / M) ** (power / 2) * math.exp(math.lgamma(half + power / 2) - math.lgamma(half))


def square_loss(kind: str, M: int) -> float:
    """Return M E[l(h_hat) - l(h_bar)] of half the square of u - z for Gaussian h, beta = 0."""
    if kind == "bn":  # E h_hat^2 = gamma^2, E h_hat z = gamma E sigma_B
        return M * GAMMA * (1 - std_moment(1, M))
    if kind == "mean":  # E m^2 = E m z = 1/M
        return GAMMA - GAMMA**2 / 2
    # z = m + sigma_B t, with m independent of sigma_B
    second = 1 + std_moment(-2, M) / M
    mixed = std_moment(1, M) + std_moment(-1, M) / M
    return M * (GAMMA**2 * (second - 1) / 2 - GAMMA * (mixed - 1))


@pytest.mark.parametrize("kind", ["bn", "mean", "std"])
@pytest.mark.parametrize("M", [10, 16, 256])
def test_the_excess_of_a_square_is_exact_at_every_M(kind: str, M: int) -> None:
    (found,) = excess_loss(Run(), Layer(GAUSSIAN, M, GAMMA, kind=kind), [SQUARE], samples=2**20)
    exact = square_loss(kind, M)
    assert abs(found.value - exact) <= Z * found.standard_error < 0.02
    assert abs(found.value - exact * (1 + 2 / M) - 0.02) > Z * found.standard_error  # planted


#: A batch without spread has no finite 1/sigma_B.
PAIRS = sorted({(n, k) for n in LAWS for k in KINDS} - {("relu_gaussian", "std")})


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_controls_change_the_error_and_not_the_value(name: str, kind: str) -> None:
    layer, losses = Layer(LAWS[name], 8, GAMMA, BETA, kind), [SQUARE, SOFTPLUS, RAMP, LINEAR]
    found = excess_loss(Run(1), layer, losses, samples=2**19)
    batch = layer.normalize(Run(2).generator("plain"), 2**17)
    for loss, estimate in zip(losses, found, strict=True):
        plain = 8 * (loss.value(batch.h_hat, batch.z) - loss.value(batch.h_bar, batch.z)).mean(0)
        error = float(plain.std()) / math.sqrt(len(plain))
        off = abs(estimate.value - float(plain.mean()))
        assert off < Z * math.hypot(error, estimate.standard_error), loss.name
        assert estimate.standard_error < 1.6 * error, loss.name


def test_controls_are_worth_many_samples() -> None:
    layer = Layer(GAUSSIAN, 256, GAMMA, BETA)
    (found,) = excess_loss(Run(), layer, [SOFTPLUS], samples=2**20)
    batch = layer.normalize(Run().generator("plain"), 2**12)
    plain = 256 * (functional.softplus(batch.h_hat) - functional.softplus(batch.h_bar)).mean(0)
    error = float(plain.std()) / math.sqrt(len(plain))
    assert error > 100 * found.standard_error


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("M", [2, 5, 64])
def test_controls_have_mean_zero(name: str, M: int) -> None:
    layer = Layer(LAWS[name], M)
    batch = layer.normalize(Run(4).generator("controls"), 2**20 // M)
    values = controls(batch, layer)
    errors = values.std(0) / math.sqrt(len(values))
    assert bool((values.mean(0).abs() < 4.5 * errors + 1e-14).all())


def test_a_control_with_a_wrong_mean_is_seen() -> None:
    """Planted: the law is taken for one of other moments."""
    layer, wrong = Layer(LAWS["exponential"], 32), Layer(GAUSSIAN, 32)
    values = controls(layer.normalize(Run(4).generator("controls"), 2**17), wrong)
    seen = values.mean(0).abs() > 4.5 * values.std(0) / math.sqrt(len(values))
    assert seen.tolist() == [False] * 3 + [True] * 6


def test_controls_have_a_variance() -> None:
    sizes = {(name, M): controls_of(name, M) for name in LAWS for M in (8, 16)}
    assert {count for (_, M), count in sizes.items() if M == 8} == {5}
    assert {name for (name, M), count in sizes.items() if M == 16 and count == 5} == {"student"}


def controls_of(name: str, M: int) -> int:
    layer = Layer(LAWS[name], M)
    return controls(layer.normalize(Run().generator("controls"), 10), layer).shape[1]


def test_a_planted_slope_costs_samples_and_no_bias() -> None:
    layer, wrong = Layer(GAUSSIAN, 64, GAMMA, BETA), replace(SOFTPLUS, slope=lambda u, z: z**2)
    (good,) = excess_loss(Run(), layer, [SOFTPLUS], samples=2**19)
    (poor,) = excess_loss(Run(), layer, [wrong], samples=2**19)
    assert abs(poor.value - good.value) < Z * poor.standard_error
    assert poor.standard_error > 1.3 * good.standard_error


def test_losses_do_not_disturb_each_other() -> None:
    layer = Layer(LAWS["student"], 32, GAMMA, BETA)
    (alone,) = excess_loss(Run(), layer, [SOFTPLUS], samples=2**20)
    among = excess_loss(Run(), layer, [SQUARE, SOFTPLUS, RAMP], samples=2**20)[1]
    assert abs(alone.value - among.value) < alone.standard_error
    assert among.standard_error < 1.02 * alone.standard_error


def test_a_batch_without_spread_adds_a_finite_loss() -> None:
    layer = Layer(LAWS["relu_gaussian"], 4, GAMMA, BETA)
    (found,) = excess_loss(Run(), layer, [SQUARE], samples=2**16)
    assert math.isfinite(found.value)


def test_what_has_no_mean_is_no_number() -> None:
    """The deviation alone, where batches without spread are divided by it."""
    layer = Layer(LAWS["relu_gaussian"], 4, GAMMA, BETA, "std")
    square, softplus = excess_loss(Run(), layer, [SQUARE, SOFTPLUS], samples=2**18)
    assert not math.isfinite(square.value + square.standard_error)
    assert math.isfinite(softplus.value)  # of an infinite value, as it is 0 there


def test_any_statistic_of_a_batch_can_be_measured() -> None:
    """The gradient by gamma: E[l'(h_hat) h_hat]/gamma, and by automatic differentiation."""

    def slope(batch: Batch) -> Tensor:
        return ((batch.h_hat - batch.z) * batch.h_hat).mean(0) / GAMMA

    def automatic(batch: Batch) -> Tensor:
        with torch.enable_grad():
            gamma = torch.full_like(batch.mean, GAMMA, requires_grad=True)
            loss = (SQUARE.value(gamma * (batch.h_hat / GAMMA), batch.z)).mean(0)
            return torch.autograd.grad(loss.sum(), gamma)[0]

    found = statistics(Run(), Layer(GAUSSIAN, 12, GAMMA), [slope, automatic], samples=2**18)
    exact = GAMMA - std_moment(1, 12)
    assert found[0].value == pytest.approx(found[1].value, rel=1e-9)
    assert abs(found[0].value - exact) < Z * found[0].standard_error < 0.01


def test_statistics_have_the_numbers_of_samples() -> None:
    (found,) = statistics(Run(), Layer(GAUSSIAN, 10), [lambda batch: batch.mean], samples=10_000)
    assert found.samples == 10_000 and np.isclose(found.value, 0, atol=1e-12)
