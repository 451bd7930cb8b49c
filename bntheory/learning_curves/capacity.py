"""The load up to which a ReLU student reaches the least training error."""

from __future__ import annotations

import math
from functools import cache

from bntheory.formulas import generalization
from bntheory.learning_curves.arguments import number


def capacity(S: float) -> float:
    """Return the load alpha_c at which the training error leaves its least value.

    Up to alpha_c there is a ReLU student with g(w.x) = max(y, 0) for every sample, as N -> oo.

    Parameters
    ----------
    S : float
        Variance of the teacher's noise; 0 <= S.

    Returns
    -------
    float
        From 2 at S = 0 down to 4/3 as S -> oo.

    Raises
    ------
    ValueError
        If S is outside its domain.

    Notes
    -----
    Beyond Luo et al. 2019; ``bntheory derive rs-capacity``.
    """
    return _capacity(number("S", S))


@cache
def _capacity(S: float) -> float:
    from scipy.optimize import brentq

    if S == 0:
        return 2.0
    load_and_noise = generalization.capacity_relu.math
    low, high = 0.0, math.pi / 2
    angle = brentq(lambda phi: load_and_noise(phi)[1] - S, low, high, xtol=1e-15, rtol=1e-15)
    return float(load_and_noise(angle)[0])
