"""The exact average over all batches of M samples, drawn with replacement from a few.

A batch is known by how often each sample is in it.  All such batches go through torch's own batch
normalization in training mode, each as a channel of one layer, and are averaged with their
multinomial probabilities.  Nothing is random, and nothing is expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import torch
from scipy.special import gammaln
from torch import Tensor, nn


@cache
def counts(samples: int, M: int) -> np.ndarray:
    """Return how often each sample is in a batch, a row for each batch that there is."""
    if samples == 1:
        return np.array([[M]])
    return np.concatenate(
        [np.insert(counts(samples - 1, M - n), 0, n, axis=1) for n in range(M + 1)]
    )


def blocks(weights: np.ndarray, M: int, size: int = 400_000) -> Iterator[tuple[Tensor, Tensor]]:
    """Give indices of shape (M, K) and probabilities of K batches at a time."""
    samples = len(weights)
    every = counts(samples, M)
    logs = gammaln(M + 1) - gammaln(every + 1).sum(1) + every @ np.log(weights)
    step = max(1, size // M)
    for start in range(0, len(every), step):
        part = every[start : start + step]
        rows = np.repeat(np.tile(np.arange(samples), len(part)), part.ravel())
        yield (
            torch.from_numpy(rows.reshape(len(part), M).T.copy()),
            torch.from_numpy(np.exp(logs[start : start + step])),
        )


def increase(model: nn.Sequential, x: Tensor, y: Tensor, weights: np.ndarray, M: int) -> float:
    """Return the average loss in training mode minus that under population normalization.

    The model is (linear or convolution, batch normalization, pointwise function, flatten, linear),
    the loss half of the squared error; ``weights`` are the probabilities of the samples.
    """
    first, layer, curve, _, last = model
    p = torch.from_numpy(weights)
    with torch.no_grad():
        h = first(x).flatten(2) if x.ndim > 2 else first(x)[..., None]
        mean = (p[:, None, None] * h).sum(0).mean(1)[:, None]
        variance = (p[:, None, None] * (h - mean).square()).sum(0).mean(1)[:, None]

        def losses(normalized: Tensor, targets: Tensor) -> Tensor:
            return (last(curve(normalized).flatten(-2)) - targets).square().sum(-1) / 2

        z = (h - mean) / (variance + layer.eps).sqrt()
        population = p @ losses(layer.weight[:, None] * z + layer.bias[:, None], y)
        total = torch.zeros((), dtype=h.dtype)
        for index, probability in blocks(weights, M):
            K = index.shape[1]
            batches = nn.BatchNorm1d(K * len(mean), eps=layer.eps, dtype=h.dtype).train()
            batches.weight.copy_(layer.weight.repeat(K))
            batches.bias.copy_(layer.bias.repeat(K))
            drawn = h[index]
            normalized = batches(drawn.flatten(1, 2)).reshape(drawn.shape)
            total += probability @ losses(normalized, y[index]).mean(0)
        return float(total - population)


def coefficient(
    model: nn.Sequential,
    x: Tensor,
    y: Tensor,
    sizes: list[int],
    weights: np.ndarray | None = None,
) -> float:
    """Return the coefficient of 1/M, from a polynomial in 1/M through M increase(M)."""
    weights = np.full(len(x), 1 / len(x)) if weights is None else weights
    values = [M * increase(model, x, y, weights, M) for M in sizes]
    inverse = 1 / np.array(sizes, dtype=float)
    return float(np.linalg.solve(np.vander(inverse, increasing=True), values)[0])
