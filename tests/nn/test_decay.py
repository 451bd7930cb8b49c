"""Gamma decay as a term: the measured loss and slope, and where gamma comes to rest."""

from __future__ import annotations

import pickle
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import norm
from small import Residual, build, convolutional, samples, squared_error
from torch import Tensor, nn

from bntheory.formulas import regularizer
from bntheory.nn import GammaDecay, PopulationNorm1d, Schedule, gamma_decay, refresh_population

SHAPE = (6, 1, 4, 4)


def gammas(model: nn.Module) -> Tensor:
    layers = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    return torch.cat([layer.weight for layer in layers])


@pytest.mark.parametrize("form", ["paper", "own-batch"])
def test_value_and_slope_are_those_measured(form: Any) -> None:
    model, (x, y) = build(Residual), samples(*SHAPE)
    decay = GammaDecay(model, form, batch_size=8)
    decay.refresh(model, [(x, y)], squared_error)
    measured = gamma_decay(model, [(x, y)], squared_error, batch_size=8, pulls=True)
    units = measured.units
    gamma = units["gamma"].values
    if form == "paper":
        value, slope = measured.loss_increase.zeta, 2 * units["zeta"].values * gamma
    else:
        value, slope = measured.loss_increase.zeta_own_batch, units["pull"].values
    term = decay(model)
    term.backward()
    found = torch.cat([p.grad for p in model.parameters() if p.grad is not None])
    assert float(term.detach()) == pytest.approx(value, rel=1e-12)
    assert found.numpy() == pytest.approx(slope, rel=1e-12)
    # halfway between refreshes the pull goes down with gamma, by the paper's coefficient
    with torch.no_grad():
        for layer in (model.norm1, model.norm2, model.norm3):
            layer.weight.mul_(0.5)
    torch.autograd.grad(decay(model), model.norm1.weight)
    half = torch.autograd.grad(decay(model), [model.norm1.weight])[0].numpy()
    expected = slope - units["zeta"].values * gamma
    assert half == pytest.approx(expected[:3], rel=1e-12)


@pytest.mark.parametrize("form", ["paper", "own-batch", "constant"])
def test_the_hook_does_what_the_term_does(form: Any) -> None:
    model, (x, y) = build(convolutional), samples(*SHAPE)
    options = {"zeta": 0.3} if form == "constant" else {"batch_size": 8}
    decay = GammaDecay(model, form, **options)
    decay.refresh(model, [(x, y)], squared_error)

    def gradient(term: bool) -> Tensor:
        model.zero_grad()
        loss = squared_error(model(x), y)
        (loss + decay(model) if term else loss).backward()
        return torch.cat([model[1].weight.grad, model[4].weight.grad])

    plain, with_term = gradient(False), gradient(True)
    handle = decay.attach(model)
    torch.testing.assert_close(gradient(False), with_term)
    handle.remove()
    torch.testing.assert_close(gradient(False), plain)
    assert not torch.allclose(plain, with_term)


def test_constant_is_the_sum_of_squares() -> None:
    model = build(convolutional)
    decay = GammaDecay(model, "constant", zeta=0.3)
    assert decay.refresh(model, [], squared_error) is None
    torch.testing.assert_close(decay(model), 0.3 * gammas(model).square().sum())


def rest(form: Any, M: int) -> float:
    """Return where gamma rests in a linear student that is aligned with its teacher y = z."""
    # a Gaussian as 1000 quantiles, of unit variance
    z = torch.from_numpy(norm.ppf((np.arange(1000) + 0.5) / 1000))[:, None]
    z = z / z.std(correction=0)
    layer = PopulationNorm1d(1, eps=1e-14).double()
    layer.bias.requires_grad_(False)
    refresh_population(layer, z)
    decay = GammaDecay(layer, form, batch_size=M)
    for _ in range(20):
        decay.refresh(layer, [(z, z)], squared_error, statistics="running")
        loss = squared_error(layer(z), z) + decay(layer)
        (slope,) = torch.autograd.grad(loss, layer.weight)
        with torch.no_grad():
            layer.weight.sub_(0.7 * slope)
    assert abs(float(slope.detach())) < 1e-8
    return float(layer.weight.detach())


def test_gamma_rests_where_the_theory_has_it() -> None:
    """M (1 - gamma) is 3/4 for what a batch really does, 3/2 by Theorem 1."""
    for M in (64, 256):
        zeta = {
            "own-batch": float(regularizer.own_batch_decay_linear(M, 0.0)),
            "paper": float(regularizer.gamma_decay_linear(M)),
        }
        for form, value in zeta.items():
            assert M * (1 - rest(form, M)) == pytest.approx(M * (1 - 1 / (1 + 2 * value)), rel=0.03)


def test_of_a_layer_that_is_the_model() -> None:
    layer = nn.BatchNorm1d(3).double()
    decay = GammaDecay(layer, batch_size=4)
    x, _ = samples(8, 3)
    decay.refresh(layer, [(x, x.cos())], squared_error)
    assert decay(layer).isfinite()


def test_conventions() -> None:
    model, (x, y) = build(convolutional), samples(*SHAPE)
    decay = GammaDecay(model, batch_size=8)
    decay.refresh(model, [(x, y)], squared_error)
    value = decay(model)
    for copy in (deepcopy(decay), pickle.loads(pickle.dumps(decay))):
        torch.testing.assert_close(copy(model), value)
    fresh = GammaDecay(model, batch_size=8)
    fresh.load_state_dict(decay.state_dict())
    torch.testing.assert_close(fresh(model), value)
    assert not list(decay.parameters()) and decay.float().quadratic.dtype == torch.float32
    assert repr(decay) == "GammaDecay('own-batch', batch_size=8, layers=2, channels=6)"
    compiled = torch.compile(model, backend="eager")
    assert float(
        fresh.refresh(compiled, [(x, y)], squared_error).loss_increase[1]
    ) == pytest.approx(float(value.detach()))


def test_layers_without_gamma_are_left_alone() -> None:
    model = build(convolutional)
    model[1] = nn.BatchNorm2d(3, affine=False).double()
    decay = GammaDecay(model, batch_size=8)
    decay.refresh(model, [samples(*SHAPE)], squared_error)
    decay(model).backward()
    assert decay.layers == ("4",) and model[4].weight.grad is not None
    with pytest.raises(ValueError, match="no layer of the model has a gamma"):
        GammaDecay(nn.Sequential(nn.BatchNorm1d(3, affine=False)), batch_size=8)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"form": "exact"}, "form = 'exact' is none of paper, own-batch, constant"),
        ({"form": "constant"}, "the form 'constant' needs zeta"),
        ({"form": "paper"}, "the form 'paper' needs batch_size"),
        ({"form": "paper", "batch_size": 8, "zeta": 1.0}, "zeta is not for 'paper'"),
        ({"batch_size": 1}, "batch_size = 1 is outside its domain, 2 <= batch_size"),
        ({"form": "constant", "zeta": -1.0}, "zeta = -1 is outside its domain, 0 <= zeta < oo"),
        ({"form": "constant", "zeta": float("nan")}, "zeta = nan is outside its domain"),
        ({"form": "constant", "zeta": 1.0, "batch_size": 8}, "batch_size is not for 'constant'"),
    ],
)
def test_refusals(options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        GammaDecay(build(convolutional), **options)


def test_another_model_is_refused() -> None:
    decay = GammaDecay(build(convolutional), batch_size=8)
    wider = nn.Sequential(*[nn.Identity()] * 4, nn.BatchNorm2d(5))
    wider[1] = nn.BatchNorm2d(3)
    narrow = nn.Sequential(nn.BatchNorm2d(3))
    data = [samples(*SHAPE)]
    for model, said in ((narrow, "this has no '1'"), (wider, "its layers have other widths")):
        for use in (decay, decay.attach, lambda m: decay.refresh(m, data, squared_error)):
            with pytest.raises(ValueError, match=f"the decay is that of another model: {said}"):
                use(model)


def test_a_gamma_that_does_not_learn_has_no_slope() -> None:
    model = build(convolutional)
    decay = GammaDecay(model, "constant", zeta=1.0)
    model[1].weight.requires_grad_(False)
    decay.attach(model)
    model(samples(*SHAPE)[0]).sum().backward()
    assert model[1].weight.grad is None and model[4].weight.grad is not None


def test_schedule() -> None:
    done: list[int] = []
    schedule = Schedule(3, lambda: done.append(1))
    for _ in range(7):
        schedule.step()
    assert len(done) == 3
    other = Schedule(3, lambda: done.append(2))
    other.load_state_dict(schedule.state_dict())
    for _ in range(3):
        other.step()
    assert done == [1, 1, 1, 2]
    with pytest.raises(ValueError, match="every = 0 is outside its domain, 1 <= every"):
        Schedule(0, lambda: None)
