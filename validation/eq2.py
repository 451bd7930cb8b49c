"""The loss with weight decay (Eq. 2): its gradient, against a step of ``torch.optim.SGD``.

The printed loss is differentiated by autograd, for classes with the cross entropy as minus the
logarithm of the likelihood.  PyTorch's weight decay is 2 zeta.  Equal up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
import torch
from torch import nn

from bntheory import paper
from bntheory.notation import SYMBOLS, norm, read
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation.judging import judged, worst

NEURONS, CLASSES, SAMPLES, ETA = 20, 5, 64, 0.1
DECAYS = (0.0, 0.05, 0.5)
MARGIN = 1e-9


def validate(run: Run) -> Iterator[Check]:
    """Measure how far a step along the printed loss is from the optimizer's."""
    generator = run.generator("eq2")
    zeta, fit, square = SYMBOLS["zeta"], sp.Symbol("fit"), sp.Symbol("square")
    (relation,) = paper.find("eq2").printed
    named = {read("average(log(p(y, h_hat)))"): fit, norm(SYMBOLS["parameters"]) ** 2: square}
    printed = relation.rhs.subs(named)
    function = sp.lambdify((zeta, fit, square), printed)
    for decay in DECAYS:
        N = run.size(NEURONS, lambda N: 2 * (SAMPLES + 5 * CLASSES) * N)
        model = nn.Linear(N, CLASSES, device=run.device, dtype=torch.float64)
        with torch.no_grad():
            for part in model.parameters():
                part.copy_(torch.randn(part.shape, generator=generator, dtype=torch.float64))
        x = torch.randn((SAMPLES, N), generator=generator, device=run.device, dtype=torch.float64)
        y = torch.randint(CLASSES, (SAMPLES,), generator=generator, device=run.device)
        parts = list(model.parameters())
        logs = torch.log_softmax(model(x), 1)[torch.arange(SAMPLES), y].mean()
        loss = function(decay, logs, sum(part.square().sum() for part in parts))
        slopes = torch.autograd.grad(loss, parts)
        expected = [part.detach() - ETA * slope for part, slope in zip(parts, slopes, strict=True)]
        optimizer = torch.optim.SGD(parts, lr=ETA, weight_decay=2 * decay)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        off = torch.cat([(a - b).detach().flatten() for a, b in zip(parts, expected, strict=True)])
        yield from judged(
            f"torch.optim.SGD, zeta = {decay:g}, the worst of all parameters",
            "a step less the printed one", worst(off), MARGIN, 0.0, 0.0,
        )  # fmt: skip
