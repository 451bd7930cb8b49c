"""Plain SGD in mini-batches, compiled for the CPU: each replica goes through its batches alone.

Its samples stay in the cache that way, and no batch is copied.  Other methods, full batches and
other devices go through torch; so does everything where numba is not installed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor

AVAILABLE = find_spec("numba") is not None

if AVAILABLE:
    from numba import njit

    @njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})  # sums in any order
    def _descend(
        x: Any, y: Any, w: Any, velocity: Any, order: Any, rates: Any, momentum: Any, relu: Any
    ) -> None:
        """Make a step per row of ``order`` for each replica."""
        replicas, steps, batch = order.shape
        rest = np.empty(batch, x.dtype)
        for r in range(replicas):
            for j in range(steps):
                for i in range(batch):
                    row, h = x[r, order[r, j, i]], x.dtype.type(0)
                    for k in range(row.size):
                        h += row[k] * w[r, k]
                    rest[i] = h - y[r, order[r, j, i]] if h > 0 or not relu else 0
                target, factor = w, -rates[j] * 2 / batch
                if momentum > 0:
                    target, factor = velocity, x.dtype.type(2 / batch)
                    velocity[r] *= momentum
                for i in range(batch):
                    row, by = x[r, order[r, j, i]], factor * rest[i]
                    for k in range(row.size):
                        target[r, k] += by * row[k]
                if momentum > 0:
                    w[r] -= rates[j] * velocity[r]


def descend(
    x: Tensor,
    y: Tensor,
    w: Tensor,
    velocity: Tensor,
    order: Tensor,
    rates: np.ndarray,
    momentum: float,
    relu: bool,
) -> None:
    """Make steps of plain SGD in place, replicas side by side in the threads that torch has.

    Parameters
    ----------
    x, y : Tensor, shape (replicas, P, N) and (replicas, P)
        The samples.
    w, velocity : Tensor, shape (replicas, 1, N)
        The weights, and what momentum keeps.
    order : Tensor of int, shape (replicas, steps, M)
        The samples of each batch.
    rates : array, shape (steps,)
        The learning rates.
    momentum : float
        0 for none.
    relu : bool
        Whether the student is a ReLU one, and not linear.
    """
    pieces = torch.arange(len(x)).tensor_split(min(torch.get_num_threads(), len(x)))
    own = x.numpy().dtype.type

    def part(piece: Tensor) -> None:
        some = slice(int(piece[0]), int(piece[-1]) + 1)
        own_x, own_y, own_w, kept, its = (
            a[some].numpy() for a in (x, y, w[:, 0], velocity[:, 0], order)
        )
        _descend(own_x, own_y, own_w, kept, its, rates.astype(own), own(momentum), relu)

    with ThreadPoolExecutor(len(pieces)) as threads:
        list(threads.map(part, pieces))
