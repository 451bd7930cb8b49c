"""The loss of a generalized linear model, expanded around population normalization (App. C.1).

The likelihood is p(y | h) ~ exp(y h - A(h)); what depends on y alone is left out.  h_hat - h_bar is
of order 1/sqrt(M), and its third power has a mean of order 1/M^2.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, A, E_noise, average, ell, p
from bntheory.proof import Proof
from derivations.batch import h_bar, h_hat, noise, tau, y

loss = A(h_hat) - y * h_hat


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the terms of first and second order in h_hat - h_bar."""
    d = Proof("c1-glm", activation)
    d.assume("a factor of the likelihood that depends on y alone is left out")
    d.rewrite(
        "The negative logarithm of the likelihood",
        -sp.log(sp.exp(y * h_hat - A(h_hat))),
        sp.expand_log,
        ell(h_hat),
    )
    expanded = d.expand(
        "With h_hat = h_bar + tau Delta, to second order in tau",
        loss.subs(h_hat, h_bar + tau * noise),
        tau,
        2,
        ell(h_hat),
    )
    first, second = (expanded.coeff(tau, k) for k in (1, 2))
    first, second = (
        d.substitute(f"The {which} order term", part * tau**k, {noise: (h_hat - h_bar) / tau})
        for k, which, part in ((1, "first", first), (2, "second", second))
    )
    Rf, Rq = (average(E_noise(part)) for part in (first, second))
    return d.conclude(
        {
            sp.log(p(y, h_hat)): -loss,
            average(E_noise(ell(h_hat))): average(ell(h_bar)) + Rf + Rq,
            SYMBOLS["Rf"]: Rf,
            SYMBOLS["Rq"]: Rq,
        },
        Rf=first,
        Rq=second,
    )
