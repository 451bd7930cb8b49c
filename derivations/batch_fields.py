"""The averages of batch normalization's dynamics, reduced for a given activation function.

The hidden values of a batch, over the length of w, are m + s h_hat with the mean m, of variance
1/M, and the deviation s, M s^2 of chi-square with M - 1 degrees of freedom; h_hat is uniform on a
sphere; and the three are independent [basu1955].  The field of the teacher is then

    v = R s h_hat + R m + sqrt(1 - R^2) h2,

Gaussian given s and h_hat, with the mean R s h_hat and the variance 1 - R^2 + R^2/M.  What is left
to average comes down by Stein's lemma [stein1981] and Price's theorem [price1958].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from bntheory import checking
from bntheory.notation import B1, B2, B3, SYMBOLS, E_noise, g, phi
from bntheory.proof import Proof
from derivations import c3_moments
from derivations.batch import M, h_hat, mu_B, sigma_B
from derivations.c3_simple import UNIT
from derivations.model import L0, L, R, eta, gamma, gamma0

delta, delta1, delta2, h1, h2 = (SYMBOLS[n] for n in ("delta", "delta1", "delta2", "h1", "h2"))
h_hat1, h_hat2, z, arc = (SYMBOLS[name] for name in ("h_hat1", "h_hat2", "z", "arc"))
z1, z2 = SYMBOLS["z1"], SYMBOLS["z2"]
k, k1, k2, r = (SYMBOLS[n] for n in ("offset", "offset1", "offset2", "correlation"))
mean_delta, mean_pull, c = (SYMBOLS[name] for name in ("mean_delta", "mean_pull", "c"))

#: The factor of h2 in v.
ACROSS = sp.sqrt(1 - R**2)
#: The deviation D of v given s and h_hat.
D, DEVIATION = SYMBOLS["deviation"], sp.sqrt(1 - R**2 + R**2 / M)


def linear(d: Proof, general: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    """Derive B1, B2 and B3 of the identity in closed form."""
    moments = d.cite(c3_moments.derive())
    std, inverse, inverse_variance = (
        moments[name].subs(UNIT) for name in ("std", "inverse_std", "inverse_variance")
    )
    signal = R * (mu_B + sigma_B * h_hat) + ACROSS * h2 - gamma * h_hat
    first = _averaged(
        d,
        "B1 is gamma times the mean of delta h_hat, delta = v - gamma h_hat",
        gamma * signal * h_hat,
        {mu_B * h_hat: 0, sigma_B * h_hat**2: std, h2 * h_hat: 0, h_hat**2: 1},
        B1(gamma, R),
    )
    for part, means in ((sp.S.One, (1, 0)), (h_hat, (0, 1))):
        d.substitute(
            f"A part {part} of delta, of which the means are these, pulls with",
            general["pull"],
            dict(zip((delta, mean_delta, mean_pull), (part, *means), strict=True)),
            c,
        )
    third = _averaged(
        d,
        "So of delta = v - gamma h_hat only sqrt(1 - R^2) h2 pulls, and B3 has, over s,",
        general["B3_sample"].subs(delta, ACROSS * h2) * sigma_B,
        {h2**2: 1, h2**2 * h_hat**2: 1},
    )
    second = _averaged(
        d,
        "and B2, with h1 and h2 of two samples, has over s^2",
        general["B2_sample"].subs({delta1: ACROSS * h1, delta2: ACROSS * h2}) * sigma_B**2,
        {h1**2: 1, h1**2 * h_hat1**2: 1, h1 * h2: 0, h1 * h2 * h_hat1 * h_hat2: 0},
    )
    third, second = (
        d.substitute("The deviation is independent", expr * power, {power: mean}, name)
        for expr, power, mean, name in (
            (third, E_noise(1 / sigma_B), inverse, B3(gamma, R)),
            (second, E_noise(sigma_B**-2), inverse_variance, B2(gamma, R)),
        )
    )
    averages = {"B1": first, "B2": second, "B3": third}
    return averages | _stability(d, general["bn_batch_rates"], averages)


def _stability(
    d: Proof, rates: sp.Tuple, averages: Mapping[str, sp.Expr]
) -> dict[str, sp.Expr]:
    """Derive where gamma and R rest, how fast they go there, and for which eta they do."""
    open_averages = {B1(gamma, R): "B1", B2(gamma, R): "B2", B3(gamma, R): "B3"}
    closed = d.substitute(
        "With these averages the rates are",
        rates,
        {average: averages[name] for average, name in open_averages.items()},
        sp.Tuple(*(SYMBOLS[f"d{name}_dt"] for name in ("gamma", "R", "L"))),
    )
    aligned = d.substitute("At R = 1 both R and L are at rest", closed, {R: sp.S.One})
    rest = d.solve("and gamma is at", aligned[0], gamma, gamma0)
    values = {gamma: rest, R: sp.S.One, L: L0}
    slopes = {}
    for name, rate, by in (("lambda_gamma", closed[0], gamma), ("lambda_R", closed[1], R)):
        slope = d.differentiate(f"The slope of d{by}/dt in {by}", rate, by)
        slopes[name] = d.substitute("is there", slope, values, SYMBOLS[name])
    limit = d.solve("which for R is 0 at", slopes["lambda_R"] / eta, eta)
    largest = d.rewrite(
        "so that the effective rate eta gamma0/L0^2 stays below",
        limit * rest / L0**2,
        sp.simplify,
        SYMBOLS["eta_max_bn"],
    )
    return {"gamma0": rest, **slopes, "eta_max": largest}


def relu(d: Proof, general: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    """Derive what B1, B2 and B3 of ReLU average over s and over the h_hat above 0."""
    ramp, square, chance = (
        d.rewrite("that is", d.integrate(title, power * phi(z - k), z), sp.expand)
        for title, power in (
            ("A field of mean k and variance 1 is on average, where it is above 0,", z),
            ("Its square is on average, there,", z**2),
            ("It is above 0 with the probability", sp.S.One),
        )
    )
    slope = d.differentiate(
        "By Stein's lemma E[h2 g(v)] is sqrt(1 - R^2) times the slope of E[g(v)] in its mean",
        ramp,
        k,
    )
    d.rewrite("which is that probability", slope, lambda _: chance)
    apart, along = _both(d, ramp, chance)

    label, other = g(z1), g(z2)
    first = _averaged(
        d,
        "Where h_hat > 0 delta is g(v) - gamma h_hat, and 0 elsewhere: B1 has there, given s and "
        "h_hat,",
        gamma * (label - gamma * h_hat) * h_hat,
        {label * h_hat: D * ramp * h_hat, h_hat**2: h_hat**2},
    )
    third = _averaged(
        d,
        "B3 has over s, by Stein's lemma,",
        general["B3_sample"] * sigma_B,
        {m: m.subs(delta, ACROSS * chance / h2) for m in (delta * h2, delta * h2 * h_hat**2)},
    )
    third = d.rewrite("that is", third, lambda e: sp.factor(sp.expand(e)))
    of_pair = general["B2_sample"] * sigma_B**2
    labels = {delta1: label - gamma * h_hat1, delta2: other - gamma * h_hat2}
    means = {
        label**2: D**2 * square.subs(k, k1),
        label: D * ramp.subs(k, k1),
        other: D * ramp.subs(k, k2),
    }
    alone = sp.expand(of_pair).coeff(delta2, 0)
    single, pair = (
        _averaged(d, title, expr, _by_labels(expr, (label, other), (h_hat1, h_hat2), means))
        for title, expr, means in (
            ("and B2 over s^2, of one sample,", sp.expand(alone.subs(labels)), means),
            (
                "and of pairs, but for the integral over arc,",
                sp.expand((of_pair - alone).subs(labels)),
                {label * other: D**2 * apart, **means},
            ),
        )
    )
    weight = sp.expand(of_pair).coeff(delta1, 1) / delta2
    d.remark(
        "B1, B3 and B2_single are averages over s and h_hat > 0 of what is given, with k = R s "
        "h_hat/D; to B2_single come the averages over s and h_hat1, h_hat2 > 0 of B2_pair, with "
        "k1 and k2 likewise and r = R^2/(M D^2), and of B2_arc, integrated over psi from 0 to "
        "arcsin r."
    )
    return {
        "B1": first,
        "B3": third / sigma_B,
        "B2_single": single.subs({h_hat1: h_hat, k1: k}) / sigma_B**2,
        "B2_pair": pair / sigma_B**2,
        "B2_arc": sp.factor(weight) * D**2 * along / sigma_B**2,
        "offset": R * sigma_B * h_hat / D,
        "deviation": DEVIATION,
        "correlation": R**2 / (M * D**2),
    }


def _both(d: Proof, ramp: sp.Expr, chance: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Derive the mean product of two correlated fields where both are above 0.

    By Price's theorem its slope in the correlation is the probability that both are above 0, whose
    slope is the joint density at 0: the mean is its Taylor polynomial at no correlation, and a
    remainder, an integral over the correlation sin(arc).
    """
    turn = sp.sin(arc)
    density = sp.exp(-(k1**2 + k2**2 - 2 * k1 * k2 * turn) / (2 * sp.cos(arc) ** 2)) / (2 * sp.pi)
    uncorrelated = ramp.subs(k, k1) * ramp.subs(k, k2) + r * chance.subs(k, k1) * chance.subs(k, k2)
    remainder = (r - turn) * density
    d.step(
        "expect",
        "By Price's theorem two fields of correlation r, where both are above 0, have the mean "
        "product of the first entry and of the integral of the second over arc, from 0 to arcsin r",
        sp.Max(k1, 0) * sp.Max(k2, 0),
        sp.Tuple(uncorrelated, remainder),
        lambda after: checking.quadrant((k1, k2, r), arc, after),
    )
    return uncorrelated, remainder


def _by_labels(
    expr: sp.Expr,
    labels: tuple[sp.Expr, ...],
    values: tuple[sp.Symbol, ...],
    means: Mapping[sp.Expr, sp.Expr],
) -> dict[sp.Expr, sp.Expr]:
    """Return the mean of each monomial given the values: that of its labels is in ``means``."""
    polynomial = sp.Poly(expr, *labels, *values)
    found = {}
    for powers in polynomial.monoms():
        drawn, given = (
            sp.Mul(*map(sp.Pow, those, part))
            for those, part in ((labels, powers[: len(labels)]), (values, powers[len(labels) :]))
        )
        found[drawn * given] = means.get(drawn, sp.S.One) * given
    return found


def _averaged(
    d: Proof, title: str, expr: sp.Expr, values: Mapping[sp.Expr, Any], name: Any = None
) -> sp.Expr:
    """Average monomials of independent quantities, each of which has a known mean."""
    named = d.average(title, sp.expand(expr), {m: E_noise(m) for m in values})
    known = {E_noise(m): sp.sympify(value) for m, value in values.items()}
    return d.substitute("with their means", named, known, name)
