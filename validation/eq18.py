"""The generalization error of linear and ReLU students (Eq. 18), on explicit weights.

The mean of (g*(w*.x) - g(w.x))^2 over fresh inputs, for linear and ReLU teachers.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from bntheory.formulas import generalization
from bntheory.simulation import Estimate, Run
from bntheory.verdict import Check
from validation.judging import judged

NEURONS, SAMPLES = 32, 2**20
MARGIN = 0.02  # relative

PAIRS = (
    ("linear", "linear", "error_linear", True),
    ("relu", "linear", "error_relu", True),
    ("linear", "relu", "error_linear_relu_teacher", False),
    ("relu", "relu", "error_relu_relu_teacher", False),
)


def validate(run: Run) -> Iterator[Check]:
    """Measure the error of each pair for two students."""
    N = run.size(NEURONS, lambda N: 2 * SAMPLES * N)
    for overlap, noise in ((0.5, 0.6), (1.2, 0.3)):
        generator = run.generator(f"eq18 {overlap}")

        def normal(*shape: int, generator: torch.Generator = generator) -> Tensor:
            return torch.randn(
                shape, generator=generator, dtype=torch.float64, device=run.device
            )

        w_star = normal(N)
        w_star *= N**0.5 / w_star.norm()
        w = overlap * w_star + noise * normal(N)
        gamma, R = float(w.norm() / N**0.5), float(w @ w_star / (w.norm() * N**0.5))
        x = normal(SAMPLES, N) / N**0.5
        u, v = x @ w, x @ w_star
        fields = {"linear": (u, v), "relu": (u.relu(), v.relu())}
        for student, teacher, name, printed in PAIRS:
            squares = (fields[teacher][1] - fields[student][0]).square()
            found = Estimate(float(squares.mean()), float(squares.std() / SAMPLES**0.5), SAMPLES)
            predicted = float(getattr(generalization, name)(gamma, R))
            yield from judged(
                f"{student} student of a {teacher} teacher, gamma = {gamma:.3f}, R = {R:.3f}",
                "generalization error",
                found,
                MARGIN * predicted,
                predicted,
                predicted if printed else None,
                N=N,
            )
