"""Online SGD of a student with N inputs: real networks, many replicas at once (Luo et al. Sec. 3).

The teacher is y = g(w*.x) with |w*|^2 = N and inputs x ~ N(0, I/N), fresh ones in every step.  The
students, their batches and their losses are those of :mod:`bntheory.simulation.gradients`, with
half the squared error: one step is

    w <- w - eta grad_w,    gamma <- gamma - (eta/N) grad_gamma,

which is Eq. (5) with the learning rate of gamma that Eq. (8) has (``derive eq8``).  Time is steps
over N.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from bntheory.simulation.functions import for_torch
from bntheory.simulation.gpu.device import require
from bntheory.simulation.gradients import Network, gradient
from bntheory.simulation.process import Process, labelled
from bntheory.simulation.run import Run
from bntheory.simulation.threads import workers

if TYPE_CHECKING:
    import xarray as xr

#: The inputs of a chunk of replicas on the CPU: what the cache holds.
CHUNK = 2**18


def networks(
    method: str,
    activation: Any = "relu",
    *,
    N: int,
    eta: float,
    t: Any,
    M: int = 1,
    R: float | None = None,
    misalignment: float | None = None,
    gamma: float = 1.0,
    L: float = 1.0,
    zeta: float = 0.0,
    slope: float | None = None,
    epsilon: float = 0.0,
    replicas: int = 1,
    seed: int = 2019,
    dtype: torch.dtype = torch.float64,
    device: str = "cpu",
) -> xr.Dataset:
    """Train networks by online SGD.

    Parameters
    ----------
    method : {"sgd", "wn", "bn"}
        Plain SGD; weight normalization, with gamma decay where ``zeta`` is given; or batch
        normalization as ``torch.nn.BatchNorm1d`` does it in training mode, its bias 0.
    activation : str, Activation, Expr or callable
        g: whatever :func:`bntheory.activations.of` takes.
    N : int
        The number of inputs; 2 <= N.
    eta : float
        Learning rate; 0 < eta.
    t : float or 1-D array
        End time, for 201 times from 0; or the times themselves, increasing.  Time is steps over N,
        and a step is made of M samples.
    M : int
        Samples of a step; 2 <= M for ``bn``.
    R, misalignment : float
        Overlap of student and teacher at t = 0, or 1 - R in its place.
    gamma, L : float
        Scale, and length of w over sqrt(N), at t = 0; plain SGD has no gamma.
    zeta : float
        Decay of gamma, for ``wn``; 0 <= zeta.
    slope : float, optional
        That of leaky ReLU.
    epsilon : float
        What batch normalization adds to the variance of w.x; torch has 1e-5.
    replicas : int
        How many networks.
    seed : int
        Where all random numbers come from.
    dtype : torch.dtype
        Of weights and inputs.
    device : {"cpu", "cuda"}
        Where the networks are.

    Returns
    -------
    xarray.Dataset
        ``gamma`` (not for ``sgd``), ``R``, ``misalignment`` and ``L`` over ``replica`` and ``t``.
        Where training diverges, infinite values and nan are in it.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or there is no memory for so much.
    """
    process = Process.of(
        method, activation, t, N=N, eta=eta, M=M, R=R, misalignment=misalignment, gamma=gamma, L=L,
        zeta=zeta, slope=slope, epsilon=epsilon, replicas=replicas, seed=seed,
    )  # fmt: skip
    run = Run(process.seed, device)
    if device == "cuda":
        require()
        process.fits(3 * process.N * dtype.itemsize, device)
    else:
        inputs = torch.get_num_threads() * max(CHUNK, process.M * process.N)
        process.fits(3 * process.N * dtype.itemsize, shared=inputs * dtype.itemsize)
    return labelled(process, _trained(process, run, dtype))


def _trained(process: Process, run: Run, dtype: torch.dtype) -> np.ndarray:
    """Return gamma, R L and L sqrt(1 - R^2), shape (replicas, times, 3)."""
    N, replicas = process.N, process.replicas
    generator = run.generator("online networks")
    kind: dict[str, Any] = {"dtype": dtype, "device": run.device}

    w_star = torch.randn(N, generator=generator, **kind)
    w_star *= math.sqrt(N) / torch.linalg.vector_norm(w_star)
    across = torch.randn((replicas, N), generator=generator, **kind)
    across -= (across @ w_star)[:, None] / N * w_star
    across *= math.sqrt(N) / torch.linalg.vector_norm(across, dim=1, keepdim=True)
    _, along, aside = process.start
    w = along * w_star + aside * across
    gamma = torch.full((replicas,), process.gamma, **kind)

    with workers(run.device) as pool:
        if run.device == "cuda":
            from bntheory.simulation.gpu.networks import Networks

            whole = Networks(process, generator.initial_seed(), str(dtype).split(".")[1])
            parts = [(whole.advance, w, gamma)]
        else:
            few = max(1, CHUNK // (process.M * N))
            parts = [
                (_by_torch(process, run.generator(f"online networks {k}")), *part)
                for k, part in enumerate(zip(w.split(few), gamma.split(few), strict=True))
            ]
        found = []
        for until in process.steps.tolist():
            moves = [pool.submit(move, until, w_star, *part) for move, *part in parts]
            for move in moves:
                move.result()
            found.append(_seen(w, gamma, w_star))
    return torch.stack(found, 1).cpu().numpy()


def _by_torch(process: Process, generator: torch.Generator) -> Callable[..., None]:
    """Return what makes steps in place until there have been so many."""
    network = Network(process.method, process.student, process.zeta, process.epsilon)
    g = for_torch(process.student)[0]
    N, rate, done = process.N, process.eta / process.M, 0

    def advance(until: int, w_star: Tensor, weights: Tensor, gammas: Tensor) -> None:
        nonlocal done
        w, gamma = weights[:, None], gammas[:, None, None]
        x = weights.new_empty((len(weights), process.M, N))
        for _ in range(until - done):
            x.normal_(0, 1 / math.sqrt(N), generator=generator)
            step = gradient(network, w, gamma, x, g(x @ w_star)[:, None])
            if step.gamma is not None:
                gamma.sub_(step.gamma, alpha=rate / N)
            if step.along is not None:
                w.addcmul_(step.along, w, value=-rate)
            w.baddbmm_(step.rows, x, alpha=-rate)
        done = until

    return advance


def _seen(w: Tensor, gamma: Tensor, w_star: Tensor) -> Tensor:
    N = len(w_star)
    along = w @ w_star / N
    aside = torch.linalg.vector_norm(w - along[:, None] * w_star, dim=1) / math.sqrt(N)
    return torch.stack((gamma, along, aside), 1).double()
