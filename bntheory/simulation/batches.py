"""Real batch normalization of many batches at once.

B batches of M samples are the B features of one ``torch.nn.BatchNorm1d`` in training mode, applied
to a tensor of shape (M, B): each feature is normalized over its own M samples, and the features are
independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from bntheory.simulation.laws import Law

#: Which batch statistics each kind of normalization uses: the mean, the deviation.
KINDS = {"bn": (True, True), "mean": (True, False), "std": (False, True)}

#: What is added to the batch variance, relative to the population variance.  It is below the
#: rounding error of every batch that has a spread; a batch without one is mapped to beta.
EPSILON = 1e-30


@dataclass(frozen=True, eq=False)
class Batch:
    """Batches of hidden values, and what became of them.

    Attributes
    ----------
    z : Tensor, shape (M, B)
        Standardized hidden values, (h - mu_P)/sigma_P.
    h_bar : Tensor, shape (M, B)
        Normalized by the population: gamma z + beta.
    h_hat : Tensor, shape (M, B)
        Normalized by their batch.
    mean, std : Tensor, shape (B,)
        The statistics that ``BatchNorm1d`` used, in units of the population's:
        (mu_B - mu_P)/sigma_P and sigma_B/sigma_P.
    """

    z: Tensor
    h_bar: Tensor
    h_hat: Tensor
    mean: Tensor
    std: Tensor


@dataclass(frozen=True)
class Layer:
    """A neuron under batch normalization, on hidden values of a law.

    Attributes
    ----------
    law : Law
        The law of the hidden value h.
    M : int
        The samples of a batch.
    gamma, beta : float
        Scale and shift.
    kind : {"bn", "mean", "std"}
        What is taken from the batch: mean and deviation, or one of them and the other one from the
        population.

    Raises
    ------
    ValueError
        If a batch has fewer than 2 samples, or the kind is unknown.
    """

    law: Law
    M: int
    gamma: float = 1.0
    beta: float = 0.0
    kind: str = "bn"

    def __post_init__(self) -> None:
        if self.M < 2:
            raise ValueError(f"M = {self.M} is outside its domain, 2 <= M")
        if self.kind not in KINDS:
            raise ValueError(f"kind = {self.kind!r}; the kinds are {', '.join(KINDS)}")

    def __str__(self) -> str:
        law = f"{self.law.name}: {self.law.meaning}"
        return f"{self.kind} M={self.M} gamma={self.gamma!r} beta={self.beta!r} {law}"

    @torch.no_grad()
    def normalize(
        self, generator: torch.Generator, batches: int, dtype: torch.dtype = torch.float64
    ) -> Batch:
        """Draw batches and normalize them.

        Parameters
        ----------
        generator : torch.Generator
            The batches are on its device.
        batches : int
            How many.
        dtype : torch.dtype
            Double precision unless told.

        Returns
        -------
        Batch
        """
        law, gamma = self.law, self.gamma
        h = law.sample(generator, (self.M, batches), dtype)
        norm = nn.BatchNorm1d(
            batches, eps=EPSILON * law.std**2, momentum=1.0, device=h.device, dtype=dtype
        )
        norm.weight.fill_(gamma)
        norm.bias.fill_(self.beta)
        h_hat = norm(h)
        # after one step at momentum 1 the running statistics are those of the batch, and the
        # variance is the unbiased one
        mean = (norm.get_buffer("running_mean") - law.mean) / law.std
        variance = norm.get_buffer("running_var") * ((self.M - 1) / self.M)
        std = variance.sqrt_() / law.std
        z = h.sub_(law.mean).div_(law.std)
        h_bar = gamma * z + self.beta
        if self.kind == "mean":
            h_hat = h_bar - gamma * mean
        elif self.kind == "std":
            h_hat += gamma * (mean / std)
        return Batch(z, h_bar, h_hat, mean, std)
