"""Networks against autograd, and the exact process against networks, in distribution."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from bntheory import memory
from bntheory.dynamics import trajectory
from bntheory.simulation import online
from bntheory.simulation.online import networks
from bntheory.simulation.order_parameters import order_parameters

G: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": torch.relu,
    "erf": lambda x: torch.erf(x / math.sqrt(2)),
    "tanh": torch.tanh,
}

#: Methods with the samples of a step and what else they take.
CASES = [
    ("sgd", 1, {}),
    ("sgd", 3, {}),
    ("wn", 1, {"zeta": 0.2}),
    ("wn", 4, {"zeta": 0.1}),
    ("bn", 3, {"epsilon": 1e-7}),
    ("bn", 8, {"epsilon": 1e-2}),
]


class Reference(torch.nn.Module):
    """A student as torch itself makes it."""

    def __init__(self, method: str, g: Any, w: torch.Tensor, gamma: float, epsilon: float) -> None:
        super().__init__()
        self.method, self.g = method, g
        self.w = torch.nn.Parameter(w.clone())
        self.norm = torch.nn.BatchNorm1d(1, eps=epsilon).double()
        torch.nn.init.constant_(self.norm.weight, gamma)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x @ self.w
        if self.method == "wn":
            h = math.sqrt(len(self.w)) * self.norm.weight * h / torch.linalg.vector_norm(self.w)
        elif self.method == "bn":
            h = self.norm(h[:, None])[:, 0]
        out: torch.Tensor = self.g(h)
        return out


@pytest.mark.parametrize("activation", G)
@pytest.mark.parametrize(("method", "M", "more"), CASES)
def test_steps_of_networks_are_those_of_autograd(
    method: str, M: int, more: dict[str, float], activation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inputs and weights are caught on their way; gamma has the learning rate eta/N."""
    N, eta, steps, calls = 6, 0.3, 5, []
    own = online.gradient

    def caught(network: Any, w: Any, gamma: Any, x: Any, y: Any) -> Any:
        calls.append((w.clone(), gamma.clone(), x.clone(), y.clone()))
        return own(network, w, gamma, x, y)

    monkeypatch.setattr(online, "gradient", caught)
    given = dict(N=N, M=M, eta=eta, R=0.4, replicas=2, t=[steps / N])
    if method != "sgd":
        given["gamma"] = 1.3
    run = networks(method, activation, **given, **more)
    assert len(calls) == steps
    for k in range(2):
        w, gamma = calls[0][0][k, 0], calls[0][1][k].item()
        model = Reference(method, G[activation], w, gamma, more.get("epsilon", 0.0))
        for _, _, x, y in calls:
            loss = (model(x[k]) - y[k, 0]).square().mean() / 2
            loss = loss + more.get("zeta", 0.0) * model.norm.weight.square().sum() / 2
            slopes = torch.autograd.grad(
                loss, (model.w, model.norm.weight), allow_unused=method == "sgd"
            )
            with torch.no_grad():
                model.w -= eta * slopes[0]
                if method != "sgd":
                    model.norm.weight -= eta / N * slopes[1]
        length = torch.linalg.vector_norm(model.w.detach()).item() / math.sqrt(N)
        assert run.L.values[k, 0] == pytest.approx(length, rel=1e-10)
        if method != "sgd":
            assert run.gamma.values[k, 0] == pytest.approx(model.norm.weight.item(), rel=1e-10)


@pytest.mark.parametrize("N", [2, 3, 12])
@pytest.mark.parametrize("activation", ["relu", "erf"])
@pytest.mark.parametrize(("method", "M", "more"), CASES)
def test_the_process_has_the_law_of_the_networks(
    method: str, M: int, more: dict[str, float], activation: str, N: int
) -> None:
    """Kolmogorov-Smirnov for each of gamma, R, L, and their products; false in 1 of 10^6."""
    given = dict(N=N, M=M, eta=0.6, R=0.3, L=1.2, t=[1 / N, 1.0, 3.0], replicas=4000, **more)
    one, other = (
        order_parameters(method, activation, **given),
        networks(method, activation, **given),
    )
    names = list(one.data_vars)
    for j in range(3):
        seen = [[run[name].values[:, j] for name in names] for run in (one, other)]
        pairs = [[*values, values[0] * values[-1], values[0] / values[-1]] for values in seen]
        for a, b in zip(*pairs, strict=True):  # many are where they were, but for rounding
            assert stats.ks_2samp(a.round(9), b.round(9)).pvalue > 1e-6


@pytest.mark.parametrize("method", ["sgd", "wn"])
def test_many_inputs_follow_the_differential_equations(method: str) -> None:
    """At N = 10^5 they are off by 1/sqrt(N) in one replica, and by 1/N on average."""
    given: dict[str, Any] = dict(eta=0.4, R=0.2, L=1.1, t=[0.0, 1.0, 3.0])
    if method == "wn":
        given["zeta"] = 0.2
    run = order_parameters(method, N=100_000, replicas=8, **given)
    theory = trajectory("bn" if method == "wn" else "sgd", **given)
    for name in run.data_vars:
        assert np.abs(run[name] - theory[name]).max() < 0.02
        assert np.abs(run[name].mean("replica") - theory[name]).max() < 0.006


def test_a_start_near_the_teacher_keeps_its_digits() -> None:
    run = order_parameters("wn", N=10**6, eta=0.1, misalignment=1e-14, t=[0.0, 1e-5])
    assert run.misalignment.values[0, 0] == pytest.approx(1e-14, rel=1e-9)
    assert 0 < run.misalignment.values[0, 1] < 1e-12


def test_replicas_do_not_depend_on_each_other() -> None:
    given: dict[str, Any] = dict(N=50, M=4, eta=0.3, R=0.5, t=2.0)
    few, many = (
        order_parameters("bn", replicas=2, **given),
        order_parameters("bn", replicas=5, threads=2, **given),
    )
    assert few.equals(many.isel(replica=slice(2)))
    assert not np.isclose(many.R.values[0, -1], many.R.values[1:, -1]).any()
    assert not np.isclose(order_parameters("bn", seed=1, **given).R[0, -1], few.R[0, -1])


def test_divergence_is_a_result() -> None:
    for simulate in (order_parameters, networks):
        run = simulate("sgd", "x**3", N=20, eta=5.0, R=0.5, t=20.0, replicas=2)
        assert not np.isfinite(run.L.values[:, -1]).any() and np.isfinite(run.L.values[:, 0]).all()


def test_time_and_labels() -> None:
    run = order_parameters("wn", N=7, eta=0.1, R=0.5, t=[0.0, 1.0, 2.1])
    np.testing.assert_allclose(run.t, [0, 1, 15 / 7])
    assert run.t.attrs["units"] == "steps / N" and run.attrs["N"] == 7
    assert set(order_parameters("sgd", N=7, eta=0.1, R=0.5, t=1.0).data_vars) == {
        "R",
        "misalignment",
        "L",
    }


def test_float32() -> None:
    given: dict[str, Any] = dict(N=30, M=4, eta=0.3, R=0.5, t=1.0, replicas=3)
    single = networks("bn", dtype=torch.float32, **given)
    assert single.R.dtype == np.float64 and np.isfinite(single.R).all()


BAD = [
    ({"method": "adam"}, r"method = 'adam'; the methods are sgd, wn, bn"),
    ({"N": 1}, r"N = 1 is outside its domain, 2 <= N"),
    ({"N": 2.5}, "N = 2.5 is not a whole number"),
    ({"M": 1}, r"M = 1 is outside its domain, 2 <= M"),
    ({"eta": 0.0}, "eta = 0 is outside its domain, 0 < eta"),
    ({"zeta": 0.1}, "zeta = 0.1, but batch normalization has no decay"),
    ({"method": "sgd", "gamma": 2.0}, "gamma is given, but plain SGD has none"),
    ({"method": "wn", "epsilon": 1e-5}, "epsilon = 1e-05, but weight normalization"),
    ({"R": None}, "give either R or misalignment"),
    ({"t": -1.0}, "t = -1 is outside its domain"),
    ({"seed": 0.5}, "seed = 0.5 is not a whole number"),
    ({"replicas": 0}, "replicas = 0 is outside its domain"),
    ({"activation": "leaky_relu"}, "needs its slope"),
]


@pytest.mark.parametrize("simulate", [order_parameters, networks])
@pytest.mark.parametrize(("given", "said"), BAD)
def test_arguments_outside_their_domain(simulate: Any, given: dict[str, Any], said: str) -> None:
    arguments = dict(method="bn", N=10, M=4, eta=0.1, R=0.5, t=1.0) | given
    with pytest.raises(ValueError, match=said):
        simulate(arguments.pop("method"), **arguments)


def test_more_than_memory_holds_is_refused_before_it_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 10**7)
    with pytest.raises(ValueError, match=r"need 3.* GB, and 0.01 GB are free: \d+ would fit"):
        networks("bn", N=1000, M=6, eta=0.1, R=0.5, t=[1.0], replicas=160_000)
    with pytest.raises(ValueError, match=r"replicas = 1000000 .* would fit"):
        order_parameters("bn", N=1000, M=6, eta=0.1, R=0.5, t=1.0, replicas=10**6)
    with pytest.raises(ValueError, match="threads = 0"):
        order_parameters("bn", N=10, M=6, eta=0.1, R=0.5, t=1.0, threads=0)
