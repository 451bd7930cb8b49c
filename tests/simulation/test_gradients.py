"""Gradients and steps against autograd and ``torch.optim``, one replica at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from bntheory.simulation import compiled
from bntheory.simulation.descent import Descent, Rates, minibatches
from bntheory.simulation.gradients import METHODS, Network, gradient
from bntheory.simulation.run import Run
from bntheory.simulation.teacher import Samples, draw

pytestmark = pytest.mark.usefixtures("one_thread")

ZETA = 0.3
CASES = [(m, s) for m in METHODS for s in ("linear", "relu")]
RATES: dict[str, Any] = {"eta": 0.2, "decay": 0.1, "L0": 0.8, "gamma0": 1.3}


class Reference(nn.Module):
    """One replica's student, with ``BatchNorm1d`` where there is batch normalization."""

    def __init__(self, method: str, student: str, w: Tensor, gamma: float) -> None:
        super().__init__()
        self.method, self.student = method, student
        self.w = nn.Parameter(w.clone())
        self.norm = nn.BatchNorm1d(1, eps=1e-30, momentum=1.0, dtype=w.dtype)
        nn.init.constant_(self.norm.weight, gamma)
        self.norm.bias.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        h = x @ self.w
        gamma = self.norm.weight
        if self.method == "sgd":
            a = h
        elif self.method == "wn":
            a = math.sqrt(len(self.w)) * gamma * h / self.w.norm()
        elif self.method == "bn":
            a = self.norm(h[:, None])[:, 0]
        elif self.method == "bn-std":
            a = gamma * h / h.std(unbiased=False)
        else:
            a = gamma * h / h.square().mean().sqrt()
        return a if self.student == "linear" else a.relu()

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        decay = ZETA * self.norm.weight.square().sum() if self.method == "wn" else 0.0
        return (y - self(x)).square().mean() + decay


def network(method: str, student: str) -> Network:
    return Network(method, student, ZETA if method == "wn" else 0.0)


def some(P: int = 17) -> Samples:
    return draw(Run(4), "gradients", N=11, alpha=P / 11, S=0.5, replicas=3)


@pytest.mark.parametrize("M", [2, 7, None])
@pytest.mark.parametrize(("method", "student"), CASES)
def test_gradients_are_those_of_autograd(method: str, student: str, M: int | None) -> None:
    samples = some()
    x, y = next(minibatches(samples, Run(4), "gradients", M))
    generator = Run(4).generator("w")
    w = torch.randn(3, 1, 11, generator=generator, dtype=torch.float64)
    gamma = 0.5 + torch.rand(3, 1, 1, generator=generator, dtype=torch.float64)
    kept = w.clone(), gamma.clone(), x.clone(), y.clone()
    rows, along, by_gamma = gradient(network(method, student), w, gamma, x, y)
    assert all(torch.equal(now, before) for now, before in zip((w, gamma, x, y), kept, strict=True))
    for k in range(3):
        model = Reference(method, student, w[k, 0], gamma[k].item())
        model.loss(x[k], y[k, 0]).backward()
        found = rows[k, 0] @ x[k] + (0.0 if along is None else along[k, 0] * w[k, 0])
        factor, scale = 2 / x.shape[1], model.w.grad.abs().max().item()
        atol = 1e-10 * max(scale, 1.0)  # in a batch of two the gradient of bn is zero
        np.testing.assert_allclose(factor * found, model.w.grad, rtol=1e-10, atol=atol)
        if by_gamma is not None:
            own = model.norm.weight.grad
            np.testing.assert_allclose(factor * by_gamma[k, 0], own, rtol=1e-10, atol=1e-10)
        else:
            assert method == "sgd"


@pytest.mark.parametrize("with_numba", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.7])
@pytest.mark.parametrize("M", [4, None])
@pytest.mark.parametrize(("method", "student"), CASES)
def test_steps_are_those_of_an_optimizer(
    method: str,
    student: str,
    M: int | None,
    momentum: float,
    with_numba: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a falling rate, over more than an epoch."""
    assert compiled.AVAILABLE
    monkeypatch.setattr(compiled, "AVAILABLE", with_numba)
    samples, run, steps = some(), Run(5), 9
    rates = Rates(batch=M, momentum=momentum, **RATES)
    descent = Descent(samples, run, "steps", network(method, student), rates)
    models = [Reference(method, student, w[0], RATES["gamma0"]) for w in descent.w]
    optimizers = [
        torch.optim.SGD(model.parameters(), lr=RATES["eta"], momentum=momentum) for model in models
    ]
    feed = minibatches(samples, run, "steps", M)
    for j in range(steps):
        x, y = next(feed)
        for k, (model, optimizer) in enumerate(zip(models, optimizers, strict=True)):
            for group in optimizer.param_groups:
                group["lr"] = RATES["eta"] / (1 + RATES["decay"] * j)
            optimizer.zero_grad()
            model.loss(x[k], y[k, 0]).backward()
            optimizer.step()
    start = descent.w.clone()
    descent.advance(5)
    descent.advance(steps)
    assert descent.steps == steps and not torch.equal(descent.w, start)
    assert not any(torch.isclose(start[0], start[k]).any() for k in (1, 2))
    for k, model in enumerate(models):
        np.testing.assert_allclose(descent.w[k, 0], model.w.detach(), rtol=1e-9, atol=1e-10)
        if method != "sgd":
            gamma = model.norm.weight.detach()
            np.testing.assert_allclose(descent.gamma[k, 0], gamma, rtol=1e-9)


@pytest.mark.parametrize(("method", "student"), CASES)
def test_a_look_is_that_of_evaluation_mode(method: str, student: str) -> None:
    """Running statistics that are those of all samples, whose variance is the biased one."""
    samples, run = some(), Run(6)
    descent = Descent(
        samples, run, "look", network(method, student), Rates(batch=5, momentum=0.0, **RATES)
    )
    descent.advance(7)
    measured, weights, shift = descent.look()
    for k in range(3):
        x, y = samples.x[k], samples.y[k]
        model = Reference(method, student, descent.w[k, 0], descent.gamma[k].item())
        with torch.no_grad():
            training = model(x)
            if method == "bn":
                model.norm.get_buffer("running_var").mul_(16 / 17)
            outputs = model.eval()(x)
            a = x @ weights[k] + shift[k]
        np.testing.assert_allclose(outputs, training, rtol=1e-10, atol=1e-12)
        ours = a if student == "linear" else a.relu()
        np.testing.assert_allclose(ours, outputs, rtol=1e-10, atol=1e-12)
        loss = (y - outputs).square().mean()
        gamma2, overlap = weights[k] @ weights[k] / 11, weights[k] @ samples.w_star[k] / 11
        np.testing.assert_allclose(
            measured[1:, k], torch.stack((loss, gamma2, overlap)), rtol=1e-10
        )
        assert (shift[k] != 0) == (method == "bn")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("pn", "linear"), "method = 'pn'; the methods are sgd, wn, bn, bn-std, bn-rms"),
        (("sgd", "erf"), "student = 'erf'; the students are linear, relu"),
        (("wn", "relu", -1), "zeta = -1 is outside its domain, 0 <= zeta"),
        (("bn", "relu", 0.1), "zeta = 0.1, but bn has no decay, zeta = 0"),
    ],
)
def test_what_cannot_be_is_refused(given: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        Network(*given)
