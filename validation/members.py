"""Averages over a batch of Gaussian hidden values and one of its members, by quadrature.

The member's normalized value t, the deviation s and the mean m of the batch are independent (Basu),
and the member is z = m + s t: see :mod:`bntheory.batch_dynamics.quadrature`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from bntheory.batch_dynamics.quadrature import nodes

#: Nodes in each direction.
COUNT = 48


def average(M: int, f: Callable[[Tensor, Tensor], Tensor]) -> float:
    """Average f(t, z), with mu_P = 0 and sigma_P = 1.

    Parameters
    ----------
    M : int
        4 <= M.
    f : callable
        Of the member's value normalized by its batch and by the population.
    """
    found = nodes(M, COUNT)
    t = np.concatenate((-found.value, found.value))
    of_t = np.concatenate((found.of_value, found.of_value))
    m, of_m = np.polynomial.hermite_e.hermegauss(COUNT)
    z = t[:, None, None] * found.s[:, None] + m / M**0.5
    weight = of_t[:, None, None] * found.of_s[:, None] * of_m
    normalized = torch.as_tensor(np.broadcast_to(t[:, None, None], z.shape).copy())
    values = f(normalized, torch.as_tensor(z)).numpy()
    return float((weight * values).sum() / weight.sum())
