"""The order parameters of online SGD as a Markov chain: exact at every N, at a cost without N.

Of an input x ~ N(0, I/N) a step knows its components along w and w* and its squared length alone.
Write e = w/|w| and w*/sqrt(N) = R e + S f, S = sqrt(1 - R^2), with f a unit vector across e.  Then

    sqrt(N) e.x = a,    sqrt(N) f.x = b,    and the rest of x, in N - 2 dimensions, is Gaussian,

with a, b ~ N(0, 1), all three independent.  A step takes sum_i c_i x_i off w, where the c_i are
functions of a_i, b_i and of (gamma, R, L): gradients reach w through the w.x_i.  So its component
along e is A/sqrt(N), A = sum c_i a_i, that along f is B/sqrt(N), B = sum c_i b_i, and the rest,
given the a_i and b_i, is a Gaussian vector of variance Q/N per dimension, Q = sum c_i^2, across the
plane of w and w*.  Its direction is of no account, as neither of them has a part in these N - 2
dimensions; its squared length is Q chi^2_{N-2}/N.  Hence

    w/sqrt(N) = m t + n s,    t = w*/sqrt(N),   m = R L,   n = S L,   f = S t - R s,

moves to m' = m - (R A + S B)/N and n' = |(n - (S A - R B)/N, sqrt(Q chi^2_{N-2})/N)|: two normals a
sample and one chi-square variable a step give the exact law of (gamma, R, L), and N is a number in
it.  Weight normalization has its own component along w: A = 0.  Under batch normalization u =
gamma (a - mean a)/sigma, with the gradient through both statistics.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory.activations import Activation
from bntheory.simulation.arguments import whole_number
from bntheory.simulation.gpu.device import require
from bntheory.simulation.process import METHODS, Process, labelled
from bntheory.simulation.run import Run
from bntheory.simulation.step import step

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr


def order_parameters(
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
    threads: int = 1,
    device: str = "cpu",
) -> xr.Dataset:
    """Sample the order parameters of networks that are trained by online SGD, without the networks.

    Parameters
    ----------
    method, activation, N, eta, t, M, R, misalignment, gamma, L, zeta, slope, epsilon, replicas
        As for :func:`bntheory.simulation.online.networks`, of which this has the exact law.
    seed : int
        Replica k is the same on a device for every number of replicas and threads.
    threads : int
        How many work at a time on the CPU; 1 <= threads.
    device : {"cpu", "cuda"}
        On a GPU every replica has a thread of its own.

    Returns
    -------
    xarray.Dataset
        ``gamma`` (not for ``sgd``), ``R``, ``misalignment`` and ``L`` over ``replica`` and ``t``.
        Where training diverges, infinite values and nan are in it.

    Raises
    ------
    ValueError
        If an argument is outside its domain, there is no memory for so much, or no such device.
    ImportError
        Without numba.

    Examples
    --------
    >>> run = order_parameters("bn", N=10**6, M=32, eta=0.5, R=0.5, t=[0.0, 1e-4])
    >>> print(run.R.shape, run.R.values[0, 0])
    (1, 2) 0.5
    """
    threads = whole_number("threads", threads, 1)
    process = Process.of(
        method, activation, t, N=N, eta=eta, M=M, R=R, misalignment=misalignment, gamma=gamma, L=L,
        zeta=zeta, slope=slope, epsilon=epsilon, replicas=replicas, seed=seed,
    )  # fmt: skip
    Run(process.seed, device)
    process.fits(0)
    if device == "cuda":
        require()
        from bntheory.simulation.gpu import chain as on_gpu

        return labelled(process, on_gpu.order_parameters(process))
    state = np.empty((process.replicas, len(process.steps), 3))
    chain, kind = _chain(process.student), [*METHODS].index(process.method)
    numbers = (process.N, process.M, process.eta, process.zeta, process.epsilon)

    def one(k: int) -> None:
        generator = np.random.Generator(np.random.SFC64([process.seed, k]))
        chain(generator, kind, *numbers, process.steps, process.start, state[k])

    if threads == 1:
        for k in range(process.replicas):
            one(k)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, range(process.replicas)))
    return labelled(process, state)


@cache
def _chain(student: Activation) -> Callable[..., None]:
    """Return the chain of a student, compiled."""
    from numba import njit

    moved = step(student).chain

    @njit(nogil=True, error_model="numpy")
    def chain(
        rng: Any,
        method: Any,
        N: Any,
        M: Any,
        eta: Any,
        zeta: Any,
        epsilon: Any,
        steps: Any,
        start: Any,
        found: Any,
    ) -> None:
        a, b = np.empty(M), np.empty(M)
        gamma, m, n = start
        done = 0
        for k in range(steps.size):
            while done < steps[k]:
                done += 1
                for i in range(M):
                    a[i] = rng.standard_normal()
                    b[i] = rng.standard_normal()
                across = rng.chisquare(N - 2) if N > 2 else 0.0
                gamma, m, n = moved(method, M, eta / N, zeta, epsilon, gamma, m, n, a, b, across)
            found[k, 0], found[k, 1], found[k, 2] = gamma, m, n

    compiled: Callable[..., None] = chain
    return compiled
