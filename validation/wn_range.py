"""Where weight normalization converges, and at which effective rate it ends.

The largest stable rates are measured as for Prop. 4, for a linear student and for erf.  And linear
students with ``torch.nn.utils.parametrizations.weight_norm``, their scale held at its best value,
are trained until they are aligned with the teacher: eta/L^2 is then what the constant of their path
says, extrapolated to many inputs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
import sympy as sp
import torch
from scipy.optimize import brentq
from torch.nn import Linear
from torch.nn.utils.parametrizations import weight_norm

import derivations
from bntheory.activations import ACTIVATIONS
from bntheory.notation import SYMBOLS
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import growth
from validation.judging import extrapolated, judged, named, scaled

MARGIN, MARGIN_AT_END = 0.03, 0.04  # relative
LENGTH = 0.8
#: Of the largest stable rates.
CASES = (("wn", "linear"), ("wn", "erf"), ("sgd", "erf"))
WORDS = {"wn": "weight normalization", "sgd": "plain SGD"}
#: Of the ends of paths: eta, and R at the start; below and above the largest stable rate.
PATHS = ((0.5, 0.0), (4.0, 0.3))
NEURONS, REPLICAS, TIME = 50, 512, 14.0


def validate(run: Run) -> Iterator[Check]:
    """Measure the largest stable rates, and where paths end."""
    for method, activation in CASES:
        yield from _largest(run, method, activation)
    for eta, R in PATHS:
        system = f"weight normalization, linear student, gamma = 1, eta = {eta:g}, R = {R:g}"
        yield from named(system, at(run, eta=eta, R=R))


def at(run: Run, *, eta: float = 4.0, R: float = 0.3) -> Iterator[Check]:
    """Measure at which effective rate a path ends that begins at L = 1."""
    N = run.neurons or NEURONS
    with one_thread():
        few, many = (trained(run, eta, R, size) for size in (N, 2 * N))
    predicted = 1 / end(eta, R)
    yield from judged(
        "linear students", "effective rate at the end", extrapolated(few, many),
        MARGIN_AT_END * predicted, predicted, N=2 * N,
    )  # fmt: skip


def _largest(run: Run, method: str, activation: str) -> Iterator[Check]:
    given: dict[str, Any] = {} if method == "sgd" else {"gamma": 1.0, "L": LENGTH}
    found = growth.largest_stable_rate(run, method, activation=activation, **given)
    formulas = import_module(f"bntheory.formulas.{activation}")
    predicted = float(getattr(formulas, f"{method}_eta_max")())
    derivation = derivations.derive("wn-range", ACTIVATIONS[activation])
    relation = derivation.comparisons[method == "sgd"].derived
    yield from judged(
        f"{WORDS[method]}, {activation} student",
        "largest stable effective learning rate",
        scaled(found, 1 / given.get("L", 1.0) ** 2),
        MARGIN * predicted,
        predicted,
        float(relation.rhs),
    )


def end(eta: float, R: float, L: float = 1.0) -> float:
    """Return T = L^2/eta where the path of a linear student reaches R = 1."""
    found = derivations.derive("wn-range")
    T = sp.Symbol("T", positive=True)
    constant = sp.lambdify((SYMBOLS["R"], T), found["constant"], ("scipy", "numpy"))
    start = constant(R, L**2 / eta)
    highest = 1 / float(found["wn_eta_max"])
    return float(brentq(lambda T: constant(1.0, T) - start, highest, 1e3))


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute in one thread: where steps are as small as here, others only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def trained(run: Run, eta: float, R: float, N: int, t: float = TIME) -> np.ndarray:
    """Return eta/L^2 of replicas after training, each a row of one layer of PyTorch."""
    generator = run.generator(f"wn-range {eta} {R} {N}")
    kind: dict[str, Any] = {"dtype": torch.float64, "device": run.device}
    layer = weight_norm(Linear(N, REPLICAS, bias=False, **kind))
    scale, v = layer.parametrizations.weight.original0, layer.parametrizations.weight.original1
    teacher = torch.zeros(N, **kind)
    teacher[0] = math.sqrt(N)
    with torch.no_grad():
        across = torch.randn((REPLICAS, N), generator=generator, **kind)
        across[:, 0] = 0
        across *= math.sqrt(N) / torch.linalg.vector_norm(across, dim=1, keepdim=True)
        v.copy_(R * teacher + math.sqrt(1 - R**2) * across)
        scale.fill_(math.sqrt(N)).requires_grad_(False)
    for _ in range(round(t * N)):
        x = torch.randn((REPLICAS, N), generator=generator, **kind) / math.sqrt(N)
        loss = (x @ teacher - (layer.weight * x).sum(1)).square().sum() / 2
        (gradient,) = torch.autograd.grad(loss, v)
        with torch.no_grad():
            v.sub_(gradient, alpha=eta)
    return np.asarray((eta / v.detach().square().mean(1)).cpu().numpy())
