"""The generalization error by the order parameters (Eqs. 16-17), for other activations, too.

The integral over two standard Gaussians, by quadrature, against the mean of (g*(w*.x) - g(w.x))^2
over fresh inputs for explicit weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from bntheory.simulation import Estimate, Run
from bntheory.verdict import Check
from validation.judging import judged

NEURONS, SAMPLES = 32, 2**19
MARGIN = 0.02  # relative

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "softplus": torch.nn.functional.softplus,
}


def validate(run: Run) -> Iterator[Check]:
    """Measure the error of one student for each pair of activations."""
    N = run.size(NEURONS, lambda N: 2 * SAMPLES * N)
    generator = run.generator("eq16")

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64, device=run.device)

    w_star = normal(N)
    w_star *= N**0.5 / w_star.norm()
    w = 0.5 * w_star + 0.6 * normal(N)
    gamma, R = float(w.norm() / N**0.5), float(w @ w_star / (w.norm() * N**0.5))
    x = normal(SAMPLES, N) / N**0.5
    u, v = x @ w, x @ w_star
    for student, g in ACTIVATIONS.items():
        for teacher, g_star in ACTIVATIONS.items():
            squares = (g_star(v) - g(u)).square()
            found = Estimate(
                float(squares.mean()), float(squares.std() / SAMPLES**0.5), SAMPLES
            )
            predicted = _integral(g, g_star, gamma, R)
            yield from judged(
                f"{student} student of a {teacher} teacher, explicit weights",
                "generalization error",
                found,
                MARGIN * predicted,
                predicted,
                predicted,
                N=N,
            )


def _integral(
    g: Callable[[Tensor], Tensor], g_star: Callable[[Tensor], Tensor], gamma: float, R: float
) -> float:
    """Evaluate Eq. (17) in polar coordinates, between the rays where h1 or the field is 0."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    theta = np.arccos(R)
    rays = sorted(float(t) for t in (-np.pi / 2, np.pi / 2, theta - np.pi / 2, theta + np.pi / 2))
    ends = [*rays, rays[0] + 2 * np.pi]
    r = 6.0 * (nodes + 1)
    along = 6.0 * weights * r * np.exp(-(r**2) / 2) / (2 * np.pi)
    total = 0.0
    for low, high in zip(ends, ends[1:], strict=False):
        t = low + (high - low) * (nodes[:, None] + 1) / 2
        h1, h2 = (torch.as_tensor(r * f(t)) for f in (np.cos, np.sin))
        field = gamma * R * h1 + gamma * (1 - R**2) ** 0.5 * h2
        heights = (g_star(h1) - g(field)).square().numpy()
        total += (high - low) / 2 * float(weights @ heights @ along)
    return total
