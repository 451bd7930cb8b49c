"""Averages over samples that come in batches."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor


def _zero() -> Tensor:
    return torch.zeros((), dtype=torch.float64)


@dataclass
class Average:
    """Mean and variance over the first axis, in float64.

    Batches are joined by their means and sums of squared deviations, which loses no digits where
    the mean is large (Chan, Golub and LeVeque 1983).
    """

    count: int = 0
    mean: Tensor = field(default_factory=_zero)
    squares: Tensor = field(default_factory=_zero)

    def add(self, values: Tensor) -> None:
        """Take in values of shape (n, ...)."""
        values = values.detach().double()
        count, mean = len(values), values.mean(0)
        joined = self.count + count
        shift = mean - self.mean.to(mean.device)
        squares = (values - mean).square().sum(0) + shift.square() * (self.count * count / joined)
        self.squares = self.squares.to(mean.device) + squares
        self.mean = self.mean.to(mean.device) + shift * (count / joined)
        self.count = joined

    @property
    def variance(self) -> Tensor:
        """The variance of the population that the values are."""
        return self.squares / self.count

    @property
    def standard_error(self) -> Tensor:
        """The standard error of the mean, for independent values; nan for one."""
        if self.count == 1:
            return torch.full_like(self.squares, torch.nan)
        return (self.squares / (self.count * (self.count - 1))).sqrt()
