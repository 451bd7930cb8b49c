"""The curvature of a ReLU neuron (App. C.2): softplus, its sigmoid, and ReLU itself.

The slope of the neuron's output in h_hat is taken by autograd, averaged over h_bar, and compared
with the average of the sigmoid.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from scipy.special import expit, ndtr
from torch import nn

from bntheory.gap import Gap, widest
from bntheory.simulation import LAWS, Estimate, Run
from bntheory.verdict import Check
from validation.judging import judged

SAMPLES = 2**22
MARGIN = 0.01
GAMMA, BETA = 2.0, 0.5


def validate(run: Run) -> Iterator[Check]:
    """Measure the mean slope of softplus, and of ReLU, against the mean sigmoid."""
    for name in ("gaussian", "exponential", "mixture"):
        law = LAWS[name]
        generator = run.generator(f"c2 {name}")
        z = (law.sample(generator, (SAMPLES,)) - law.mean) / law.std
        predicted = law.average(lambda z: expit(GAMMA * z + BETA))
        for module in (nn.Softplus(), nn.ReLU()):
            h = (GAMMA * z + BETA).requires_grad_()
            (slope,) = torch.autograd.grad(module(h).sum(), h)
            found = Estimate(float(slope.mean()), float(slope.std() / SAMPLES**0.5), SAMPLES)
            yield from judged(
                f"{type(module).__name__} on {name} h, gamma = {GAMMA:g}, beta = {BETA:g}",
                "mean curvature of A",
                found,
                MARGIN,
                derived=predicted if isinstance(module, nn.Softplus) else None,
                printed=predicted,
            )


def over_range() -> Iterator[Gap]:
    """Compare the mean sigmoid with the mean slope of ReLU itself, for Gaussian h."""
    law = LAWS["gaussian"]
    yield widest(
        "mean slope of a ReLU neuron, gaussian h",
        lambda gamma, beta: law.average(lambda z: expit(gamma * z + beta)),
        lambda gamma, beta: float(ndtr(beta / gamma)),
        gamma=(0.5, 1.0, 2.0),
        beta=(-1.0, -0.5, 0.0, 0.5, 1.0),
    )
