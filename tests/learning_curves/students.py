"""Students of finite N, trained exactly or as well as can be; nothing here is from the toolkit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy.optimize import linprog, nnls

Array = Any


@dataclass(frozen=True)
class Samples:
    """P samples x ~ N(0, I/N) with labels w*.x + s, |w*|^2 = N."""

    X: Array
    teacher: Array
    y: Array

    @classmethod
    def draw(cls, N: int, alpha: float, S: float, seed: list[int]) -> Samples:
        rng = np.random.default_rng([N, *seed])
        teacher = rng.standard_normal(N)
        teacher *= np.sqrt(N) / np.linalg.norm(teacher)
        X = rng.standard_normal((round(alpha * N), N)) / np.sqrt(N)
        return cls(X, teacher, X @ teacher + np.sqrt(S) * rng.standard_normal(len(X)))

    def first(self, count: int) -> Samples:
        return Samples(self.X[:count], self.teacher, self.y[:count])

    @cached_property
    def tensor(self) -> torch.Tensor:
        return torch.from_numpy(self.X)

    @property
    def of_the_shortest(self) -> tuple[float, float]:
        """gamma^2 and gamma R of the shortest student."""
        w, N = shortest(self), len(self.teacher)
        return float(w @ w / N), float(w @ self.teacher / N)


def shortest(samples: Samples) -> Array | None:
    """Return the shortest w with X w = y for labels y > 0, and X w <= 0 for the others, if any.

    The equations leave a null space, in which the rest is the least-distance problem of Lawson and
    Hanson (1974), Ch. 23: by non-negative least squares, whose residual is 0 if there is none.
    """
    above = samples.y > 0
    equations, signs = samples.tensor[above], samples.X[~above]
    rank, N = equations.shape
    if rank >= N:
        return None
    q, r = torch.linalg.qr(equations.T, mode="complete")
    fit = torch.linalg.solve_triangular(
        r[:rank].T, torch.from_numpy(samples.y[above])[:, None], upper=False
    )
    start, null = (q[:, :rank] @ fit)[:, 0].numpy(), q[:, rank:].numpy()
    stacked = np.vstack([-(signs @ null).T, signs @ start])  # -signs null z >= signs start
    target = np.zeros(len(stacked))
    target[-1] = 1.0
    multipliers, rest = nnls(stacked, target)
    if rest < 1e-9:
        return None
    residual = stacked @ multipliers - target
    return start + null @ (-residual[:-1] / residual[-1])


def can_fit(samples: Samples) -> bool:
    """Return whether there is a w as above, by linear programming."""
    above = samples.y > 0
    found = linprog(
        np.zeros(samples.X.shape[1]),
        A_ub=samples.X[~above],
        b_ub=np.zeros((~above).sum()),
        A_eq=samples.X[above],
        b_eq=samples.y[above],
        bounds=(None, None),
        method="highs",
    )
    assert found.status in (0, 2), found.message
    return bool(found.status == 0)


@dataclass(frozen=True)
class Many:
    """Many sets of samples at once, the first axis."""

    X: torch.Tensor
    teacher: torch.Tensor
    y: torch.Tensor

    @classmethod
    def draw(cls, N: int, alpha: float, S: float, count: int, seed: int = 0) -> Many:
        rng = torch.Generator().manual_seed(seed)
        X = normal(rng, count, round(alpha * N), N) / N**0.5
        teacher = normal(rng, count, N, 1)
        teacher *= N**0.5 / teacher.norm(dim=1, keepdim=True)
        return cls(X, teacher, X @ teacher + S**0.5 * normal(rng, count, X.shape[1], 1))

    def energy(self, w: torch.Tensor, ridge: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Return half of the squared errors and of ridge |w|^2, and the slope, for each column."""
        field = self.X @ w
        rest = field.clip(min=0.0) - self.y
        value = ((rest**2).sum(1) + ridge * (w**2).sum(1)) / 2
        return value, self.X.mT @ (rest * (field > 0)) + ridge * w

    def best_found(self, ridge: float, steps: int = 600) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the least energies found, and the students.

        By descent with momentum from the teacher, from near zero and from a random student.
        """
        random = normal(torch.Generator().manual_seed(1), *self.teacher.shape)
        w = torch.cat([self.teacher, 1e-3 * self.teacher, random], 2)
        speed = torch.zeros_like(w)
        for _ in range(steps):
            _, slope = self.energy(w, ridge)
            speed = 0.9 * speed - 0.2 * slope
            w = w + speed
        value, _ = self.energy(w, ridge)
        best = value.argmin(1)[:, None, None].expand(-1, w.shape[1], 1)
        return value.min(1).values, w.gather(2, best)


def normal(rng: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=rng, dtype=torch.float64)


@dataclass(frozen=True)
class Draws:
    """Of gamma^2, gamma R, q^2 and the training error: means over sets of samples, and errors."""

    mean: Array
    error: Array


def drawn(
    samples: Many, beta: float, ridge: float = 0.0, q: float | None = None, sweeps: int = 80
) -> Draws:
    """Draw two students for each set of samples from exp(-beta energy), at the length q if given.

    Hamiltonian Monte Carlo, with rotations for motion on the sphere; the first half of the sweeps
    is left out.  Two students of the same samples have the overlap gamma^2.
    """
    rng, (count, N, _) = torch.Generator().manual_seed(2), samples.teacher.shape
    step, radius = 0.22 / (beta * (1 + ridge)) ** 0.5, 0.0 if q is None else q * N**0.5

    def tangent(w: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
        return p - w * (w * p).sum(1, keepdim=True) / radius**2 if radius else p

    def move(w: torch.Tensor, p: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if not radius:
            return w + step * p, p
        turn = p.norm(dim=1, keepdim=True) / radius
        cos, sin = (step * turn).cos(), (step * turn).sin()
        return w * cos + p / turn * sin, p * cos - w * turn * sin

    w = normal(rng, count, N, 2)
    w = w * radius / w.norm(dim=1, keepdim=True) if radius else 0.3 * w
    kept, accepted = [], []
    value, slope = (beta * part for part in samples.energy(w, ridge))
    for sweep in range(sweeps):
        p = tangent(w, normal(rng, count, N, 2))
        start, before = (w, value, slope), value + (p**2).sum(1) / 2
        for _ in range(int(torch.randint(4, 13, (1,), generator=rng))):
            w, p = move(w, tangent(w, p - step / 2 * slope))
            value, slope = (beta * part for part in samples.energy(w, ridge))
            p = tangent(w, p - step / 2 * slope)
        rise = value + (p**2).sum(1) / 2 - before
        taken = torch.rand(rise.shape, generator=rng, dtype=torch.float64) < (-rise).exp()
        w = torch.where(taken[:, None], w, start[0])
        value = torch.where(taken, value, start[1])
        slope = torch.where(taken[:, None], slope, start[2])
        if sweep >= sweeps // 2:
            errors = ((samples.X @ w).clip(min=0.0) - samples.y) ** 2
            overlap = (w * samples.teacher).mean((1, 2))
            parts = (w.prod(2).mean(1), overlap, (w**2).mean((1, 2)), errors.mean((1, 2)))
            kept.append(torch.stack(parts, 1))
            accepted.append(float(taken.double().mean()))
    assert np.mean(accepted) > 0.5, "too few of the moves are accepted"
    rows = torch.stack(kept).mean(0)
    return Draws(rows.mean(0).numpy(), (rows.std(0) / count**0.5).numpy())
