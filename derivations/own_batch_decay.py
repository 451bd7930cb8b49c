"""The decay of gamma that a batch really makes, for any partition function A.

A decay is a pull on gamma: zeta gamma^2 in the loss pulls with -2 zeta gamma.  So what the noise
adds to the loss (own-batch) is differentiated in gamma, with y as the model says, and divided by
2 gamma.  The first-order term is zero there in value and *not* in slope: it takes back half of what
Theorem 1 makes of a linear student.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import Activation
from bntheory.calculus.batch_noise import ANY
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, A, A_prime, A_second, A_third, E_noise
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations import c1_rf, c1_rq, own_batch
from derivations.batch import MODEL, beta, gamma, h, h_bar, y, z, zeta

curvature, third = SYMBOLS["loss_curvature"], SYMBOLS["loss_third"]
STATEMENT = Statement(
    "own-batch-decay", "the decay of gamma that a batch really makes", "beyond the paper"
)
#: A linear student: l'' = 1 for half of a squared error.
LINEAR = {curvature: sp.S.One, third: sp.S.Zero}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the pull on gamma, per sample and for a linear student; A' = g for an activation g."""
    d = Proof(STATEMENT, activation)
    batch = d.cite(own_batch.derive())
    rf, rq = d.compare(c1_rf.derive()), d.compare(c1_rq.derive())
    d.assume(MODEL)

    forms = {
        "": ("Batch normalization", batch["shift"], batch["spread"]),
        "_mean_only": ("The batch mean alone", *_parts(batch, "_mean_only")),
        "_std_only": ("The batch deviation alone", *_parts(batch, "_std_only")),
        "_noise_model": ("The noise model", rf["shift"] / gamma, rq["spread"] / gamma**2),
    }
    found: dict[str, sp.Expr] = {}
    for kind, (who, shift, spread) in forms.items():
        found["own_batch_decay" + kind] = _decay(d, who, shift, spread)
    linear = {
        name.replace("decay", "decay_linear"): _of_linear(d, who, found[name])
        for name, (who, *_) in zip(found, forms.values(), strict=True)
    }
    if activation is not None:
        mean = activation(h)
        slope = d.differentiate("With A' = g the curvature is", mean, h, curvature)
        bend = d.differentiate("and its slope", slope, h, third)
        found["own_batch_decay"] = d.substitute(
            "So the decay is",
            found["own_batch_decay"],
            {curvature: slope.subs(h, h_bar), third: bend.subs(h, h_bar)},
            zeta,
        )
    d.remark(
        "Without l''' and skewness a linear student decays with (rho + 6)/(16 M): half of Theorem "
        "1's (rho + 6)/(8 M), whatever the kurtosis. The batch mean alone makes no decay of it. "
        "The noise model itself pulls with (rho + 4)/(4 M), as the slope of its R^f counts, too."
    )
    return d.conclude(**found, **linear)


def _parts(batch: Derivation, kind: str) -> tuple[sp.Expr, sp.Expr]:
    return batch["shift" + kind], batch["spread" + kind]


def _decay(d: Proof, who: str, shift: sp.Expr, spread: sp.Expr) -> sp.Expr:
    """Differentiate what the noise adds to the loss, put the model's y in, divide by 2 gamma."""
    population = gamma * z + beta
    loss = A(h) - y * h
    slope, bend = (sp.diff(loss, h, k).subs(h, population) for k in (1, 2))
    excess = gamma * slope * shift + gamma**2 * bend * spread / 2
    pull = d.differentiate(f"{who}: the slope in gamma of what the noise adds", excess, gamma)
    pull = d.substitute(
        "for a true model, E[y | x] = A'(h_bar),",
        pull,
        {y: A_prime(population)},
    )
    named = d.substitute(
        "over 2 gamma, with the derivatives of the loss",
        sp.expand(pull / (2 * gamma)),
        {A_second(population): curvature, A_third(population): third},
        zeta,
    )
    return d.rewrite("that is", named, lambda e: sp.collect(sp.expand(e), (curvature, third),
                                                           sp.factor), zeta)


def _of_linear(d: Proof, who: str, decay: sp.Expr) -> sp.Expr:
    """Average over z where l'' = 1."""
    flat = sp.expand(d.substitute(f"{who}, for a linear student", decay, LINEAR, zeta))
    open_moments = d.average("averaged over z", flat, {z**k: E_noise(z**k) for k in (1, 2, 3, 4)})
    values = {E_noise(z**k): ANY.mean(z**k) for k in (1, 2, 3, 4)}
    used = {moment: value for moment, value in values.items() if open_moments.has(moment)}
    value = d.substitute("with the moments of z", open_moments, used, zeta)
    return d.rewrite("that is", value, sp.factor, zeta)
