"""The Jacobian at the fixed point and its eigenvalues (Prop. 2).

The rates (10) are differentiated with I1, I2, I3 left open.  At the fixed point two identities
hold: I1 = zeta gamma0^2, and gamma I3 = I1 for every gamma, since u = gamma v at R = 1.  What the
paper drops are the terms with I2(gamma0, 1) and its slope in gamma: of second and first order in
1 - gamma0, zero without decay.  Without them the Jacobian is block-triangular, one eigenvalue
belongs to gamma, one to R, and the third is zero because L0 is arbitrary.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import I2, SYMBOLS
from bntheory.proof import Proof
from derivations import eq10
from derivations.model import L0, L, R, eta, gamma, gamma0, open_integrals, zeta

I1_gamma, I2_gamma, I3_gamma = (SYMBOLS[f"I{i}_gamma"] for i in "123")
I1_R, I2_R, I3_R = (SYMBOLS[f"I{i}_R"] for i in "123")
J = sp.ImmutableMatrix(3, 3, [SYMBOLS[f"J{i}{j}"] for i in "123" for j in "123"])
RATES = sp.Tuple(*(SYMBOLS[f"d{name}_dt"] for name in ("gamma", "R", "L")))
lambda_gamma, lambda_R = SYMBOLS["lambda_gamma"], SYMBOLS["lambda_R"]
eta_max, eta_eff = SYMBOLS["eta_max_bn"], SYMBOLS["eta_eff_bn"]


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the Jacobian, its eigenvalues and the rate at which R turns unstable.

    They are in terms of I1, I2, I3 and their slopes, and hold for every activation.
    """
    d = Proof("prop2", activation)
    rates = d.cite(eq10.derive())["bn_rates"]
    i1, i2, i3 = open_integrals()

    full = d.jacobian("Differentiate the rates (10) in gamma, R and L", rates, (gamma, R, L), J)
    slopes = {
        sp.Derivative(i, by): SYMBOLS[f"I{n}_{by}"]
        for n, i in (("1", i1), ("2", i2), ("3", i3))
        for by in (gamma, R)
    }
    full = d.substitute("Name the slopes of I1, I2, I3", full, slopes, J)
    noise = I2(gamma0, 1)
    here = {
        i1: zeta * gamma0**2,
        i2: noise,
        i3: zeta * gamma0,
        I3_gamma: (I1_gamma - zeta * gamma0) / gamma0,
        gamma: gamma0,
        R: 1,
        L: L0,
    }
    full = d.substitute("At the fixed point I1 = zeta gamma0^2 and gamma I3 = I1", full, here, J)
    kept = d.neglect(
        "Neglect I2 and its slope in gamma there, as the paper does",
        full,
        {noise: 0, I2_gamma: 0},
        "I2 = O((1-gamma0)**2) and its slope O(1-gamma0)",
        J,
    )
    pair = d.eigenvalues("Its eigenvalues", kept, sp.Tuple(lambda_gamma, lambda_R, 0))

    rate = d.substitute(
        "In the effective rate eta_eff = eta gamma0/L0^2, lambda_R/eta_eff is",
        pair[1] / eta_eff,
        {eta: eta_eff * L0**2 / gamma0},
    )
    largest = d.solve("which is zero at eta_eff = eta_max", rate, eta_eff, eta_max)

    return d.conclude(
        {
            **{J[k]: kept[k] for k in range(9)},
            lambda_gamma: pair[0],
            lambda_R: pair[1],
            eta_max: largest,
            eta_eff: eta * gamma0 / L0**2,
        },
        jacobian=full,
        lambda_gamma=pair[0],
        lambda_R=pair[1],
        eta_max=largest,
        eta_eff=eta * gamma0 / L0**2,
    )
