"""Students of Sections 3 and 4, and the gradients of their losses, written out.

In all of them y = g(a), with g the identity, ReLU or a function of the user's and, by method,

- ``sgd``: a = w.x
- ``wn``: a = sqrt(N) gamma w.x/|w|
- ``bn``: a = gamma (h - mu_B)/sigma_B with h = w.x, which is ``torch.nn.BatchNorm1d`` in training
  mode with a bias of 0
- ``bn-std``: a = gamma h/sigma_B, the deviation of the batch alone
- ``bn-rms``: the same with the root mean square of the batch, sqrt(mean h^2), for sigma_B

and the loss of M samples is the mean of (y* - y)^2, for ``wn`` plus zeta gamma^2 (Luo et al. 2019,
Section 4).  Replicas come first in all shapes; w and what belongs to samples are rows, as products
of batches of matrices with a row are several times as fast as those with a column.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from bntheory.activations import Activation
from bntheory.simulation.arguments import inside, one_of
from bntheory.simulation.batches import EPSILON
from bntheory.simulation.functions import for_torch
from bntheory.simulation.teacher import STUDENTS

#: Under batch normalization, whether the mean of the batch is taken off h, and whether it is taken
#: off that h of which sigma_B is the root mean square.
STATISTICS = {"bn": (True, True), "bn-std": (False, True), "bn-rms": (False, False)}

METHODS = ("sgd", "wn", *STATISTICS)


@dataclass(frozen=True)
class Network:
    """A student.

    Attributes
    ----------
    method : {"sgd", "wn", "bn", "bn-std", "bn-rms"}
    student : {"linear", "relu"} or Activation
        The activation function g; one of :class:`bntheory.activations.Activation` has no free
        parameters.
    zeta : float
        The decay of gamma; of ``wn`` alone.
    epsilon : float
        What batch normalization adds to the variance.

    Raises
    ------
    ValueError
        If there is no such method or student, zeta is negative, or the method has no decay.
    """

    method: str
    student: str | Activation
    zeta: float = 0.0
    epsilon: float = EPSILON

    def __post_init__(self) -> None:
        one_of("method", self.method, METHODS, "methods")
        if not isinstance(self.student, Activation):
            one_of("student", self.student, STUDENTS, "students")
        if inside("zeta", self.zeta, 0) and self.method != "wn":
            raise ValueError(f"zeta = {self.zeta:g}, but {self.method} has no decay, zeta = 0")


class Gradient(NamedTuple):
    """M/2 times the gradient of the loss.

    That of w is rows @ x + along w.

    Attributes
    ----------
    rows : Tensor, shape (replicas, 1, M)
        By each w.x.
    along : Tensor, shape (replicas, 1, 1), or None
        What w itself is multiplied by, if it enters otherwise than by w.x.
    gamma : Tensor, shape (replicas, 1, 1), or None
        By gamma, if there is one.
    """

    rows: Tensor
    along: Tensor | None = None
    gamma: Tensor | None = None


def gradient(network: Network, w: Tensor, gamma: Tensor, x: Tensor, y: Tensor) -> Gradient:
    """Return M/2 times the gradient of the loss of a batch.

    Parameters
    ----------
    network : Network
        The student.
    w : Tensor, shape (replicas, 1, N)
        Its weights.
    gamma : Tensor, shape (replicas, 1, 1)
        Its scale, of which ``sgd`` makes no use.
    x : Tensor, shape (replicas, M, N)
        Inputs.
    y : Tensor, shape (replicas, 1, M)
        The teacher's outputs.

    Returns
    -------
    Gradient
    """
    h = torch.bmm(w, x.mT)
    if network.method == "sgd":
        return Gradient(_by_argument(network, h, y))
    if network.method == "wn":
        norm = torch.linalg.vector_norm(w, dim=2, keepdim=True)
        scale = math.sqrt(w.shape[2]) / norm
        unit = h.mul_(scale)
        slopes = _by_argument(network, gamma * unit, y)
        pull = _sum(slopes * unit)
        decay = network.zeta * x.shape[1] * gamma
        return Gradient(slopes.mul_(gamma * scale), -gamma * pull / norm**2, pull + decay)
    minus_mean, about_mean = STATISTICS[network.method]
    off = h - h.mean(2, keepdim=True) if about_mean else h
    inverse = (off.square().mean(2, keepdim=True) + network.epsilon).rsqrt_()
    unit = (off if minus_mean else h) * inverse
    slopes = _by_argument(network, gamma * unit, y)
    pull = _sum(slopes * unit)
    # what h does to sigma_B, and to mu_B
    rows = slopes - off * (pull * inverse / x.shape[1])
    if minus_mean:
        rows -= slopes.mean(2, keepdim=True)
    return Gradient(rows.mul_(gamma * inverse), gamma=pull)


def _by_argument(network: Network, a: Tensor, y: Tensor) -> Tensor:
    """Return g'(a) (g(a) - y), with g'(0) = 0 for ReLU."""
    if isinstance(network.student, Activation):
        g, slope = for_torch(network.student)
        return (g(a) - y).mul_(slope(a))
    return a - y if network.student == "linear" else (a - y).mul_(a > 0)


def _sum(values: Tensor) -> Tensor:
    return values.sum(2, keepdim=True)


def effective(network: Network, w: Tensor, gamma: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """Return by what to multiply and to shift w.x in evaluation mode.

    Batch normalization has the statistics of all training samples there.

    Parameters
    ----------
    network : Network
        The student.
    w : Tensor, shape (replicas, 1, N)
        Its weights.
    gamma : Tensor, shape (replicas, 1, 1)
        Its scale.
    h : Tensor, shape (replicas, 1, P)
        w.x of all training samples.

    Returns
    -------
    scale, shift : Tensor, shape (replicas, 1, 1)
    """
    if network.method == "sgd":
        return torch.ones_like(gamma), torch.zeros_like(gamma)
    if network.method == "wn":
        norm = torch.linalg.vector_norm(w, dim=2, keepdim=True)
        return gamma * math.sqrt(w.shape[2]) / norm, torch.zeros_like(gamma)
    minus_mean, about_mean = STATISTICS[network.method]
    mean = h.mean(2, keepdim=True)
    off = h - mean if about_mean else h
    scale = gamma / (off.square().mean(2, keepdim=True) + network.epsilon).sqrt()
    return scale, -scale * mean if minus_mean else torch.zeros_like(gamma)
