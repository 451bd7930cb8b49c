"""What a user gives: batch sizes and an activation function whose averages are reduced."""

from __future__ import annotations

from typing import Any

import numpy as np

from bntheory.activations import Activation, of


def batch_sizes(M: Any) -> list[int]:
    """Return batch sizes as a list.

    Raises
    ------
    ValueError
        If one is not a whole number, or below 4, where E[1/sigma_B^2] does not exist.
    """
    array = np.atleast_1d(np.asarray(M))
    if array.ndim > 1 or array.dtype.kind not in "iu" or not array.size:
        raise ValueError(f"M = {M!r} is not a whole number or a 1-D array of them")
    for size in array.tolist():
        if size < 4:
            raise ValueError(f"M = {size} is outside its domain, 4 <= M: below, E[1/s^2] diverges")
    sizes: list[int] = array.tolist()
    return sizes


def effective_rate(eta_eff: Any) -> np.ndarray:
    """Return effective rates as an array.

    Raises
    ------
    ValueError
        If one is negative or not finite, or there are none.
    """
    array = np.asarray(eta_eff, dtype=float)
    if array.ndim > 1 or not array.size:
        raise ValueError(f"eta_eff has shape {array.shape}, and is a number or a 1-D array of them")
    for rate in array.ravel().tolist():
        if not 0 <= rate < np.inf:
            raise ValueError(f"eta_eff = {rate:g} is outside its domain, 0 <= eta_eff")
    return array


def reduced(activation: Any) -> Activation:
    """Return an activation function whose averages are reduced.

    Raises
    ------
    ValueError
        If there is no such function, or its averages are not reduced.
    """
    from derivations.bn_dynamics import REDUCED

    found = of(activation)
    if found not in REDUCED:
        names = ", ".join(each.name for each in REDUCED)
        raise ValueError(f"activation = {found.name}: the averages are reduced for {names}")
    return found
