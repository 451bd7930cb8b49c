"""ReLU students of least training error, solved exactly.

A ReLU student has the least error of a sample where w.x = y* for a label above 0, and w.x <= 0 for
one below.  Whether there is such a student is a linear program; the shortest of them is a problem
of least distance, which Lawson and Hanson (1974, ch. 23) reduce to non-negative least squares.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from bntheory.simulation.teacher import Samples


def reaches_least_error(samples: Samples) -> Tensor:
    """Return for which replicas some ReLU student has the least error of every sample.

    Parameters
    ----------
    samples : Samples
        Of any number of replicas, P x N up to some thousand by some hundred.

    Returns
    -------
    Tensor of bool, shape (replicas,)
    """
    from scipy.optimize import linprog

    found = []
    for x, y in _replicas(samples):
        above = y > 0
        program = linprog(
            np.zeros(x.shape[1]),
            A_ub=x[~above] if (~above).any() else None,
            b_ub=np.zeros((~above).sum()) if (~above).any() else None,
            A_eq=x[above],
            b_eq=y[above],
            bounds=(None, None),
            method="highs",
        )
        found.append(program.status == 0)
    return torch.tensor(found)


def shortest_interpolation(samples: Samples) -> Tensor:
    """Return the shortest weights that have the least error of every sample.

    Parameters
    ----------
    samples : Samples
        Of any number of replicas.

    Returns
    -------
    Tensor, shape (replicas, N)
        nan where there are none.
    """
    found = [torch.from_numpy(_shortest(x, y)) for x, y in _replicas(samples)]
    return torch.stack(found).to(samples.w_star)


def _replicas(samples: Samples) -> list[tuple[np.ndarray, np.ndarray]]:
    x, y = (values.cpu().double().numpy() for values in (samples.x, samples.y))
    return list(zip(x, y, strict=True))


def _shortest(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Fix the labels above 0, and go as little as the others ask for across them."""
    from scipy.linalg import null_space
    from scipy.optimize import nnls

    above = y > 0
    start = np.linalg.lstsq(x[above], y[above], rcond=None)[0]
    free = null_space(x[above])
    if np.abs(x[above] @ start - y[above]).max() > 1e-8 * (1 + np.abs(y).max()):
        return np.full(x.shape[1], math.nan)
    held = -x[~above] @ free  # at least ``least``, times what is added
    least = x[~above] @ start
    table = np.vstack([held.T, least])
    target = np.zeros(len(table))
    target[-1] = 1.0
    weights, _ = nnls(table, target, maxiter=50 * table.shape[1])
    rest = table @ weights - target
    if abs(rest[-1]) < 1e-10:
        return np.full(x.shape[1], math.nan)
    return start + free @ (-rest[:-1] / rest[-1])
