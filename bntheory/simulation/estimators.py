"""What is measured on batches: how much loss a batch adds, and other statistics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bntheory.simulation.batches import KINDS, Batch, Layer
from bntheory.simulation.run import Run
from bntheory.simulation.sampling import CHUNK, Decided, Estimate, Sums, accumulate

#: How many samples are drawn at most, unless told.
SAMPLES = 2**26

#: Products of three averages are controls from this M on, for laws where they have a variance: in
#: small batches their tails are heavier than what they take off.
THIRD_ORDER = 16


@dataclass(frozen=True)
class Loss:
    """A loss as a function of the normalized value.

    Attributes
    ----------
    name : str
    value : callable
        ``value(u, z)`` is the loss of a sample whose normalized value is u; what the sample is,
        its label for instance, is a function of its standardized hidden value z.  Tensors of one
        shape in, such a tensor out.
    slope : callable
        ``slope(u, z)``, the derivative of the loss by u.
    """

    name: str
    value: Callable[[Tensor, Tensor], Tensor]
    slope: Callable[[Tensor, Tensor], Tensor]


def excess_loss(
    run: Run,
    layer: Layer,
    losses: Sequence[Loss],
    decided: Decided | None = None,
    samples: int = SAMPLES,
    seconds: float = math.inf,
) -> tuple[Estimate, ...]:
    """Measure M E[l(h_hat) - l(h_bar)], what a batch adds to the loss, times its size.

    Both losses are taken on the same sample, and the first order of their difference serves as a
    control.  Given z, a member of its own batch, E m = z/M and E q = 1 + (z^2 - 1)/M exactly, where
    m and q are the averages of z and z^2 over the batch.  So l'(h_bar) gamma (m - z/M) and
    l'(h_bar) gamma z (q - 1 - (z^2 - 1)/M)/2 have mean zero.

    Parameters
    ----------
    run : Run
        The seed and the device.
    layer : Layer
        What is measured.
    losses : sequence of Loss
        All are measured on the same samples.
    decided : callable, optional
        From the results so far, whether to stop: :func:`~bntheory.simulation.sampling.settled`
        or :func:`~bntheory.simulation.sampling.precise`.
    samples : int
        How many are drawn at most, but for the first four batches.
    seconds : float
        No more are begun after this time; a run that is ended by it cannot be repeated.

    Returns
    -------
    tuple of Estimate
        One for each loss.  The samples of a batch depend on each other: the standard errors are
        those of the averages over batches.
    """

    def measure(batch: Batch) -> tuple[Tensor, Tensor]:
        excess = [
            (loss.value(batch.h_hat, batch.z) - loss.value(batch.h_bar, batch.z)).mean(0)
            for loss in losses
        ]
        own = [control for loss in losses for control in _first_order(batch, layer, loss)]
        return layer.M * torch.stack(excess, dim=1), torch.stack(own, dim=1)

    return _measured(run, layer, "excess loss", measure, decided, samples, seconds)


def _first_order(batch: Batch, layer: Layer, loss: Loss) -> Iterator[Tensor]:
    """Yield the first order of the excess loss in each of the batch statistics that are used."""
    z, M, gamma = batch.z, layer.M, layer.gamma
    centred, scaled = KINDS[layer.kind]
    slope = loss.slope(batch.h_bar, z)
    slope_z = slope * z
    if centred:
        yield gamma * (batch.mean * slope.mean(0) - slope_z.mean(0) / M)
    if scaled:
        square = batch.std**2 + batch.mean**2
        cubic = (slope_z * z**2).mean(0)
        yield gamma / 2 * ((square - 1 + 1 / M) * slope_z.mean(0) - cubic / M)


def statistics(
    run: Run,
    layer: Layer,
    functions: Sequence[Callable[[Batch], Tensor]],
    decided: Decided | None = None,
    samples: int = SAMPLES,
    seconds: float = math.inf,
    products: bool = True,
) -> tuple[Estimate, ...]:
    """Measure averages of statistics of a batch, such as 1/sigma_B or a gradient.

    Parameters
    ----------
    functions : sequence of callable
        Each returns from a :class:`~bntheory.simulation.batches.Batch` one value for each batch,
        a tensor of shape (B,).  Its variance has to be finite.
    run, layer, decided, samples, seconds
        As for :func:`excess_loss`.
    products : bool
        Whether products of batch averages serve as controls: not where their known means, such as
        1/M for the variance of the batch mean, are what is measured.

    Returns
    -------
    tuple of Estimate
        One for each function.
    """

    def measure(batch: Batch) -> tuple[Tensor, Tensor]:
        values = torch.stack([function(batch) for function in functions], dim=1)
        return values, values[:, :0]

    return _measured(
        run, layer, "statistics", measure, decided, samples, seconds, products
    )


def _measured(
    run: Run,
    layer: Layer,
    name: str,
    measure: Callable[[Batch], tuple[Tensor, Tensor]],
    decided: Decided | None,
    samples: int,
    seconds: float,
    products: bool = True,
) -> tuple[Estimate, ...]:
    batches = max(4, min(CHUNK[run.device], samples) // layer.M)

    @torch.no_grad()
    def chunk(generator: torch.Generator) -> Sums:
        batch = layer.normalize(generator, batches)
        values, own = measure(batch)
        known = controls(batch, layer)
        return Sums.of(values, torch.cat((known if products else known[:, :2], own), dim=1))

    chunks = max(1, samples // (batches * layer.M))
    sums = accumulate(run, f"{name} {layer}", chunk, chunks, decided, seconds)
    drawn = sums.count * layer.M
    averages = zip(*sums.averages(), strict=True)
    return tuple(Estimate(float(value), float(error), drawn) for value, error in averages)


def controls(batch: Batch, layer: Layer) -> Tensor:
    """Return statistics of each batch whose means are exactly zero, whatever the law.

    With m and v the batch averages of z and z^2 - 1: these two, and their products of two, and of
    three where that pays, less their means.  These are E[z^a (z^2 - 1)^b] over M for m^a v^b of two
    factors, and over M^2 for three.

    Returns
    -------
    Tensor, shape (B, 5) or (B, 9)
    """
    law, M = layer.law, layer.M
    skewness, fourth = law.skewness, law.kurtosis + 3
    m = batch.mean
    v = batch.std**2 + m**2 - 1
    found = [m, v, m**2 - 1 / M, m * v - skewness / M, v**2 - (fourth - 1) / M]
    if M >= THIRD_ORDER and law.higher is not None:
        fifth, sixth = law.higher
        found += [
            m**3 - skewness / M**2,
            m**2 * v - (fourth - 1) / M**2,
            m * v**2 - (fifth - 2 * skewness) / M**2,
            v**3 - (sixth - 3 * fourth + 2) / M**2,
        ]
    return torch.stack(found, dim=1)
