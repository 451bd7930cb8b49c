"""Averages over independent batches, taken until a question is decided.

Controls are values whose expectation is exactly zero.  What least squares foretells of a measured
value from them is noise, and is taken off.  The batches are in two halves, and what is taken off
one half is foretold by the other one: a coefficient that knows the batches that it is used on would
shift the average, most of all where a law has heavy tails.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from numpy.typing import ArrayLike

from bntheory.simulation.run import Run
from bntheory.simulation.threads import workers
from bntheory.verdict import decide

#: Says from the averages and their standard errors whether sampling can stop.
Decided = Callable[[np.ndarray, np.ndarray], bool]

#: The samples of a chunk on each device: what fits the cache, what fills the device.
CHUNK = {"cpu": 2**16, "cuda": 2**22}

#: The chunks before the first look, a million samples: with fewer, heavy tails have not shown yet,
#: and standard errors are too small.
FIRST = {"cpu": 16, "cuda": 1}

#: What least squares cannot tell from zero, relative to what it started with.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Estimate:
    """A measured average.

    Attributes
    ----------
    value, standard_error : float
    samples : int
        How many samples it took.
    """

    value: float
    standard_error: float
    samples: int


@dataclass(frozen=True, eq=False)
class Half:
    """The number of batches, averages and co-moments, of values first and then of controls."""

    count: int
    mean: np.ndarray
    comoment: np.ndarray

    @classmethod
    def of(cls, both: torch.Tensor) -> Half:
        """Sum up a table of shape (batches, values and controls)."""
        mean = both.mean(0)
        off = both - mean
        return cls(len(both), mean.cpu().numpy(), (off.T @ off).cpu().numpy())

    def __add__(self, other: Half) -> Half:
        count = self.count + other.count
        step = other.mean - self.mean
        mean = self.mean + step * (other.count / count)
        between = np.outer(step, step) * (self.count * other.count / count)
        return Half(count, mean, self.comoment + other.comoment + between)

    def slopes(self, cut: int) -> np.ndarray:
        """Return the coefficients of the controls, those from ``cut`` on, for each value."""
        if not np.isfinite(self.comoment[cut:, cut:]).all():
            return np.full((len(self.mean) - cut, cut), math.nan)
        scale = np.sqrt(np.diag(self.comoment)[cut:])
        scale[scale == 0] = 1.0
        control = self.comoment[cut:, cut:] / np.outer(scale, scale)
        inverse = np.linalg.pinv(control, rcond=ROUNDING, hermitian=True)
        return inverse @ (self.comoment[cut:, :cut] / scale[:, None]) / scale[:, None]

    def averages(self, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the averages of the values less what slopes foretell, and their variances."""
        cut = len(self.mean) - len(slopes)
        total = np.diag(self.comoment)[:cut]
        cross, control = self.comoment[cut:, :cut], self.comoment[cut:, cut:]
        left = total - 2 * (slopes * cross).sum(0) + (slopes * (control @ slopes)).sum(0)
        variance = np.maximum(left, ROUNDING * total) / (self.count - 1) / self.count
        return self.mean[:cut] - self.mean[cut:] @ slopes, variance


@dataclass(frozen=True, eq=False)
class Sums:
    """What is kept of batches: two halves, and how many of their columns are values."""

    halves: tuple[Half, Half]
    values: int

    @classmethod
    def of(cls, values: torch.Tensor, controls: torch.Tensor) -> Sums:
        """Sum up batches, at least four; both tables have shape (batches, how many)."""
        both = torch.cat((values, controls), dim=1)
        middle = len(both) // 2
        return cls((Half.of(both[:middle]), Half.of(both[middle:])), values.shape[1])

    @property
    def count(self) -> int:
        """The number of batches."""
        return self.halves[0].count + self.halves[1].count

    @np.errstate(invalid="ignore", over="ignore")
    def __add__(self, other: Sums) -> Sums:
        first, second = (a + b for a, b in zip(self.halves, other.halves, strict=True))
        return Sums((first, second), self.values)

    @np.errstate(invalid="ignore", over="ignore")
    def averages(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the averages of the values and their standard errors, controls used."""
        first, second = self.halves
        one, its = first.averages(second.slopes(self.values))
        two, others = second.averages(first.slopes(self.values))
        return (one + two) / 2, np.sqrt(its + others) / 2


def accumulate(
    run: Run,
    name: str,
    chunk: Callable[[torch.Generator], Sums],
    chunks: int,
    decided: Decided | None = None,
    seconds: float = math.inf,
) -> Sums:
    """Add up chunks until a question is decided or the budget is spent.

    They are looked at after :data:`FIRST` of them, and whenever they have doubled, so that 20 looks
    see 5e11 samples and the confidence intervals of :mod:`bntheory.verdict` hold.

    Parameters
    ----------
    run : Run
        The seed and the device.
    name : str
        Chunk k draws from the generator ``run.generator(f"{name} {k}")``, whatever came before.
    chunk : callable
        Draws from a generator and sums up.
    chunks : int
        How many there are at most.
    decided : callable, optional
        From averages and standard errors, whether to stop.
    seconds : float
        No more are begun after this time.  A run that is ended by it cannot be repeated.

    Returns
    -------
    Sums
    """

    def sums(k: int) -> Sums:
        return chunk(run.generator(f"{name} {k}"))

    started = perf_counter()
    with workers(run.device) as pool:
        total, done, last = pool.submit(sums, 0).result(), 1, FIRST[run.device]
        while done < chunks:
            for more in pool.map(sums, range(done, min(last, chunks))):
                total += more
            done, last = last, 2 * last
            if perf_counter() - started > seconds:
                break
            if decided is not None and decided(*total.averages()):
                break
    return total


# -- questions -----------------------------------------------------------------------------------


def settled(predicted: ArrayLike, margin: ArrayLike) -> Decided:
    """Return the question whether every prediction has a verdict at its margin.

    Parameters
    ----------
    predicted, margin : float or array_like
        One for all values, or one for each.
    """

    def decided(value: np.ndarray, standard_error: np.ndarray) -> bool:
        each = np.broadcast(value - np.asarray(predicted), standard_error, margin)
        return all(decide(*map(float, numbers)) != "inconclusive" for numbers in each)

    return decided


def precise(standard_error: ArrayLike) -> Decided:
    """Return the question whether every standard error is at most this large."""
    return lambda value, error: bool(np.all(error <= np.asarray(standard_error)))
