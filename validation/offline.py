"""Averages over teachers and samples, at several sizes: what the files here share.

What a finite N changes is of order 1/N.  Each quantity is measured at two sizes, and extrapolated
linearly in 1/N.  Linear students are solved for many teachers with the same inputs at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bntheory.simulation import Estimate, Run
from bntheory.simulation.teacher import Samples, draw

#: Sizes, and how many sets of inputs there are at each.
SIZES = ((50, 96), (100, 48))
TEACHERS = 32

Sizes = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Inputs:
    """One set of inputs, and the teachers that label it.

    ``x`` has the shape (P, N), ``w_star`` (N, teachers), and ``y`` (P, teachers).
    """

    x: Tensor
    w_star: Tensor
    y: Tensor

    def error(self, w: Tensor) -> Tensor:
        """Return the mean over teachers of |w - w*|^2/N, the error of linear students."""
        return (w - self.w_star).square().mean()

    def ridge(self, ridge: float) -> Tensor:
        """Solve (X^T X + ridge I) w = X^T y; of least norm for no ridge."""
        if not ridge:
            return torch.linalg.pinv(self.x) @ self.y
        square = self.x.T @ self.x
        square.diagonal().add_(ridge)
        return torch.linalg.solve(square, self.x.T @ self.y)


def inputs(run: Run, name: str, N: int, alpha: float, S: float) -> Inputs:
    """Draw one set of inputs with several teachers."""
    generator, P = run.generator(name), round(alpha * N)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64, device=run.device)

    x, w_star = normal(P, N) / N**0.5, normal(N, TEACHERS)
    w_star *= N**0.5 / w_star.norm(dim=0)
    return Inputs(x, w_star, x @ w_star + S**0.5 * normal(P, TEACHERS))


def linear_students(
    run: Run,
    name: str,
    alpha: float,
    S: float,
    measure: Callable[[Inputs], list[Tensor]],
    sizes: Sizes = SIZES,
) -> tuple[Estimate, ...]:
    """Measure values on sets of inputs of two sizes, and take them to 1/N -> 0."""

    def table(N: int, count: int) -> Tensor:
        rows = [measure(inputs(run, f"{name} {N} {k}", N, alpha, S)) for k in range(count)]
        return torch.stack([torch.stack(row) for row in rows])

    return _extrapolated(_chosen(run, sizes, lambda N, _: 4 * (alpha + 1) * N * N), table)


def replicas(
    run: Run,
    name: str,
    alpha: float,
    S: float,
    measure: Callable[[Samples], Tensor],
    sizes: Sizes,
) -> tuple[Estimate, ...]:
    """Measure columns of values on replicas of two sizes, and take them to 1/N -> 0.

    ``measure`` takes samples to a table of shape (replicas, columns); rows with nan are left out.
    """

    def table(N: int, count: int) -> Tensor:
        samples = draw(run, f"{name} {N}", N=N, alpha=alpha, S=S, replicas=count)
        rows = measure(samples).double()
        return rows[rows.isfinite().all(dim=1)]

    return _extrapolated(_chosen(run, sizes, lambda N, count: 3 * count * alpha * N * N), table)


def _chosen(run: Run, sizes: Sizes, numbers: Callable[[int, int], float]) -> Sizes:
    """Return the sizes to measure: one that is asked for, if there is memory for it, alone."""
    largest, count = sizes[-1]
    N = run.size(largest, lambda size: numbers(size, count))
    return sizes if run.neurons is None else ((N, count),)


def _extrapolated(sizes: Sizes, table: Callable[[int, int], Tensor]) -> tuple[Estimate, ...]:
    """Extrapolate linearly in 1/N; one size, such as is asked for, is measured alone."""
    tables = [table(N, count) for N, count in sizes]
    values = np.array([each.mean(0).tolist() for each in tables])
    errors = np.array([(each.std(0) / len(each) ** 0.5).tolist() for each in tables])
    weights = np.ones(1)
    if len(sizes) == 2:
        (small, _), (large, _) = sizes
        weights = np.array([-small, large]) / (large - small)
    samples = sum(map(len, tables))
    return tuple(
        Estimate(float(value), float(error), samples)
        for value, error in zip(weights @ values, np.sqrt(weights**2 @ errors**2), strict=True)
    )


def label_controls(samples: Samples, S: float) -> Tensor:
    """Return sums over labels of either sign, over N, less their means: shape (replicas, 5)."""
    N, y = samples.x.shape[2], samples.y
    v = (samples.x @ samples.w_star[..., None])[..., 0]
    above = (y > 0).double()
    terms = (
        (above, 0.5),
        (above * y**2, (1 + S) / 2),
        (above * y * v, 0.5),
        (above * v**2, 0.5),
        ((1 - above) * y**2, (1 + S) / 2),
    )
    return torch.stack([(term - mean).sum(1) / N for term, mean in terms], dim=1)


def less_controls(values: Tensor, controls: Tensor) -> Tensor:
    """Take off each half of the rows what the slopes of the other half foretell."""
    left = values.clone()
    halves = (torch.arange(len(values)) % 2).bool()
    for here, there in ((halves, ~halves), (~halves, halves)):
        table = torch.cat([torch.ones_like(controls[there, :1]), controls[there]], dim=1)
        slopes = torch.linalg.lstsq(table, values[there]).solution[1:]
        left[here] -= controls[here] @ slopes
    return left
