"""The load up to which a ReLU student reaches the least training error."""

from __future__ import annotations

import math
from functools import cache

import mpmath as mp

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
    if S == 0:
        return 2.0
    load_and_noise = generalization.capacity_relu.mp
    with mp.workdps(40 + abs(round(math.log10(S)))):  # S is what is left of two numbers, or a pole
        low, high = mp.mpf(0), mp.pi / 2
        while high - low > low * mp.mpf(10) ** -18:
            middle = (low + high) / 2
            if load_and_noise(middle)[1] < S:
                low = middle
            else:
                high = middle
        return float(load_and_noise(low)[0])
