"""B1, B2 and B3 for any activation function, from explicit batches.

The batches are points of a scrambled Sobol sequence (quasi-Monte Carlo) in 2 M dimensions, the
components of M inputs along and across w; as many scramblings as are asked for give the error.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory.batch_dynamics.arguments import batch_sizes
from bntheory.dynamics import arguments

if TYPE_CHECKING:
    import xarray as xr


def sampled(
    activation: Any,
    gamma: float,
    R: float,
    M: int,
    *,
    samples: int = 2**12,
    scramblings: int = 16,
    seed: int = 2019,
) -> xr.Dataset:
    """Average over explicit batches what ``derive bn-dynamics`` says of B1, B2 and B3.

    Parameters
    ----------
    activation : str, Activation, Expr or callable
        Whatever :func:`bntheory.activations.of` takes, without free parameters.
    gamma, R : float
        Scale; overlap, -1 <= R <= 1.
    M : int
        Samples of a batch; 4 <= M.
    samples, scramblings : int
        Batches of a sequence, a power of 2; and sequences, from 2 on.
    seed : int
        Where the scramblings come from.

    Returns
    -------
    xarray.Dataset
        ``B1``, ``B2`` and ``B3``, and the standard error of each in ``B1_error`` and so on.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.
    """
    import sympy as sp
    import xarray as xr
    from scipy import special, stats

    from bntheory.activations import X, of

    found = of(activation)
    if found.parameters:
        raise ValueError(f"activation = {found.name} has a free parameter, {found.parameters[0]}")
    (size,) = batch_sizes(M)
    gamma, R = float(arguments.inside("gamma", gamma)), float(arguments.inside("R", R))
    if samples < 2 or samples & (samples - 1):
        raise ValueError(f"samples = {samples} is not a power of 2")
    if scramblings < 2:
        raise ValueError(f"scramblings = {scramblings} is outside its domain, 2 <= scramblings")
    g, slope = (
        sp.lambdify(X, expr, [{"erf": special.erf, "erfc": special.erfc}, "numpy"])
        for expr in (found.expr, found.derivative(X))
    )
    means = []
    for part in np.random.SeedSequence(seed).spawn(scramblings):
        sequence = stats.qmc.Sobol(2 * size, rng=np.random.default_rng(part))
        points = special.ndtri(sequence.random(samples)).reshape(samples, 2, size)
        means.append(_of_batches(g, slope, points, gamma, R))
    values = np.array(means)
    errors = values.std(0, ddof=1) / math.sqrt(scramblings)
    names = ("B1", "B2", "B3")
    return xr.Dataset(
        dict(zip(names, values.mean(0), strict=True))
        | {f"{name}_error": error for name, error in zip(names, errors, strict=True)},
        attrs={"activation": found.name, "gamma": gamma, "R": R, "M": size, "seed": seed},
    )


def _of_batches(
    g: Any, slope: Any, points: np.ndarray, gamma: float, R: float
) -> tuple[float, float, float]:
    """Return the averages over batches, with components along and across w, shape (.., 2, M)."""
    along, across = points[:, 0], points[:, 1]
    deviation = along.std(axis=1, keepdims=True)
    h_hat = (along - along.mean(axis=1, keepdims=True)) / deviation
    u, v = gamma * h_hat, R * along + math.sqrt(1 - R * R) * across
    delta = (slope(u) * (g(v) - g(u))) * np.ones_like(u)
    part = (delta * h_hat).mean(axis=1, keepdims=True)
    pull = delta - delta.mean(axis=1, keepdims=True) - h_hat * part
    return (
        gamma * float(part.mean()),
        float((pull**2 / deviation**2).mean()),
        float((pull * v / deviation).mean()),
    )
