"""The order parameters of batch normalization itself, in mini-batches of M.

The paper follows weight normalization with gamma decay in its place.  Here the student is
u = gamma h_hat, h_hat = (h - mu_B)/sigma_B, with h = w.x over the samples of one batch, and the
gradient goes through mu_B and sigma_B, as in torch.  Three things follow for every activation.

The gradient in h is a pull c = delta - mean(delta) - h_hat mean(delta h_hat), times gamma/(M
sigma_B): a batch takes from delta its mean and its part along h_hat.  So mean(c) and mean(c h_hat)
vanish and w moves across itself, as under weight normalization.  Of w* the step has mean(c v), and
its own squared length is mean(c^2)/M, as the inputs of a batch are orthogonal for N -> oo.

The three averages that take the places of I1, I3 - R I1/gamma and I2,

    B1 = E[u delta],    B3 = E[mean(c v)/sigma_B],    B2 = E[mean(c^2)/sigma_B^2],

are over the M fields of a batch.  Given the h, the components h2 of the samples across w are
independent, which leaves in B3 the sample itself, and in B2 the sample and pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sympy as sp

from bntheory.activations import LINEAR, RELU, Activation
from bntheory.calculus.overlaps import chain_rule
from bntheory.derivation import Derivation
from bntheory.notation import B1, B2, B3, SYMBOLS, E_noise, batch_mean, dot
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations import batch_fields
from derivations.batch import IID, M, h, h_hat, mu_B, sigma_B
from derivations.model import LARGE_N, L, R, eta, gamma, v, w, w_star

delta, delta1, delta2 = (SYMBOLS[name] for name in ("delta", "delta1", "delta2"))
sum_h, sum_h2, h_hat1, h_hat2 = (SYMBOLS[name] for name in ("sum_h", "sum_h2", "h_hat1", "h_hat2"))
mean_delta, mean_pull, c, pull = (SYMBOLS[n] for n in ("mean_delta", "mean_pull", "c", "pull"))
h2 = SYMBOLS["h2"]
NAMES = tuple(SYMBOLS[f"d{name}_dt"] for name in ("gamma", "R", "L"))
STATEMENT = Statement(
    "bn-dynamics", "the order parameters of batch normalization itself", "beyond the paper"
)
#: The activation functions whose averages are reduced.
REDUCED = {RELU: batch_fields.relu, LINEAR: batch_fields.linear}
OPEN = B1(gamma, R), B2(gamma, R), B3(gamma, R)

#: A batch, by its statistics.
BATCH = {
    h: mu_B + sigma_B * h_hat1,
    sum_h: M * mu_B,
    sum_h2: M * (mu_B**2 + sigma_B**2),
}
#: Means over a batch: h_hat is normalized, and two have names.
NORMALIZED = {
    batch_mean(h_hat): sp.S.Zero,
    batch_mean(h_hat**2): sp.S.One,
    batch_mean(delta): mean_delta,
    batch_mean(delta * h_hat): mean_pull,
}


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the rates in terms of B1, B2, B3, which hold for every activation.

    For the identity B1, B2 and B3 follow in closed form, and for ReLU what they average over s and
    h_hat.
    """
    d = Proof(STATEMENT, activation)
    d.assume(
        IID,
        "u = gamma h_hat, without shift; the loss is half the mean squared error of the batch",
    )
    force = _pull(d)
    rates = _rates(d)
    single, pairs = _averages(d, force)
    d.remark(
        "For M samples in a step the paper's surrogate has I1, I3 - R I1/gamma and I2/M where "
        "batch normalization has B1, B3 and B2/M."
    )
    results = {"bn_batch_rates": rates, "pull": force, "B3_sample": single, "B2_sample": pairs}
    if activation in REDUCED:
        d.assume("M > 3, where E[1/sigma_B^2] exists")
        results |= REDUCED[activation](d, results)
    else:
        d.remark("For this activation B1, B2 and B3 are sampled, by bntheory.dynamics.")
    return d.conclude(**results)


def _pull(d: Proof) -> sp.Expr:
    """Derive the gradient of the loss of a batch in one of its h, through both statistics."""
    normalized = (h - sum_h / M) / sp.sqrt(sum_h2 / M - (sum_h / M) ** 2)
    own = d.differentiate("h_hat moves with its own h by", normalized, h)
    by_sum = d.differentiate("with the sum of the h of the batch by", normalized, sum_h)
    by_square = d.differentiate("and with the sum of their squares by", normalized, sum_h2)
    own, through = (
        d.rewrite(title, d.substitute("With the statistics of the batch", expr, BATCH), sp.simplify)
        for title, expr in (
            ("For its own h that is", own),
            (
                "Another sample moves the two sums by 1 and by 2 h, and so h_hat1 by",
                by_sum + 2 * (mu_B + sigma_B * h_hat2) * by_square,
            ),
        )
    )
    names = {delta: mean_delta, delta * h_hat1: mean_pull}
    others = d.average(
        "Averaged over the samples 1, each with the weight delta of its error",
        sp.expand(M * delta * through),
        names,
    )
    return d.rewrite(
        "So the loss pulls h with gamma/(M sigma_B) times c, the sample's own delta included",
        sigma_B * (delta * own + others).subs(h_hat2, h_hat),
        sp.expand,
        name=c,
    )


def _rates(d: Proof) -> sp.Tuple:
    """Derive the rates of gamma, R and L from the steps of |w|^2 and w.w*."""
    d.assume(LARGE_N)
    moved = w + eta * gamma / (M * L * sigma_B) * pull
    vectors = (w, w_star, pull)
    squares = {}
    for name, title, expr in (
        ("RL", "The step of w.w*", dot(moved, w_star) - dot(w, w_star)),
        ("L2", "The step of |w|^2", dot(moved, moved) - dot(w, w)),
    ):
        step = d.overlap(title, expr, vectors)
        step = d.substitute(
            "The sum of c x has no part along w, c v along w*, and for N -> oo, where different "
            "inputs are orthogonal, the square M mean(c^2)",
            step,
            {
                dot(w, pull): sp.S.Zero,
                dot(w_star, pull): M * batch_mean(c * v),
                dot(pull, pull): M * batch_mean(c**2),
            },
        )
        squares[name] = d.substitute(
            "Averaged over batches, per time 1/N, with names for the averages that are needed",
            step,
            {batch_mean(c * v): sigma_B * OPEN[2], batch_mean(c**2): sigma_B**2 * OPEN[1]},
            SYMBOLS[f"d{name}_dt"],
        )
    dgamma_dt, dR_dt, dL_dt = NAMES
    of_L = d.solve(
        "2 L dL/dt is the rate of L^2", 2 * L * dL_dt - squares["L2"], for_=dL_dt
    )
    of_R = d.solve(
        "L dR/dt + R dL/dt is the rate of RL",
        chain_rule(R * L, {R: dR_dt, L: of_L}) - squares["RL"],
        for_=dR_dt,
    )
    return sp.Tuple(eta * OPEN[0] / gamma, sp.expand(of_R), of_L)


def _averages(d: Proof, force: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Derive what B3 and B2 are averages of: of one sample, and of a pair."""
    for title, factor in (("The mean of c over the batch", 1), ("That of c h_hat", h_hat)):
        means = _mean(d, title, force * factor)
        d.substitute("with the means of h_hat and of its square, is", means, NORMALIZED)
    along = _mean(d, "That of c h2, which sqrt(1 - R^2) takes into v", force * h2)
    single = delta * h2
    single = _expected(
        d,
        "Given the h of a batch the h2 of its samples are independent, so that in a product of two "
        "means one sample's own part stays, which is 1/M of it",
        along,
        {
            batch_mean(single): single,
            mean_delta * batch_mean(h2): single / M,
            mean_pull * batch_mean(h_hat * h2): single * h_hat**2 / M,
        },
    )
    square = _mean(d, "The mean of c^2", force**2)
    square = d.substitute("with the means of h_hat and of its square, is", square, NORMALIZED)
    pair = delta1 * delta2
    pairs = _expected(
        d,
        "A mean squared has 1/M of squares and 1 - 1/M of products of pairs",
        square,
        {
            batch_mean(delta**2): delta1**2,
            mean_delta**2: delta1**2 / M + (1 - 1 / M) * pair,
            mean_pull**2: (delta1 * h_hat1) ** 2 / M + (1 - 1 / M) * pair * h_hat1 * h_hat2,
        },
    )
    return (
        sp.sqrt(1 - R**2) * sp.factor(single) / sigma_B,
        sp.collect(sp.expand(pairs), (delta1**2, pair), sp.factor) / sigma_B**2,
    )


def _expected(
    d: Proof, title: str, expr: sp.Expr, values: Mapping[sp.Expr, sp.Expr]
) -> sp.Expr:
    """Average means over batches, each of which has the average of a product over one sample."""
    names = {mean: E_noise(mean) for mean in values}
    named = d.average("Averaged over batches that is", expr, names)
    return d.substitute(title, named, {names[mean]: value for mean, value in values.items()})


def _mean(d: Proof, title: str, expr: sp.Expr) -> sp.Expr:
    """Take the mean over a batch, in which mean_delta and mean_pull are numbers."""
    polynomial = sp.Poly(sp.expand(expr), delta, h_hat, h2)
    monomials = (sp.Mul(*map(sp.Pow, polynomial.gens, powers)) for powers in polynomial.monoms())
    means = {m: batch_mean(m) for m in monomials if m != 1}
    return d.average(title, polynomial.as_expr(), means)
