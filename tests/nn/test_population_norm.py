"""Population normalization against torch's batch normalization, where they have to agree."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from small import (
    Residual,
    at_population,
    build,
    convolutional,
    in_batches,
    inputs_in_training,
    mlp,
    samples,
)
from torch import Tensor, nn
from torch.autograd import gradcheck

from bntheory.nn import PopulationNorm, PopulationNorm1d, PopulationNorm2d, refresh_population
from bntheory.nn import replace_batchnorm as replace

SHAPES = [
    (PopulationNorm1d, (7, 3)),
    (PopulationNorm1d, (5, 3, 4)),
    (PopulationNorm2d, (4, 3, 2, 3)),
]


def layer_and_input(kind: Any, shape: tuple[int, ...], **options: Any) -> tuple[Any, Tensor]:
    torch.manual_seed(0)
    layer = kind(3, **options).double()
    nn.init.uniform_(layer.weight, 0.5, 1.5)
    nn.init.normal_(layer.bias)
    return layer, torch.randn(shape, dtype=torch.float64).exp()


def gradients(module: nn.Module, x: Tensor, weight: Tensor) -> list[Tensor]:
    x = x.clone().requires_grad_()
    output = module(x)
    return [output, *torch.autograd.grad((output * weight).sum(), [x, *module.parameters()])]


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
def test_where_the_batch_is_the_population_it_is_batch_normalization(
    kind: Any, shape: tuple[int, ...]
) -> None:
    layer, x = layer_and_input(kind, shape)
    weight = torch.randn_like(x)
    refresh_population(layer, x)
    batch = layer.to_batchnorm().train()
    for ours, theirs in zip(gradients(layer, x, weight), gradients(batch, x, weight), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
def test_with_constant_statistics(kind: Any, shape: tuple[int, ...]) -> None:
    layer, x = layer_and_input(kind, shape, moving=False)
    refresh_population(layer, x + torch.randn_like(x))
    batch = layer.to_batchnorm().eval()
    weight = torch.randn_like(x)
    for ours, theirs in zip(gradients(layer, x, weight), gradients(batch, x, weight), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)

    def output(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        return torch.func.functional_call(layer, {"weight": gamma, "bias": beta}, (x,))

    assert gradcheck(output, (x.requires_grad_(), layer.weight, layer.bias))


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
def test_moving_statistics(kind: Any, shape: tuple[int, ...]) -> None:
    """Against autograd, through statistics that have the population's values."""
    layer, x = layer_and_input(kind, shape)
    refresh_population(layer, 2 * x.flip(0) + torch.randn_like(x))
    axes = [axis for axis in range(x.ndim) if axis != 1]
    wide = (1, 3, *[1] * (x.ndim - 2))

    class Written(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight, self.bias = layer.weight, layer.bias

        def forward(self, x: Tensor) -> Tensor:
            mean, var = layer.running_mean.reshape(wide), layer.running_var.reshape(wide)
            own = x.mean(axes, keepdim=True)
            mean = mean + own - own.detach()
            own = (x - layer.running_mean.reshape(wide)).square().mean(axes, keepdim=True)
            var = var + own - own.detach()
            z = (x - mean) / (var + layer.eps).sqrt()
            return self.weight.reshape(wide) * z + self.bias.reshape(wide)

    weight = torch.randn_like(x)
    for ours, theirs in zip(
        gradients(layer, x, weight), gradients(Written(), x, weight), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    constant = kind.from_batchnorm(layer, moving=False)
    assert not torch.allclose(gradients(constant, x, weight)[1], gradients(layer, x, weight)[1])


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
@pytest.mark.parametrize("moving", [True, False])
def test_statistics_that_follow_the_batches(
    kind: Any, shape: tuple[int, ...], moving: bool
) -> None:
    """They are torch's running averages, and a batch is normalized by those of the ones before."""
    layer, x = layer_and_input(kind, shape, moving=moving, momentum=0.25)
    running = layer.to_batchnorm(momentum=0.25)
    refresh_population(layer, x)
    refresh_population(running, x)
    for k in range(3):
        expected = running.eval()(x * k)
        running.train()(x * k)
        torch.testing.assert_close(layer(x * k), expected)
        torch.testing.assert_close(layer.running_mean, running.running_mean)
        torch.testing.assert_close(layer.running_var, running.running_var)
    layer.eval()(x)
    torch.testing.assert_close(layer.running_mean, running.running_mean)
    with pytest.raises(ValueError, match="momentum = 2 is outside its domain"):
        kind(3, momentum=2)


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
def test_a_guard_moves_what_is_stale(kind: Any, shape: tuple[int, ...]) -> None:
    layer, x = layer_and_input(kind, shape, guard=4.0)
    axes = [axis for axis in range(x.ndim) if axis != 1]
    mean, std = x.mean(axes), (x.var(axes) + layer.eps).sqrt()
    reach = 4 / len(x) ** 0.5
    # one within, one below, one above
    layer.running_mean.copy_(mean + torch.tensor([0.5, -9.0, 9.0]).double() * reach * std)
    layer.running_var.copy_(x.var(axes) * torch.tensor([9e9, 1.1, 1e-9]).double())
    expected = mean + torch.tensor([0.5, -1.0, 1.0]).double() * reach * std
    scale = torch.tensor([(1 + reach) ** 2, 1.1, (1 + reach) ** -2]).double()
    layer(x)
    torch.testing.assert_close(layer.running_mean, expected)
    torch.testing.assert_close(layer.running_var, x.var(axes) * scale)
    twin = kind.from_batchnorm(layer, guard=None)
    torch.testing.assert_close(layer(x), twin(x))  # nothing is stale any more
    layer.running_mean.fill_(1e3)
    layer.eval()(x)
    assert (layer.running_mean == 1e3).all()
    with pytest.raises(ValueError, match="guard = 0 is outside its domain"):
        kind(3, guard=0)


def test_a_refresh_does_not_change_a_step_that_is_under_way() -> None:
    layer, x = layer_and_input(PopulationNorm1d, (7, 3))
    refresh_population(layer, x)
    before = gradients(layer, x, x)[1]
    x.requires_grad_()
    output = layer(x)
    refresh_population(layer, 3 * x.detach() + 1)
    (after,) = torch.autograd.grad((output * x.detach()).sum(), x)
    torch.testing.assert_close(after, before)


MODELS = [(mlp, (12, 3)), (convolutional, (6, 1, 4, 4)), (Residual, (6, 1, 4, 4))]


@pytest.mark.parametrize(("make", "shape"), MODELS)
@pytest.mark.parametrize("in_pieces", [False, True])
def test_statistics_are_those_of_the_sample(
    make: Any, shape: tuple[int, ...], in_pieces: bool
) -> None:
    model, (x, y) = build(make), samples(*shape)
    true = at_population(model, x)
    for changed in (model, replace(build(make), with_=PopulationNorm)):
        refresh_population(changed, in_batches(x, y, 4) if in_pieces else x)
        for name, h in inputs_in_training(model, x).items():
            layer = changed.get_submodule(name)
            axes = [axis for axis in range(h.ndim) if axis != 1]
            torch.testing.assert_close(layer.running_mean, h.mean(axes), rtol=1e-9, atol=1e-9)
            torch.testing.assert_close(layer.running_var, h.var(axes, correction=0))
        torch.testing.assert_close(changed.eval()(x), true(x))


def test_it_trains_as_with_all_data_in_one_batch() -> None:
    """Refreshed in front of each step, with batches of all data."""
    x, _ = samples(20, 3)
    y = x[:, :2].tanh()
    model, twin = build(mlp), replace(build(mlp), with_=PopulationNorm)
    for network in (model, twin):
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
        for _ in range(5):
            if network is twin:
                refresh_population(network, x)
            optimizer.zero_grad()
            (network(x) - y).square().mean().backward()
            optimizer.step()
    for ours, theirs in zip(twin.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
def test_to_batchnorm_and_back(kind: Any, shape: tuple[int, ...]) -> None:
    layer, x = layer_and_input(kind, shape)
    refresh_population(layer, x)
    batch = layer.to_batchnorm()
    again = kind.from_batchnorm(batch.eval())
    assert type(PopulationNorm.from_batchnorm(batch)) is kind and not again.training
    assert again.weight is layer.weight
    fresh = kind(3).double()
    fresh.load_state_dict(batch.state_dict())
    torch.testing.assert_close(fresh(x), batch(x))
    torch.testing.assert_close(again(x), layer(x))


def test_an_empty_batch_moves_nothing() -> None:
    layer = PopulationNorm1d(3, momentum=0.5, guard=4.0)
    assert layer(torch.empty(0, 3)).shape == (0, 3) and not layer.running_mean.any()


def test_refusals() -> None:
    model = build(mlp)
    with pytest.raises(ValueError, match="no batch normalization"):
        refresh_population(nn.Linear(2, 2), torch.ones(3, 2))
    with pytest.raises(ValueError, match="has one value for each channel"):
        refresh_population(model, torch.ones(1, 3).double())
    with pytest.raises(TypeError, match="can be read once only"):
        refresh_population(model, iter([]))
    with pytest.raises(ValueError, match="'1' has no running averages to set"):
        refresh_population(
            nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2, track_running_stats=False)),
            torch.ones(3, 2),
        )
    with pytest.raises(TypeError, match="PopulationNorm1d takes BatchNorm1d"):
        PopulationNorm1d.from_batchnorm(nn.BatchNorm2d(3))
    with pytest.raises(TypeError, match="PopulationNorm takes BatchNorm1d or BatchNorm2d"):
        PopulationNorm.from_batchnorm(nn.BatchNorm3d(3))
