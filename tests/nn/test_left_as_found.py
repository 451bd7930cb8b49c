"""The model, the loader and the random generators are left as they were, whatever happens."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from small import Residual, build, convolutional, in_batches, mlp, samples, squared_error
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from bntheory.nn import gamma_decay


class Counting(nn.Module):
    """Changes its buffers in a forward pass, one in place and one by another tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))
        self.register_buffer("last", torch.zeros(2))
        self.register_buffer("none", None)

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.last = x.detach().mean(0)
        return x


@pytest.fixture(autouse=True)
def random_states() -> None:
    """Start where no measurement would leave the generators."""
    random.seed(12)
    np.random.seed(34)
    torch.manual_seed(56)


def found(model: nn.Module, loader: Any = None) -> dict[str, Any]:
    """Return everything that has to stay, by value and by identity."""
    state: dict[str, Any] = {"training": [module.training for module in model.modules()]}
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        state[name] = (id(tensor), tensor.detach().clone(), tensor.requires_grad)
        state[f"{name}.grad"] = (id(tensor.grad), None if tensor.grad is None else tensor.grad + 0)
        state[f"{name}.version"] = tensor._version if "calls" not in name else None
    for name, module in model.named_modules():
        hooks = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        state[f"{name}.attributes"] = (sorted(vars(module)), [list(hook) for hook in hooks])
    numpy = np.random.get_state()
    state["random"] = [random.getstate(), numpy[1], numpy[2:], torch.get_rng_state()]
    if (generator := getattr(loader, "generator", None)) is not None:
        state["random"].append(generator.get_state())
    return state


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return torch.equal(a, b)
    if isinstance(a, np.ndarray):
        return bool((a == b).all())
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


def odd_state(model: nn.Module) -> nn.Module:
    """Give a model a mixture of modes, gradients, hooks and frozen parameters."""
    for place, module in enumerate(model.modules()):
        module.training = place % 3 != 0
    for place, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(place % 4 != 1)
        parameter.grad = torch.ones_like(parameter) if place % 2 else None
    next(model.children()).register_forward_hook(lambda *args: None)
    next(model.children()).register_forward_pre_hook(lambda *args: None)
    return model


@pytest.mark.parametrize("statistics", ["data", "running"])
@pytest.mark.parametrize(
    ("make", "shape"), [(mlp, (9, 3)), (convolutional, (6, 1, 4, 4)), (Residual, (6, 1, 4, 4))]
)
def test_after_a_measurement(make: Any, shape: tuple[int, ...], statistics: Any) -> None:
    model = odd_state(build(make))
    loader = in_batches(*samples(*shape), 4)
    before = found(model)
    gamma_decay(model, loader, squared_error, probes=2, statistics=statistics)
    assert same(before, found(model))


def test_buffers_that_a_model_changes() -> None:
    model = odd_state(nn.Sequential(mlp(2), Counting()).double())
    before = found(model)
    gamma_decay(model, in_batches(*samples(9, 3), 4), squared_error, probes=1)
    assert same(before, found(model))


def test_a_layer_whose_forward_was_replaced() -> None:
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2)).double()
    loader = in_batches(*samples(9, 3), 4)
    plain = gamma_decay(model, loader, squared_error)
    original = model[0].forward
    model[0].forward = doubled = lambda x: original(2 * x)
    other = gamma_decay(model, loader, squared_error)
    assert vars(model[0])["forward"] is doubled
    ratio = other.units["V_m"] / plain.units["V_m"]  # (1 - eps/variance)/(1 - eps/(4 variance))
    assert (ratio > 1).all() and ratio.values == pytest.approx(1, abs=1e-4)


class Failing(nn.Module):
    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def forward(self, x: Tensor) -> Tensor:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return x


@pytest.mark.parametrize("at", [0, 1, 2, 4, 6, 7])
def test_after_an_exception_in_any_pass(at: int) -> None:
    model = odd_state(nn.Sequential(nn.Linear(3, 2), Failing(at), nn.BatchNorm1d(2)).double())
    before = found(model)
    with pytest.raises(KeyboardInterrupt):
        gamma_decay(model, in_batches(*samples(9, 3), 3), squared_error)
    assert same(before, found(model))


@pytest.mark.parametrize("at", [1, 3])
def test_after_an_exception_in_the_loss(at: int) -> None:
    model, calls = odd_state(build(mlp)), iter(range(100))

    def loss(output: Tensor, target: Tensor) -> Tensor:
        if next(calls) == at:
            raise RuntimeError("no")
        return squared_error(output, target)

    before = found(model)
    with pytest.raises(RuntimeError, match="no"):
        gamma_decay(model, in_batches(*samples(9, 3), 3), loss)
    assert same(before, found(model))


@pytest.mark.parametrize("own", [False, True])
def test_a_loader_that_shuffles_and_drops(own: bool) -> None:
    """Each pass sees the same samples, and the generators are put back."""
    generator = torch.Generator().manual_seed(3) if own else None
    data = TensorDataset(*samples(21, 3))
    loader = DataLoader(data, batch_size=4, shuffle=True, drop_last=True, generator=generator)
    model = build(mlp)
    torch.manual_seed(8)
    before = found(model, loader)
    first = gamma_decay(model, loader, squared_error)
    assert same(before, found(model, loader))
    if not own:
        torch.manual_seed(9)  # whatever the generator was at
    assert gamma_decay(model, loader, squared_error).units.identical(first.units)
    V_m = first.units["V_m"].sel(layer="1")
    assert V_m.values == pytest.approx(1, abs=1e-3)  # only for one set of samples throughout


def test_without_gradients_around() -> None:
    model, loader = build(mlp), in_batches(*samples(9, 3), 4)
    plain = gamma_decay(model, loader, squared_error)
    for around in (torch.no_grad(), torch.inference_mode()):
        with around:
            assert gamma_decay(model, loader, squared_error).units.identical(plain.units)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_it_does_not_matter_how_the_model_was_found() -> None:
    loader = in_batches(*samples(9, 3), 4)
    model = nn.Sequential(build(mlp), nn.Dropout(0.5))
    plain = gamma_decay(model, loader, squared_error).units
    for mode in (True, False):
        model.train(mode).requires_grad_(mode)
        assert gamma_decay(model, loader, squared_error).units.identical(plain)
