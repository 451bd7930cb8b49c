"""Proposition 5: the free energy of a ReLU student, by the paper's argument (App. D.2, Eq. 21).

A student's field is u = m + sqrt(q^2 - gamma^2) h3, with the part m that all replicas share, and
its output is 0 for u < 0.  The label is y_star = h1 + s.  The paper takes the inner integral over
h3 as follows.

    y_star > 0    over the whole line, as if the output were u for u < 0, too
    y_star <= 0   its largest value, exp(-beta y_star^2/2), that of every u < 0

The first is right as beta -> oo where an output can reach the label.  The second leaves out how
much of the integral u < 0 takes, Phi(-m/sqrt(q^2 - gamma^2)): its logarithm is of the same order as
what is kept, and it is all that the samples with negative labels say about m.  The statement is
derived here as argued; `rs-relu` derives what the integral is.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory import checking
from bntheory.activations import Activation
from bntheory.calculus import replica
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_data
from bntheory.proof import Proof
from derivations import eq19
from derivations.eq16 import MEANS, NAMES
from derivations.generalization import NOISY_TEACHER, S, alpha, beta, gamma, h1, q, s

m, spread, u, y_star = (SYMBOLS[name] for name in ("field", "spread", "u", "y_star"))

#: What is integrated: the Boltzmann factor of an output, and the law of the field.
density = sp.exp(-((u - m) ** 2) / (2 * spread)) / sp.sqrt(2 * sp.pi * spread)
boltzmann = sp.exp(-beta * (sp.Max(u, 0) - y_star) ** 2 / 2)
on_the_line = sp.exp(-beta * (u - y_star) ** 2 / 2) * density

WITH_NOISE = {s**2: S, s * h1: sp.S.Zero, s * SYMBOLS["h2"]: sp.S.Zero}
NOISE_NAMES = {product: E_data(product) for product in WITH_NOISE}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the free energy as the paper does, each of its approximations a marked step."""
    d = Proof("prop5", activation)
    entropy = d.cite(eq19.derive())["entropy"]
    d.assume(NOISY_TEACHER, "the student is ReLU", "beta -> oo, as the paper takes it")
    positive = _positive_labels(d)
    negative = d.step(
        "estimate",
        "For y_star <= 0 the paper takes the largest value in place of the integral, which is that "
        "of every u < 0",
        boltzmann,
        boltzmann.subs(u, 0),
        _largest,
        approximation="log Phi(-m/sqrt(q^2 - gamma^2)), of the order of what is kept",
    )
    square, mean = _half_mean(d, m - y_star, "m - y_star")
    label, its = _half_mean(d, y_star, "y_star")
    energies = [
        d.substitute(
            f"{sign.capitalize()} labels add, over alpha,", _log(inner) / 2, {found: 2 * half}
        )
        for sign, inner, found, half in (
            ("positive", positive, square, mean), ("negative", negative, label, its)
        )
    ]
    energy = d.substitute(
        "Together they are", alpha * sp.Add(*energies), {spread: q**2 - gamma**2}
    )
    d.remark(
        "(21) is not the limit of (19): for labels below 0 the logarithm of Phi(-m/sqrt(q^2 - "
        "gamma^2)) is dropped, which is of order 1 as the rest that depends on gamma and R is. "
        "With it the student has to keep its field below 0 there, alpha/2 conditions more, and "
        "the load where it cannot any more is below 2, down to 4/3 for large S (rs-capacity)."
    )
    whole = entropy + energy
    return d.conclude({SYMBOLS["f"]: -whole / beta}, free_energy_relu=whole)


def _positive_labels(d: Proof) -> sp.Expr:
    """Integrate over the whole line."""
    exponent = sp.expand(-beta * (u - y_star) ** 2 / 2 - (u - m) ** 2 / (2 * spread))
    both = on_the_line + on_the_line.subs(u, -u)
    return d.step(
        "integrate",
        "For y_star > 0 the paper lets the output be u on the whole line: the inner integral, "
        "over u and -u > 0, is",
        both,
        sp.powsimp(replica.whole_line(exponent, u) / sp.sqrt(2 * sp.pi * spread)),
        lambda after: checking.integral(both, u, sp.oo, after, {}),
        approximation="the branch u < 0 of ReLU, exp(-beta y_star^2/2)",
    )


def _largest(after: sp.Expr) -> checking.Check:
    """Check the largest Boltzmann factor of a negative label, over a grid of fields."""
    factor, pairs = checking.evaluate(boltzmann), []
    points = checking.sample({beta, y_star} | after.free_symbols)
    for point in points:
        at = {**point, beta: abs(point[beta]), y_star: -abs(point[y_star])}
        heights = [factor({**at, u: field}) for field in range(-3, 4)]
        pairs.append((max(heights), checking.evaluate(after)(at)))
    return checking.sampled("the largest on a grid of fields", pairs, 12, len(points))


def _half_mean(d: Proof, expr: sp.Expr, what: str) -> tuple[sp.Expr, sp.Expr]:
    """Average a square over the half of all (h1, h2, s) where the label has a sign."""
    square = expr**2
    written = d.substitute(
        f"The square of {what}, in h1, h2 and s", square, {m: eq19.shared, y_star: h1 + s}
    )
    named = d.average(
        "It is even, so that half of its mean counts where the label has one sign",
        sp.expand(written / 2),
        NAMES | NOISE_NAMES,
    )
    means = MEANS | {NOISE_NAMES[p]: mean for p, mean in WITH_NOISE.items()}
    return square, d.substitute("With h1 and h2 of variance 1 and s of variance S", named, means)


def _log(inner: sp.Expr) -> sp.Expr:
    return sp.expand_log(sp.log(inner), force=True)
