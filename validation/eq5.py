"""One step of SGD (Eq. 5): as printed, against autograd on the loss.

The step along the printed loss is twice the printed one; along half of the loss they are equal, up
to rounding.  What is measured is the length of the step, along the printed one.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
import torch

from bntheory import paper
from bntheory.notation import SYMBOLS, dot, norm
from bntheory.simulation import Run
from bntheory.simulation.functions import chosen, for_torch
from bntheory.verdict import Check
from validation.judging import exactly, judged

NEURONS, GAMMA, ETA, ZETA = 24, 0.8, 0.3, 0.2
MARGIN = 1e-9


def validate(run: Run) -> Iterator[Check]:
    """Measure the steps of w and gamma for ReLU and erf, on the printed loss and on half of it."""
    N = run.size(NEURONS, lambda N: 10 * N)
    for activation in ("relu", "erf"):
        generator = run.generator(f"eq5 {activation}")

        def normal(generator: torch.Generator = generator) -> torch.Tensor:
            return torch.randn(N, generator=generator, dtype=torch.float64, device=run.device)

        g, slope = for_torch(chosen(activation, None))
        w, w_star, x = normal(), normal(), normal() / N**0.5
        w_star *= N**0.5 / w_star.norm()
        if (w @ x) * (w_star @ x) < 0:  # both fields on the side where ReLU is not flat
            w = -w
        x = x * (w @ x).sign()
        w.requires_grad_()
        gamma = torch.tensor(GAMMA, dtype=torch.float64, device=run.device, requires_grad=True)
        u = N**0.5 * gamma * (w @ x) / w.norm()
        loss = (g(w_star @ x) - g(u)) ** 2 + ZETA * gamma**2
        steps = [-ETA * part for part in torch.autograd.grad(loss, (w, gamma))]
        delta = slope(u) * (g(w_star @ x) - g(u))
        printed = _printed(N, float(delta.detach()), w.detach(), x)
        for system, factor, share in (("the printed loss", 1.0, 2.0), ("half of it", 0.5, 1.0)):
            for name, step, print_ in zip(("w", "gamma"), steps, printed, strict=True):
                length = float((factor * step * print_).sum() / (print_ * print_).sum())
                yield from judged(
                    f"{activation} student, autograd on {system}",
                    f"step of {name}, over the printed one",
                    exactly(length), MARGIN, share, 1.0, N=N,
                )  # fmt: skip


def _printed(
    N: int, delta: float, w: torch.Tensor, x: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Evaluate both printed lines."""
    w_, x_ = SYMBOLS["w"], SYMBOLS["x"]
    length, overlap = float(w.norm()), float(w @ x)
    numbers = {
        dot(SYMBOLS["w_tilde"], x_): N**0.5 * GAMMA * overlap / length,
        dot(w_, x_): overlap,
        norm(w_): length,
        SYMBOLS["delta"]: delta,
        SYMBOLS["gamma"]: GAMMA,
        SYMBOLS["eta"]: ETA,
        SYMBOLS["zeta"]: ZETA,
        SYMBOLS["N"]: N,
    }
    by_w, by_gamma = (relation.rhs.subs(numbers) for relation in paper.find("eq5").printed)
    by_w = sp.expand(by_w)
    step = float(by_w.coeff(x_)) * x + float(by_w.coeff(w_)) * w
    return step, torch.tensor(float(by_gamma), dtype=torch.float64)
