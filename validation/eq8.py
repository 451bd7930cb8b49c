"""One step of gamma^2, RL and L^2 at finite N (Eq. 8).

Networks with explicit weights and inputs make one step of SGD by automatic differentiation, gamma
with the learning rate eta/N.  The prediction is the formula at the fields of the same inputs, so
that the average difference has next to no noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp
import torch
from torch import Tensor

import derivations
from bntheory import paper
from bntheory.notation import SYMBOLS, dot
from bntheory.simulation import Estimate, Run
from bntheory.simulation.functions import chosen, for_torch
from bntheory.verdict import Check
from validation.judging import average, described, judged

NEURONS, REPLICAS = 40, 20_000
MARGIN = 1e-6  # relative
PLACES = (
    {"gamma": 0.7, "R": 0.3, "L": 1.2, "eta": 0.5, "zeta": 0.2},
    {"gamma": 1.2, "R": -0.6, "L": 0.8, "eta": 1.0, "zeta": 0.0},
)
NAMES = ("Delta_gamma2", "Delta_RL", "Delta_L2")
FIELDS = (SYMBOLS["delta"], SYMBOLS["u"], SYMBOLS["v"], sp.Symbol("square"))


def validate(run: Run) -> Iterator[Check]:
    """Measure the average step for ReLU and erf at two places."""
    N = run.size(NEURONS, lambda N: 10 * REPLICAS * N)
    forms = {
        "derived": derivations.derive("eq8").results,
        "printed": {str(line.lhs): line.rhs for line in paper.find("eq8").printed},
    }
    for activation in ("relu", "erf"):
        for place in PLACES:
            steps, fields = _one_step(run, activation, N, place)
            for name, step in zip(NAMES, steps, strict=True):
                for form, lines in forms.items():
                    expected = _evaluated(lines[name], fields, {**place, "N": N})
                    off = average((step - expected).numpy())
                    mean = float(expected.mean())
                    yield from judged(
                        f"{activation} student, {described(place)}",
                        name,
                        Estimate(mean + off.value, off.standard_error, REPLICAS),
                        MARGIN * abs(mean),
                        N=N,
                        **{form: mean},
                    )


def _one_step(
    run: Run, activation: str, N: int, place: dict[str, float]
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Return the steps of gamma^2, RL and L^2, and delta, u, v and x.x, one for each replica."""
    g, slope = for_torch(chosen(activation, None))
    generator = run.generator(f"eq8 {activation} {place}")
    kind: dict[str, Any] = {"dtype": torch.float64, "device": run.device}

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, **kind)

    def of_length(vector: Tensor, length: float) -> Tensor:
        return vector * (length / torch.linalg.vector_norm(vector, dim=-1, keepdim=True))

    R, L, eta = place["R"], place["L"], place["eta"]
    w_star = of_length(normal(N), N**0.5)
    aside = normal(REPLICAS, N)
    aside = of_length(aside - (aside @ w_star)[:, None] / N * w_star, N**0.5)
    w = (L * (R * w_star + (1 - R * R) ** 0.5 * aside)).requires_grad_()
    gamma = torch.full((REPLICAS,), place["gamma"], **kind).requires_grad_()
    x = normal(REPLICAS, N) / N**0.5

    u = N**0.5 * gamma * (w * x).sum(1) / torch.linalg.vector_norm(w, dim=1)
    v = x @ w_star
    loss = (g(v) - g(u)) ** 2 / 2 + place["zeta"] * gamma**2 / 2
    of_w, of_gamma = torch.autograd.grad(loss.sum(), (w, gamma))
    with torch.no_grad():
        moved, scale = w - eta * of_w, gamma - eta / N * of_gamma
        before, after = (
            (s**2, y @ w_star / N, (y * y).sum(1) / N) for s, y in ((gamma, w), (scale, moved))
        )
        steps = tuple((b - a).cpu() for a, b in zip(before, after, strict=True))
        delta = slope(u) * (g(v) - g(u))
        return steps, tuple(field.detach().cpu() for field in (delta, u, v, (x * x).sum(1)))


def _evaluated(step: sp.Expr, fields: tuple[Tensor, ...], values: dict[str, float]) -> Tensor:
    """Put in numbers, and the fields of each replica."""
    numbers = {SYMBOLS[name]: value for name, value in values.items()}
    squared = step.xreplace({dot(SYMBOLS["x"], SYMBOLS["x"]): FIELDS[3]}).subs(numbers)
    found: Tensor = sp.lambdify(FIELDS, squared, "numpy")(*fields)
    return found
