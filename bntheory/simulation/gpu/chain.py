"""The Markov chain of :mod:`bntheory.simulation.order_parameters`: a thread for each replica."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import cuda

from bntheory.activations import Activation
from bntheory.simulation.gpu.device import fits, kernel, launch, parts
from bntheory.simulation.gpu.random import generator, key_of
from bntheory.simulation.process import METHODS, Process
from bntheory.simulation.step import step

#: Threads of a block: few, so that few replicas have many processors.
THREADS = 32
#: Registers of a thread: few, so that many threads hide each other's waiting.
REGISTERS = 64
#: The samples of a step up to which they are in registers, with loops that the compiler unrolls.
UNROLLED = 4
#: Samples in a launch, of a replica and of all: a fraction of a second.
OF_REPLICA, OF_ALL = 2**18, 2**34


def order_parameters(process: Process) -> np.ndarray:
    """Return gamma, R L and L sqrt(1 - R^2), shape (replicas, times, 3).

    Raises
    ------
    ValueError
        Where M is more than a thread has memory for.
    """
    fits("M", process.M, 2 * 8 * process.M)
    replicas = process.replicas
    chain, key = _chain(process.student, process.M), key_of(process.seed)
    state = cuda.to_device(np.repeat(np.array(process.start)[:, None], replicas, 1))
    counts = cuda.to_device(np.zeros(replicas, np.uint64))
    method, rate = [*METHODS].index(process.method), process.eta / process.N
    most = min(OF_REPLICA, OF_ALL // replicas) // process.M
    found = np.empty((len(process.steps), 3, replicas))
    done = 0
    for k, until in enumerate(process.steps.tolist()):
        for steps in parts(until - done, most):
            launch(
                chain, -(-replicas // THREADS), THREADS, key, method, process.N, process.M, rate,
                process.zeta, process.epsilon, steps, counts, state,
            )  # fmt: skip
        done = until
        state.copy_to_host(found[k])
    return np.moveaxis(found, 2, 0)


@cache
def _chain(student: Activation, M: int) -> Any:
    """Return steps of a student, compiled for one size of batches."""
    moved = step(student, "cuda").chain
    random = generator(device="cuda")
    pair, chi_square, unrolled = random.pair, random.chi_square, M <= UNROLLED

    @kernel(REGISTERS)
    def chain(
        key: Any,
        method: Any,
        N: Any,
        samples: Any,
        rate: Any,
        zeta: Any,
        epsilon: Any,
        steps: Any,
        counts: Any,
        state: Any,
    ) -> None:
        k = cuda.grid(1)
        if k >= counts.size:
            return
        a = cuda.local.array(M, np.float64)
        b = cuda.local.array(M, np.float64)
        gamma, m, n = state[0, k], state[1, k], state[2, k]
        count = M if unrolled else samples
        replica, low = np.uint64(k), counts[k]
        for _ in range(steps):
            for i in range(count):
                a[i], b[i] = pair(key, replica, low)
                low += np.uint64(1)
            across, low = chi_square(N - 2, key, replica, low)
            gamma, m, n = moved(method, count, rate, zeta, epsilon, gamma, m, n, a, b, across)
        state[0, k], state[1, k], state[2, k] = gamma, m, n
        counts[k] = low

    return chain
