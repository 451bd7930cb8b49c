"""I1, I2 and I3 as averages over inputs (Eqs. 13-15).

An input enters through its components along the weights and its squared length.  They are drawn as
:mod:`bntheory.simulation.order_parameters` does; the derived values are the generated formulas, the
printed ones the paper's.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Literal

import numpy as np
import torch

from bntheory import paper
from bntheory.notation import SYMBOLS
from bntheory.simulation import Estimate, Run
from bntheory.simulation.functions import chosen, for_torch
from bntheory.verdict import Check
from validation.judging import judged, named

NEURONS, SAMPLES, CHUNK = 10**6, 2**23, 2**20
#: Relative, and the size from which on it is absolute.
MARGIN, SMALL = 0.01, 0.2
Name = Literal["relu", "linear", "leaky_relu", "erf"]
#: Activation functions, the slope of leaky ReLU, and (gamma, R).
ACTIVATIONS: tuple[Name, ...] = ("relu", "linear", "leaky_relu", "erf")
SLOPE = 0.3
PLACES = ((0.7, 0.3), (1.3, 0.85), (0.9, -0.5))


def each(run: Run, id: str) -> Iterator[Check]:
    """Measure the integral of a statement at each place."""
    for activation in ACTIVATIONS:
        for gamma, R in PLACES:
            system = f"{activation} student, gamma = {gamma:g}, R = {R:g}"
            yield from named(system, at(run, id, activation, gamma, R))


def at(run: Run, id: str, activation: Name, gamma: float, R: float) -> Iterator[Check]:
    """Measure the integral of a statement at one place."""
    printed = paper.find(id).printed[0]
    name = printed.lhs.func.__name__
    formula = getattr(import_module(f"bntheory.formulas.{activation}"), name)
    slope = SLOPE if activation == "leaky_relu" else None
    found = _average(run, name, (activation, slope), gamma, R)
    derived = float(formula(gamma, R, *(() if slope is None else (slope,))))
    values = {SYMBOLS["gamma"]: gamma, SYMBOLS["R"]: R}
    yield from judged(
        "student of one neuron",
        name,
        found,
        MARGIN * max(abs(derived), SMALL),
        derived,
        float(printed.rhs.subs(values)) if activation == "relu" else None,
        N=run.neurons or NEURONS,
    )


def _average(run: Run, name: str, activation: tuple[str, Any], gamma: float, R: float) -> Estimate:
    """Return the average of delta u, delta^2 x.x or delta v."""
    N = run.neurons or NEURONS
    g, slope = for_torch(chosen(*activation))
    rng = np.random.default_rng(run.generator(f"{name} {activation} {R}").initial_seed())
    averages, squares = [], []
    chunk = min(CHUNK, SAMPLES)
    for _ in range(SAMPLES // chunk):
        a, b = torch.from_numpy(rng.standard_normal((2, chunk))).to(run.device)
        u, v = gamma * a, R * a + (1 - R * R) ** 0.5 * b
        delta = slope(u) * (g(v) - g(u))
        if name == "I2":
            rest = torch.from_numpy(rng.chisquare(N - 2, chunk)).to(run.device)
            values = delta**2 * (a**2 + b**2 + rest) / N
        else:
            values = delta * (u if name == "I1" else v)
        averages.append(float(values.mean()))
        squares.append(float(values.square().mean()))
    average = float(np.mean(averages))
    deviation = (np.mean(squares) - average**2) ** 0.5
    return Estimate(average, float(deviation / SAMPLES**0.5), SAMPLES)
