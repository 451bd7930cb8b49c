"""Population normalization as weight normalization (Eq. 4): the scale of w.x/|w|.

``torch.nn.BatchNorm1d`` with momentum None averages its statistics over all batches; in evaluation
mode it is population normalization.  Its slope in w.x/|w| is measured, for inputs of covariance
a I and for correlated ones.  Halves of the data give the standard error.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
import torch
from torch import Tensor, nn

import derivations
from bntheory.notation import SYMBOLS
from bntheory.simulation import Run
from bntheory.verdict import Check, judge

NEURONS, GAMMA, A = 32, 1.3, 2.5
SAMPLES, PARTS = 2**17, 16
MARGIN = 0.01  # relative


def validate(run: Run) -> Iterator[Check]:
    """Measure the scale upsilon for both covariances."""
    N = run.size(NEURONS, lambda N: (2 * SAMPLES + 3 * N) * N)
    generator = run.generator("eq4")

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=run.device, dtype=torch.float64)

    w, mean = normal(2, N)
    root = normal(N, N) / N**0.5 + torch.eye(N, device=run.device)
    covariance = root @ root.T
    results = derivations.derive("eq4").results
    numbers = {
        SYMBOLS["gamma"]: GAMMA,
        SYMBOLS["input_variance"]: A,
        SYMBOLS["norm"](SYMBOLS["w"]): float(w.norm()),
        SYMBOLS["dot"](SYMBOLS["w"], SYMBOLS["C_w"]): float(w @ covariance @ w),
    }
    for system, result, factor in (
        (f"Cov(x) = {A:g} I", "upsilon", A**0.5 * torch.eye(N, device=run.device)),
        ("correlated inputs", "general_upsilon", root),
    ):
        predicted = float(sp.sympify(results[result]).subs(numbers))
        slopes = torch.tensor(
            [
                _slope(w, mean + normal(SAMPLES, N) @ factor.T.to(w))
                for _ in range(PARTS)
            ]
        )
        yield judge(
            f"BatchNorm1d in evaluation mode, {system}",
            "scale of w.x/|w|",
            predicted,
            float(slopes.mean()),
            float(slopes.std() / PARTS**0.5),
            MARGIN * predicted,
            N=N,
            samples=SAMPLES * PARTS,
        )


@torch.no_grad()
def _slope(w: Tensor, x: Tensor) -> float:
    """Return the slope of population normalization in w.x/|w|, its statistics from x."""
    layer = nn.BatchNorm1d(1, eps=1e-30, momentum=None).to(x)
    layer.weight.fill_(GAMMA)
    h = x @ w
    for batch in h.split(2**12):
        layer(batch[:, None])
    layer.eval()
    ends = layer((w.norm() * torch.tensor([[0.0], [1.0]])).to(x))
    return float(ends[1] - ends[0])
