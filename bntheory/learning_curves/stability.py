"""The temperature below which replica symmetry is unstable [almeida1978]."""

from __future__ import annotations

import math

from bntheory.learning_curves.arguments import number
from bntheory.learning_curves.saddle import saddle_point

#: Inverse temperatures, over the ridge's scale of energy, between which it is looked for.
LOWEST, HIGHEST = 1e-2, 1e7


def almeida_thouless(alpha: float, S: float, ridge: float) -> float:
    """Return the temperature 1/beta below which replica symmetry is unstable.

    At zero temperature the best output of a ReLU student jumps between two values, and replica
    symmetry is unstable wherever there is a ridge; how far up in temperature that reaches tells how
    much it matters.

    Parameters
    ----------
    alpha, S, ridge : float
        As for :func:`bntheory.learning_curves.saddle_point`; 0 < ridge.

    Returns
    -------
    float
        In units of the energy, half of a squared error; to about six digits.  0 where replica
        symmetry is stable at all temperatures that are looked at, from 100 down to 1e-7.

    Raises
    ------
    ValueError
        If an argument is outside its domain.
    NotConverged
        Where no saddle point is found on the way.
    """
    from scipy.optimize import brentq

    number("alpha", alpha), number("S", S)
    if number("ridge", ridge) == 0:
        raise ValueError("ridge = 0 is outside its domain, 0 < ridge")

    def replicon(log_beta: float) -> float:
        return saddle_point(alpha, S, ridge=ridge, beta=math.exp(log_beta)).replicon

    low, high = math.log(LOWEST), math.log(1.0)
    while replicon(high) > 0:
        low, high = high, high + math.log(10.0)
        if high > math.log(HIGHEST):
            return 0.0
    return math.exp(-brentq(replicon, low, high, xtol=1e-6))
