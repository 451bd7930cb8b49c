"""The rates of gamma^2, RL and L^2, as N grows (Eq. 9).

A step takes the time 1/N.  So N times the average step has a limit as N -> oo; fluctuations around
the average are of order 1/N per step and vanish with it.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_data, dot
from bntheory.proof import Proof
from derivations import eq8
from derivations.model import LARGE_N, N, delta, open_integrals, u, v, x

i1, i2, i3 = open_integrals()

#: The expectations of what is random in (8), by their names.
MOMENTS = {
    delta * u: i1,
    delta * v: i3,
    delta**2 * dot(x, x): i2,
    delta**2 * u**2: E_data(delta**2 * u**2),
}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the rates in terms of I1, I2, I3; they hold for every activation."""
    d = Proof("eq9", activation)
    step = d.cite(eq8.derive())
    d.assume(LARGE_N)
    rates = {}
    for quantity in ("gamma2", "RL", "L2"):
        mean = d.average(
            f"Average N times the step of {WORDS[quantity]}",
            sp.expand(N * step[f"Delta_{quantity}"]),
            MOMENTS,
        )
        rates[quantity] = d.limit("As N -> oo", mean, N, sp.oo, name=SYMBOLS[f"d{quantity}_dt"])
    return d.conclude(
        {SYMBOLS[f"d{quantity}_dt"]: rate for quantity, rate in rates.items()},
        **{f"d{quantity}_dt": rate for quantity, rate in rates.items()},
    )


WORDS = {"gamma2": "gamma^2", "RL": "RL", "L2": "L^2"}
