"""The slope in gamma of what a batch adds: against the derivation, all batches, and autograd."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import enumeration
import numpy as np
import pytest
import torch
from small import build, convolutional, mlp, samples, squared_error
from test_loss_increase import CASES, one_channel
from torch import Tensor, nn

from bntheory.formulas import regularizer
from bntheory.nn import gamma_decay


@pytest.mark.parametrize("A", [nn.functional.softplus, torch.cosh, lambda h: h.square() / 2])
def test_it_is_what_is_derived_for_a_true_model(A: Any) -> None:
    """One neuron, with y = A'(h_bar): the pull over 2 gamma is ``own_batch_decay``."""
    torch.manual_seed(0)
    x = torch.randn(50, 1).double().exp()
    layer = nn.BatchNorm1d(1, eps=1e-14).double()
    with torch.no_grad():
        layer.weight.fill_(1.3)
        layer.bias.fill_(-0.4)
    z = (x - x.mean()) / x.std(correction=0)
    h_bar = (1.3 * z - 0.4).requires_grad_()
    derivatives = []
    values = A(h_bar)
    for _ in range(3):
        (values,) = torch.autograd.grad(
            values.sum(), h_bar, create_graph=True, materialize_grads=True
        )
        derivatives.append(values.detach())
    y, curvature, third = derivatives
    decay = gamma_decay(
        layer, [(x, y)], lambda h, y: (A(h) - y * h).mean(), batch_size=20, pulls=True
    )
    rho, skewness = float((z**4).mean() - 3), float((z**3).mean())
    expected = regularizer.own_batch_decay(
        1.3, *(t.numpy() for t in (z,)), 20, rho, skewness, curvature.numpy(), third.numpy()
    ).mean()
    assert float(decay.units["pull"][0]) / 2.6 == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1].__name__}")
def test_it_is_the_slope_of_what_batches_add(case: Any) -> None:
    """Against torch's own batch normalization, averaged over all batches, at two gammas."""
    model, x, y = one_channel(*case)
    pull = gamma_decay(model, [(x, y)], squared_error, batch_size=10, pulls=True).units["pull"]
    step, sides = 0.02, []
    for sign in (1, -1):
        moved = deepcopy(model)
        with torch.no_grad():
            moved[1].weight.add_(sign * step)
        sides.append(enumeration.coefficient(moved, x, y, [32, 48, 64, 80]))
    slope = (sides[0] - sides[1]) / (2 * step)
    assert 10 * float(pull[0]) == pytest.approx(slope, rel=1e-2)


@pytest.mark.parametrize(("make", "shape"), [(mlp, (8, 3)), (convolutional, (6, 1, 4, 4))])
def test_it_is_the_slope_of_the_measured_increase(make: Any, shape: tuple[int, ...]) -> None:
    """A channel's gamma moved, with the populations behind it left where they were."""
    model, (x, y) = build(make), samples(*shape)

    def measured(model: nn.Module, **options: Any) -> Any:
        return gamma_decay(model, [(x, y)], squared_error, statistics="running", **options).units

    from small import at_population

    model = at_population(model, x)
    pulls = measured(model, pulls=True)["pull"]
    for layer, channel in ((1, 0), (4, 2)):
        sides = []
        for sign in (1, -1):
            moved = deepcopy(model)
            with torch.no_grad():
                moved[layer].weight[channel] += sign * 1e-5
            units = measured(moved).sel(layer=str(layer), channel=channel)
            sides.append(float(units["loss_increase_own_batch"]))
        slope = (sides[0] - sides[1]) / 2e-5
        assert float(pulls.sel(layer=str(layer), channel=channel)) == pytest.approx(slope, rel=1e-6)


def test_probes_are_unbiased() -> None:
    wide = 12
    model, (x, y) = build(mlp, wide), samples(30, 3)

    def pulls(probes: int, seed: int = 0) -> np.ndarray:
        decay = gamma_decay(model, [(x, y)], squared_error, probes=probes, pulls=True, seed=seed)
        found: np.ndarray = decay.units["pull"].values
        return found

    exact = pulls(wide)
    repeats = np.stack([pulls(2, seed) for seed in range(24)])
    error = repeats.std(0, ddof=1) / np.sqrt(len(repeats))
    deviations = (repeats.mean(0) - exact) / error
    assert (error > 0).all() and abs(deviations).max() < 4.5
    assert np.sqrt((deviations**2).mean()) == pytest.approx(1, abs=0.35)


def test_without_it_nothing_else_changes() -> None:
    model, (x, y) = build(convolutional), samples(6, 1, 4, 4)
    one, other = (
        gamma_decay(model, [(x, y)], squared_error, batch_size=8, pulls=pulls)
        for pulls in (False, True)
    )
    names = ["pull", "pull_standard_error"]
    assert other.units.drop_vars(names).equals(one.units)
    assert float(other.at(16).units["pull"][0]) == float(other.units["pull"][0]) / 2


def test_constant_curvature_has_no_third_derivative() -> None:
    x = Tensor([[0.0], [1.0], [3.0], [4.0]]).double()
    layer = nn.BatchNorm1d(1).double()
    decay = gamma_decay(layer, [(x, x)], squared_error, batch_size=4, pulls=True)
    assert np.isfinite(decay.units["pull"].values).all()
