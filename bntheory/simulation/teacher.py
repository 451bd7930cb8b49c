"""A noisy linear teacher: samples of it, and how far a student is from it.

The inputs are x ~ N(0, I/N), and the teacher's output is y* = w*.x + s, with s ~ N(0, S) and
|w*|^2 = N exactly.  P = alpha N samples are drawn once and kept (Luo et al. 2019, Section 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from bntheory.simulation.arguments import inside, one_of, whole_number
from bntheory.simulation.run import Run

#: The activation functions of a student: the identity, and max(., 0).
STUDENTS = ("linear", "relu")


@dataclass(frozen=True, eq=False)
class Samples:
    """The training samples of many replicas, each with a teacher of its own.

    Attributes
    ----------
    x : Tensor, shape (replicas, P, N)
        Inputs, of variance 1/N.
    y : Tensor, shape (replicas, P)
        The teacher's noisy outputs.
    w_star : Tensor, shape (replicas, N)
        The teachers' weights.
    first : int
        The number of the first replica: which random numbers replicas get goes by their number.
    """

    x: Tensor
    y: Tensor
    w_star: Tensor
    first: int = 0

    @property
    def replicas(self) -> range:
        """The numbers of the replicas."""
        return range(self.first, self.first + len(self.x))

    def part(self, start: int, stop: int) -> Samples:
        """Return some of the replicas, without a copy."""
        few = slice(start, stop)
        return Samples(self.x[few], self.y[few], self.w_star[few], self.first + start)


def draw(
    run: Run,
    name: str,
    *,
    N: int,
    alpha: float,
    S: float,
    replicas: int = 1,
    first: int = 0,
    dtype: torch.dtype = torch.float64,
) -> Samples:
    """Draw teachers and samples of them.

    Parameters
    ----------
    run : Run
        The seed and the device.
    name : str
        Replica k draws from the generator ``run.generator(f"{name} samples {k}")``, whatever the
        other ones are.
    N : int
        Inputs.
    alpha : float
        The load; there are P = round(alpha N) samples.
    S : float
        The variance of the noise on the teacher's output.
    replicas : int
        How many.
    first : int
        The number of the first replica, so that many can be drawn in parts.
    dtype : torch.dtype
        Double precision unless told.

    Returns
    -------
    Samples

    Raises
    ------
    ValueError
        If an argument is outside its domain, or alpha N rounds to no sample.
    """
    N = whole_number("N", N, 1)
    P = round(inside("alpha", alpha, 0, ends="()") * N)
    if not P:
        raise ValueError(f"alpha = {alpha:g} gives no sample at N = {N}; 1/N <= alpha would")
    noise = math.sqrt(inside("S", S, 0))
    replicas, first = whole_number("replicas", replicas, 1), whole_number("first", first, 0)
    x = torch.empty((replicas, P, N), dtype=dtype, device=run.device)
    s = torch.empty((replicas, P), dtype=dtype, device=run.device)
    w_star = torch.empty((replicas, N), dtype=dtype, device=run.device)
    for k in range(replicas):
        generator = run.generator(f"{name} samples {first + k}")
        w_star[k].normal_(generator=generator)
        s[k].normal_(generator=generator)
        x[k].normal_(std=1 / math.sqrt(N), generator=generator)
    w_star *= math.sqrt(N) / torch.linalg.vector_norm(w_star, dim=1, keepdim=True)
    return Samples(x, _outputs(x, w_star).add_(s, alpha=noise), w_star, first)


def _outputs(x: Tensor, w: Tensor) -> Tensor:
    """Return w.x for all samples, in shape (replicas, P)."""
    # products with a row are several times as fast as those with a column
    return torch.bmm(w[:, None], x.mT)[:, 0]


def error(weights: Tensor, samples: Samples, student: str, shift: Tensor | None = None) -> Tensor:
    """Return the generalization error, the average of (w*.x - g(w.x + b))^2 over fresh x.

    It is exact given the weights.  The teacher's noise is left out, as in the paper.

    Parameters
    ----------
    weights : Tensor, shape (replicas, N)
        The student's effective weights w.
    samples : Samples
        Of them the teachers' weights count.
    student : {"linear", "relu"}
        The activation function g.
    shift : Tensor, shape (replicas,), optional
        The shift b; zero unless given.

    Returns
    -------
    Tensor, shape (replicas,)

    Raises
    ------
    ValueError
        If there is no such student, or the weights are not those of these replicas.

    Notes
    -----
    Luo et al. 2019, Eqs. (16)-(18), with a shift.
    """
    one_of("student", student, STUDENTS, "students")
    if weights.shape != samples.w_star.shape:
        expected = tuple(samples.w_star.shape)
        raise ValueError(f"weights have shape {tuple(weights.shape)}, and the teachers {expected}")
    N = weights.shape[1]
    gamma2 = weights.square().sum(1) / N
    overlap = (weights * samples.w_star).sum(1) / N
    return error_of(student, gamma2, overlap, torch.zeros_like(gamma2) if shift is None else shift)


def error_of(student: str, gamma2: Tensor, overlap: Tensor, shift: Tensor) -> Tensor:
    """Return the generalization error by |w|^2/N, w.w*/N and the shift, all of one shape."""
    if student == "linear":
        return 1 + gamma2 - 2 * overlap + shift.square()
    # u = w.x + b ~ N(b, gamma2): E g(u)^2 by parts, and E w*.x g(u) = overlap P(u > 0)
    std = gamma2.sqrt()
    at = shift / std.clamp(min=torch.finfo(std.dtype).tiny)
    active = torch.special.ndtr(at)
    density = torch.exp(-at.square() / 2) / math.sqrt(2 * math.pi)
    square = (gamma2 + shift.square()) * active + shift * std * density
    return 1 - 2 * overlap * active + square


def ridge_solution(samples: Samples, ridge: float) -> Tensor:
    """Solve (X^T X + ridge I) w = X^T y for every replica.

    The loss mean (y - w.x)^2 + zeta |w|^2/N is least at ridge = zeta P/N.

    Parameters
    ----------
    samples : Samples
        X and y of each replica.
    ridge : float
        At 0 the solution is that of least squares, and of several the one of minimum norm.

    Returns
    -------
    Tensor, shape (replicas, N)

    Raises
    ------
    ValueError
        If the ridge is negative.
    """
    ridge = inside("ridge", ridge, 0)
    x, y = samples.x, samples.y[..., None]
    P, N = x.shape[1:]
    if not ridge:  # by orthogonal factors: near P = N the squares would lose half of the digits
        q, r = torch.linalg.qr(x if N <= P else x.mT)
        if N <= P:
            w = torch.linalg.solve_triangular(r, q.mT @ y, upper=True)
        else:
            w = q @ torch.linalg.solve_triangular(r.mT, y, upper=False)
        return w[..., 0]
    square = x.mT @ x if N <= P else x @ x.mT
    square.diagonal(dim1=1, dim2=2).add_(ridge)
    factor = torch.linalg.cholesky(square)
    if N <= P:
        return torch.cholesky_solve(x.mT @ y, factor)[..., 0]
    return (x.mT @ torch.cholesky_solve(y, factor))[..., 0]
