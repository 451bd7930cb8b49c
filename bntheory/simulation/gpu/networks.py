"""The networks of :mod:`bntheory.simulation.online`: a block of threads for each of them.

A block makes many steps in one launch.  Each thread has a few weights and their inputs in memory of
its own, registers where they are few, and inputs are drawn where they are used: what comes from the
GPU's memory and goes there is the weights, once a launch.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numba import cuda

from bntheory.activations import Activation
from bntheory.simulation.arguments import one_of, whole_number
from bntheory.simulation.functions import compiler
from bntheory.simulation.gpu.device import OF_BLOCK, fits, kernel, launch, parts
from bntheory.simulation.gpu.random import generator, key_of
from bntheory.simulation.process import METHODS, Process
from bntheory.simulation.step import SGD, WN, step

#: How many weights a thread has, and how many threads there are at most; then it has more.
WEIGHTS, THREADS = 8, 512
#: Registers of a thread: few, so that many threads hide each other's waiting.
REGISTERS = 128
#: Samples whose fields are added up at a time.
TILE = 32
#: The bytes of a thread's inputs up to which they are kept, and not drawn again for the update.
KEPT = 2**14
#: Samples and inputs in a launch, of a replica, and inputs of all: a fraction of a second.
SAMPLES, OF_REPLICA, OF_ALL = 2**18, 2**30, 2**35

REALS = {"float64": np.float64, "float32": np.float32}

_ALL = 0xFFFFFFFF


class Networks:
    """Networks in training.

    Attributes
    ----------
    done : int
        The steps that were made.

    Raises
    ------
    ValueError
        Where a batch is more than a block has memory for, or the weights are, or there is no such
        precision on a GPU.
    """

    def __init__(self, process: Process, seed: int, dtype: str) -> None:
        one_of("dtype", dtype, REALS, "precisions on a GPU")
        real, N, M = REALS[dtype], process.N, process.M
        whole_number("M", M, 1, (OF_BLOCK - 2**13) // (3 * 8))
        self.threads = min(-(-N // (32 * WEIGHTS)) * 32, THREADS)
        each = -(-N // (4 * self.threads)) * 4
        size = np.dtype(real).itemsize
        kept = M * each * size <= KEPT
        fits("N", N, 2 * each * size + KEPT)
        self.process, self.key, self.done = process, key_of(seed), 0
        self._train = _train(process.student, M, each, self.threads, kept, real)

    def advance(self, until: int, w_star: Any, w: Any, gamma: Any) -> None:
        """Make steps until there have been so many.

        Parameters
        ----------
        until : int
            How many.
        w_star : device array, shape (N,)
            The teacher's weights.
        w : device array, shape (replicas, N)
            The students'; they are changed in place.
        gamma : device array, shape (replicas,)
            Their scales, likewise.
        """
        process, inputs = self.process, self.process.M * self.process.N
        most = min(
            SAMPLES // process.M, OF_REPLICA // inputs, OF_ALL // (process.replicas * inputs)
        )
        for steps in parts(until - self.done, most):
            launch(
                self._train, process.replicas, self.threads, self.key,
                [*METHODS].index(process.method), process.eta, process.zeta, process.epsilon,
                self.done, steps, w_star, w, gamma,
            )  # fmt: skip
            self.done += steps


@cache
def _train(student: Activation, M: int, each: int, threads: int, kept: bool, real: type) -> Any:
    """Return steps of a student, compiled for ``each`` weights in each thread."""
    pieces = step(student, "cuda")
    statistics, residual, averages = pieces.statistics, pieces.residual, pieces.averages
    four, compiled = generator(real, "cuda").four, compiler("cuda")
    lanes, tile = min(threads, 32), min(TILE, M)
    warps, groups, room = threads // lanes, each // 4, M * each if kept else 4
    shape = (2 * tile, warps)

    @compiled
    def total(value: Any) -> Any:
        """Add up what the threads of a warp have, in its first one."""
        apart = lanes // 2
        while apart > 0:
            value += cuda.shfl_down_sync(_ALL, value, apart)
            apart //= 2
        return value

    @compiled
    def drawn(key: Any, time: Any, i: Any, group: Any, N: Any) -> Any:
        """Draw four inputs of a sample, of variance 1; those beyond the last weight are 0."""
        j = cuda.threadIdx.x
        place = ((i * groups + group) * threads + j) * 2
        at = j + 4 * threads * group
        x, y, z, t = four(key, np.uint64(cuda.blockIdx.x) << np.uint64(32) | np.uint64(place), time)
        if group == groups - 1:
            none = real(0)
            x = x if at < N else none
            y = y if at + threads < N else none
            z = z if at + 2 * threads < N else none
            t = t if at + 3 * threads < N else none
        return x, y, z, t

    @kernel(REGISTERS)
    def train(
        key: Any,
        method: Any,
        eta: Any,
        zeta: Any,
        epsilon: Any,
        first: Any,
        steps: Any,
        w_star: Any,
        w: Any,
        gammas: Any,
    ) -> None:
        k, j, N = cuda.blockIdx.x, cuda.threadIdx.x, w_star.size
        lane, warp = j % lanes, j // lanes
        own, star = cuda.local.array(each, real), cuda.local.array(each, real)
        inputs = cuda.local.array(room, real)
        sums = cuda.shared.array(shape, np.float64)
        a = cuda.shared.array(M, np.float64)
        v = cuda.shared.array(M, np.float64)
        rest = cuda.shared.array(M, np.float64)
        for q in range(each):
            at = j + threads * q
            own[q], star[q] = (w[k, at], w_star[at]) if at < N else (real(0), real(0))
        gamma, over_root, rate = np.float64(gammas[k]), 1.0 / math.sqrt(np.float64(N)), eta / N
        for done in range(first, first + steps):
            time = np.uint64(done)
            over = 1.0  # of the length of w, where it counts
            if method == WN:
                square = real(0)
                for q in range(each):
                    square += own[q] * own[q]
                square = total(square)
                if lane == 0:
                    sums[0, warp] = square
                cuda.syncthreads()
                squares = 0.0
                for q in range(warps):
                    squares += sums[0, q]
                over = 1.0 / (math.sqrt(squares) * over_root)
                cuda.syncthreads()
            for start in range(0, M, tile):
                stop = min(M, start + tile)
                for i in range(start, stop):
                    by_own, by_star = real(0), real(0)
                    for group in range(groups):
                        q = 4 * group
                        x, y, z, t = drawn(key, time, i, group, N)
                        by_own += x * own[q] + y * own[q + 1] + z * own[q + 2] + t * own[q + 3]
                        by_star += x * star[q] + y * star[q + 1] + z * star[q + 2] + t * star[q + 3]
                        if kept:
                            q += i * each
                            inputs[q], inputs[q + 1], inputs[q + 2], inputs[q + 3] = x, y, z, t
                    by_own, by_star = total(by_own), total(by_star)
                    if lane == 0:
                        sums[2 * (i - start), warp] = by_own
                        sums[2 * (i - start) + 1, warp] = by_star
                cuda.syncthreads()
                for i in range(start + j, stop, threads):
                    one, two = 0.0, 0.0
                    for q in range(warps):
                        one += sums[2 * (i - start), q]
                        two += sums[2 * (i - start) + 1, q]
                    a[i], v[i] = one * over_root * over, two * over_root
                cuda.syncthreads()
            mean, inverse = statistics(method, M, a, epsilon)
            scale = 1.0 if method == SGD else gamma * inverse
            for i in range(j, M, threads):
                rest[i] = residual(scale * (a[i] - mean), v[i])
            cuda.syncthreads()
            whole, slope = 0.0, 0.0
            for i in range(M):
                whole += rest[i]
                slope += rest[i] * (a[i] - mean)
            offset, along, pull = averages(method, M, whole, slope, inverse)
            by = scale * over
            if method == WN:
                grown = real(1.0 + rate * by * pull * over)
                for q in range(each):
                    own[q] *= grown
            by *= eta * over_root * (1.0 / M)
            for i in range(M):
                share = real(by * (rest[i] - offset - (a[i] - mean) * along))
                for group in range(groups):
                    q = 4 * group
                    if kept:
                        p = i * each + q
                        x, y, z, t = inputs[p], inputs[p + 1], inputs[p + 2], inputs[p + 3]
                    else:
                        x, y, z, t = drawn(key, time, i, group, N)
                    own[q] -= share * x
                    own[q + 1] -= share * y
                    own[q + 2] -= share * z
                    own[q + 3] -= share * t
            if method != SGD:
                gamma -= rate * (pull + zeta * gamma)
        for q in range(each):
            at = j + threads * q
            if at < N:
                w[k, at] = own[q]
        if j == 0:
            gammas[k] = gamma

    return train
