"""Online SGD: order parameters as a chain, and networks, against their random numbers alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from measure import Figure, compare

STEPS = 400_000


def learning_dynamics() -> Iterator[Figure]:
    """(i) Exact processes on one core; (j) networks."""
    from bntheory.simulation.order_parameters import order_parameters

    def chain(method: str, N: int, M: int, steps: int) -> None:
        order_parameters(method, N=N, M=M, eta=0.1, R=0.5, t=[steps / N])

    for method, M in (("sgd", 1), ("bn", 32)):
        steps = STEPS // M
        yield compare(
            f"i  chain, {method}, M = {M}",
            partial(chain, method, 1000, M, steps),
            partial(_draws, 1000, M, steps),
            1.5,
            rounds=9,
            note="its normals and chi-squares by NumPy",
        )
    yield compare(
        "i  chain, sgd, N = 10^7",
        partial(chain, "sgd", 10**7, 1, STEPS),
        partial(chain, "sgd", 10**3, 1, STEPS),
        1.1,
        rounds=9,
        note="as many steps at N = 10^3",
    )
    few = 2000
    yield compare(
        "i  chain, sgd, N = 1000",
        partial(chain, "sgd", 1000, 1, 100 * few),
        partial(_network, few),
        0.5,
        rounds=5,
        note="one network, a hundredth of the steps",
    )
    from bntheory.simulation.online import networks

    for method, M in (("sgd", 1), ("bn", 32)):
        given: dict[str, Any] = {"N": 1000, "M": M, "replicas": 1024 // M}
        yield compare(
            f"j  networks, {method}, M = {M}",
            partial(networks, method, eta=0.1, R=0.5, t=[0.1], **given),
            partial(_normals, 1024, 1000, 100),
            1.5,
            rounds=5,
            note="its inputs drawn by torch",
        )


def _draws(N: int, M: int, steps: int) -> None:
    """Draw a thousand steps at a time."""
    rng = np.random.Generator(np.random.SFC64(1))
    normals, squares = np.empty(2 * M * 1000), 1000
    for _ in range(steps // 1000):
        rng.standard_normal(out=normals)
        rng.chisquare(N - 2, squares)


def _network(steps: int) -> None:
    """Simulate the weights of one network in NumPy."""
    N = 1000
    rng = np.random.Generator(np.random.SFC64(1))
    w_star = rng.standard_normal(N)
    w, x = 0.5 * w_star, np.empty(N)
    for _ in range(steps):
        rng.standard_normal(out=x)
        u, v = w @ x / N**0.5, w_star @ x / N**0.5
        if u > 0:
            w += 0.1 * (max(v, 0.0) - u) / N**0.5 * x


def _normals(samples: int, N: int, steps: int) -> None:
    import torch

    x = torch.empty((samples, N), dtype=torch.float64)
    for _ in range(steps):
        x.normal_(0, 0.03)
