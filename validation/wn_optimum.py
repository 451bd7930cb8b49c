"""The best ridge and the best decay of a linear student (Sec. 4.1, Fig. 1a).

For each set of inputs the error, averaged over its teachers, is minimized over the ridge.  Divided
by alpha that is the best decay of the loss as written, printed as S and derived as S/alpha.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

import derivations
from bntheory.gap import PAPER_LOADS, Gap, widest
from bntheory.notation import SYMBOLS
from bntheory.simulation import Estimate, Run
from bntheory.verdict import Check
from validation.judging import judged
from validation.offline import Inputs, linear_students

LOADS = (0.5, 1.0, 2.0)
NOISE = 0.25
MARGIN = 0.06  # relative
SIZES = ((100, 192),)


def validate(run: Run) -> Iterator[Check]:
    """Measure where the error is least."""
    results = derivations.derive("wn-optimum").results
    for alpha in LOADS:
        numbers = {SYMBOLS["S"]: NOISE, SYMBOLS["alpha"]: alpha}
        ridge, zeta = (float(results[name].subs(numbers)) for name in ("best_ridge", "best_decay"))
        (best,) = linear_students(run, f"wn-optimum {alpha}", alpha, NOISE, _best, SIZES)
        system = f"linear student, alpha = {alpha:g}, S = {NOISE:g}"
        yield from judged(
            system, "best ridge beside X^T X", best, MARGIN * ridge, ridge, NOISE, alpha=alpha
        )
        decay = Estimate(best.value / alpha, best.standard_error / alpha, best.samples)
        yield from judged(
            system, "best decay in the loss as written", decay, MARGIN * zeta, zeta, NOISE,
            alpha=alpha,
        )


def over_range() -> Iterator[Gap]:
    """Compare S with the best decay of the loss as written, S/alpha."""
    decay = derivations.derive("wn-optimum")["best_decay"]
    yield widest(
        f"best decay in the loss as written, S = {NOISE:g}",
        lambda alpha: NOISE,
        lambda alpha: float(decay.subs({SYMBOLS["S"]: NOISE, SYMBOLS["alpha"]: alpha})),
        alpha=PAPER_LOADS,
    )


def _best(inputs: Inputs) -> list[Tensor]:
    """Minimize over the ridge, on a grid of a percent and a parabola through its best points."""
    left, roots, right = torch.linalg.svd(inputs.x, full_matrices=False)
    signal, label = right @ inputs.w_star, left.T @ inputs.y
    outside = inputs.w_star.square().sum() - signal.square().sum()
    grid = NOISE * torch.exp(torch.linspace(-1.5, 1.5, 301, dtype=torch.float64))
    kept = roots / (roots**2 + grid[:, None])
    errors = (kept[:, :, None] * label - signal).square().sum((1, 2)) + outside
    k = int(errors[1:-1].argmin()) + 1
    before, at, after = errors[k - 1 : k + 2]
    shift = (before - after) / (2 * (before - 2 * at + after))
    return [grid[k] * torch.exp(0.01 * shift)]
