"""Gradient descent on fixed samples: the batches, the steps, and what is seen of the student."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import torch
from torch import Tensor

from bntheory.simulation import compiled
from bntheory.simulation.gradients import Network, effective, gradient
from bntheory.simulation.run import Run
from bntheory.simulation.teacher import Samples, error_of

#: How many epochs each replica goes through before the next one, where it is compiled.
EPOCHS = 32


@dataclass(frozen=True)
class Rates:
    """How to descend.

    Attributes
    ----------
    batch : int or None
        The samples of a batch; None for all of them.
    eta, decay : float
        Step j, from 0, is of the rate eta/(1 + decay j).
    momentum : float
        As in ``torch.optim.SGD``.
    L0, gamma0 : float
        The standard deviation of the first weights, and the first gamma.
    """

    batch: int | None
    eta: float
    decay: float
    momentum: float
    L0: float
    gamma0: float


class Descent:
    """Students on their way, one for each replica.

    Attributes
    ----------
    w : Tensor, shape (replicas, 1, N)
    gamma : Tensor, shape (replicas, 1, 1)
    steps : int
        The number of steps that were made.
    """

    def __init__(
        self, samples: Samples, run: Run, name: str, network: Network, rates: Rates
    ) -> None:
        self.samples, self.network, self.rates = samples, network, rates
        self.w = torch.empty_like(samples.w_star[:, None])
        for row, k in zip(self.w, samples.replicas, strict=True):
            row.normal_(generator=run.generator(f"{name} start {k}")).mul_(rates.L0)
        self.gamma = torch.full_like(self.w[..., :1], rates.gamma0)
        self.steps = 0
        self._w_step, self._gamma_step = torch.zeros_like(self.w), torch.zeros_like(self.gamma)
        alone = compiled.AVAILABLE and network.method == "sgd" and run.device == "cpu"
        self._orders = shuffled(samples, run, name, rates.batch) if alone and rates.batch else None
        self._order = torch.empty((samples.x.shape[0], 0, rates.batch or 0), dtype=torch.int64)
        self._batches = minibatches(samples, run, name, rates.batch)

    @torch.no_grad()
    def advance(self, until: int) -> None:
        """Make steps until there have been so many."""
        if self._orders is None:
            self._by_torch(until)
        while self.steps < until:
            self._compiled(until)

    def _compiled(self, until: int) -> None:
        """Go toward there, some epochs at a time."""
        assert self._orders is not None
        known, wanted = [self._order], until - self.steps - self._order.shape[1]
        while wanted > 0 and len(known) <= EPOCHS:
            known.append(next(self._orders))
            wanted -= known[-1].shape[1]
        order = torch.cat(known, 1)
        steps = min(until - self.steps, order.shape[1])
        order, self._order = order[:, :steps], order[:, steps:]
        rates = self.rates.eta / (1 + self.rates.decay * np.arange(self.steps, self.steps + steps))
        compiled.descend(
            self.samples.x,
            self.samples.y,
            self.w,
            self._w_step,
            order,
            rates,
            self.rates.momentum,
            self.network.student == "relu",
        )
        self.steps += steps

    def _by_torch(self, until: int) -> None:
        w, gamma, w_step, gamma_step = self.w, self.gamma, self._w_step, self._gamma_step
        eta, decay, momentum = self.rates.eta, self.rates.decay, self.rates.momentum
        target = w_step if momentum else w  # without momentum w takes its step at once
        for j in range(self.steps, until):
            x, y = next(self._batches)
            rows, along, by_gamma = gradient(self.network, w, gamma, x, y)
            rate, factor = eta / (1 + decay * j), 2 / x.shape[1]
            if by_gamma is not None:
                gamma_step.mul_(momentum).add_(by_gamma, alpha=factor)
                gamma.sub_(gamma_step, alpha=rate)
            if momentum:
                w_step.mul_(momentum)
            else:
                factor *= -rate
            if along is not None:
                target.addcmul_(along, w, value=factor)
            target.baddbmm_(rows, x, alpha=factor)
            if momentum:
                w.sub_(w_step, alpha=rate)
        self.steps = until

    @torch.no_grad()
    def look(self) -> tuple[Tensor, Tensor, Tensor]:
        """See what the students are in evaluation mode.

        Returns
        -------
        measured : Tensor, shape (4, replicas)
            Generalization error, mean squared error of the training samples, and |w|^2/N and
            w.w*/N of the effective weights.
        weights : Tensor, shape (replicas, N)
            The effective weights.
        shift : Tensor, shape (replicas,)
        """
        samples, student = self.samples, self.network.student
        assert isinstance(student, str)
        h = torch.bmm(self.w, samples.x.mT)
        scale, shift = effective(self.network, self.w, self.gamma, h)
        weights, shift = (scale * self.w)[:, 0], shift[:, 0, 0]
        y = h.mul_(scale)[:, 0].add_(shift[:, None])
        if student == "relu":
            y.relu_()
        loss = y.sub_(samples.y).square_().mean(1)
        N = weights.shape[1]
        gamma2 = weights.square().sum(1) / N
        overlap = (weights * samples.w_star).sum(1) / N
        error = error_of(student, gamma2, overlap, shift)
        return torch.stack((error, loss, gamma2, overlap)), weights, shift


def minibatches(
    samples: Samples, run: Run, name: str, batch: int | None
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the batches of all epochs, of every replica one at a time.

    Parameters
    ----------
    samples : Samples
        What batches are made of.
    run : Run
        The seed and the device.
    name : str
        Replica k is shuffled by ``run.generator(f"{name} order {k}")``.
    batch : int or None
        M; None for all samples, in their order.

    Yields
    ------
    x : Tensor, shape (replicas, M, N)
        The same buffer again and again: what is in it lasts until the next batch.
    y : Tensor, shape (replicas, 1, M)
    """
    if batch is None:
        yield from repeat((samples.x, samples.y[:, None]))
        return
    replicas, P, N = samples.x.shape
    inputs, outputs = samples.x.view(replicas * P, N), samples.y.flatten()
    starts = P * torch.arange(replicas, device=run.device)[:, None, None]
    x = torch.empty((replicas, batch, N), dtype=inputs.dtype, device=run.device)
    rows = x.view(replicas * batch, N)
    for order in shuffled(samples, run, name, batch):
        order = (order + starts).transpose(0, 1).contiguous()
        # a batch is copied when its turn comes: it stays in the cache, which all of an epoch
        # would not, and copying costs about as much as the products
        for index, y in zip(order.flatten(1), outputs.take(order), strict=True):
            torch.index_select(inputs, 0, index, out=rows)
            yield x, y[:, None]


def shuffled(samples: Samples, run: Run, name: str, batch: int) -> Iterator[Tensor]:
    """Yield the samples of the batches of each epoch, shape (replicas, steps, M)."""
    replicas, P, _ = samples.x.shape
    generators = [run.generator(f"{name} order {k}") for k in samples.replicas]
    kept = P - P % batch
    while True:
        orders = [torch.randperm(P, generator=g, device=run.device)[:kept] for g in generators]
        yield torch.stack(orders).view(replicas, -1, batch)
