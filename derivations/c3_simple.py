"""The gamma decay of a linear student to first order in 1/M (App. C.3).

E[1/sigma_B^2] is rational in M, and E[1/sigma_B] follows from a recurrence: the product of its
values at M and at M + 1 is algebraic.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory import checking
from bntheory.activations import Activation
from bntheory.calculus.batch_noise import expansion
from bntheory.calculus.gamma_ratio import algebraic, coefficients
from bntheory.derivation import Derivation
from bntheory.proof import Proof
from derivations import c3_exact, c3_moments
from derivations.batch import BACK, M, sigma_B, sigma_P, tau, zeta
from derivations.c3_exact import HALF, lam

UNIT = {sigma_P: sp.S.One}
WHOLE = {lam: sp.S.One}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive 3/(4 M), 1/(4 M) and 1/(2 M), each with the loss that it belongs to."""
    d = Proof("c3-simple", activation)
    moments = d.cite(c3_moments.derive())
    exact = d.cite(c3_exact.derive())
    inverse_std = moments["inverse_std"].subs(UNIT)
    recurrence = d.rewrite(
        "The product of E[1/sigma_B] at M and at M + 1",
        inverse_std * inverse_std.subs(M, M + 1),
        algebraic,
    )
    series = sum(c * tau ** (2 * k) for k, c in enumerate(coefficients(recurrence, 2)))
    exact_in_tau = inverse_std.subs(M, tau**-2)
    d.step(
        "solve",
        "It fixes E[1/sigma_B], in powers of tau^2 = 1/M",
        exact_in_tau,
        series,
        lambda after: checking.expansion(exact_in_tau, after, tau, 4),
        1 / sigma_B,
        approximation="O(1/M**3)",
    )
    values = []
    for loss, name, scale in (
        ("half the squared error", "whole_decay", HALF),
        ("half the squared error, without mu_B,", "decay", HALF),
        ("the squared error, without mu_B,", "decay", WHOLE),
    ):
        decay = exact[name].subs(scale).subs(UNIT)
        simple = _to_first_order(d, loss, decay, inverse_std, series)
        values.append({zeta: d.substitute("that is", simple, BACK, zeta)})
    d.remark(
        "These are what the noise adds to the loss of an aligned student, over gamma^2. The pull "
        "on gamma that a batch makes is 3/(8 M), with and without mu_B (own-batch-decay)."
    )
    return d.conclude(
        values,
        gamma_decay_linear=values[0][zeta],
        gamma_decay_linear_no_bias=values[1][zeta],
        gamma_decay_linear_no_bias_whole_error=values[2][zeta],
    )


def _to_first_order(
    d: Proof, loss: str, decay: sp.Expr, inverse_std: sp.Expr, series: sp.Expr
) -> sp.Expr:
    """Expand an exact decay in tau, with the series of E[1/sigma_B] in its place."""
    rising = sp.gamma(M / 2 - 1)  # in decay as in inverse_std: what it is over is the same
    in_tau = sp.cancel(sp.powsimp(decay.subs(rising, rising * series / inverse_std)))
    in_tau = sp.cancel(in_tau.subs(M, tau**-2))
    exact = decay.subs(M, tau**-2)
    return d.step(
        "expand",
        f"The decay of {loss} is",
        exact,
        expansion(in_tau, tau, 2),
        lambda after: checking.expansion(exact, after, tau, 2),
        zeta,
        approximation="O(1/M**2)",
    )
