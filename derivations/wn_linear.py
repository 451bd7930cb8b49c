"""The generalization error of a linear student with gamma decay (Sec. 4.1) [krogh1992].

The loss as written is a mean over P samples, and gamma^2 is |w~|^2/N: its decay zeta puts the ridge
alpha zeta beside X^T X, not zeta.  Along an eigenvector of X^T X with eigenvalue e the student is
one number, whose error is S d/dr[r/(e + r)] - r^2 d/dr[1/(e + r)] for a ridge r.  That is linear in
1/(e + r), so the whole error follows from the mean of 1/(e + r) over the spectrum, the resolvent G.

G solves a quadratic.  With kappa = r G/(1 - r G) the error becomes a sum of positive terms,
(alpha kappa^2 + S)/((1 + kappa) sqrt(...)), which no value of alpha and r makes cancel.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory import checking
from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_data, G, dot
from bntheory.proof import Proof
from derivations.generalization import (
    GAUSSIAN_SAMPLES,
    LARGE_N,
    NOISY_TEACHER,
    N,
    P,
    S,
    alpha,
    epsilon,
    positive_root,
    ridge,
    zeta,
)

x, w_tilde, y_star = SYMBOLS["x"], SYMBOLS["w_tilde"], SYMBOLS["y_star"]
e, w_k, w_star_k, s_k = (SYMBOLS[name] for name in ("eigenvalue", "w_k", "w_star_k", "s_k"))
leverage, outside = SYMBOLS["leverage"], SYMBOLS["outside"]
kappa, kappa_slope = SYMBOLS["kappa"], SYMBOLS["kappa_slope"]

#: Means of what the teacher and its noise have along an eigenvector.
MOMENTS = {w_star_k**2: sp.S.One, s_k**2: S, w_star_k * s_k: sp.S.Zero}
NAMES = {product: E_data(product) for product in MOMENTS}


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the ridge of a decay, the resolvent, and the error for any ridge."""
    d = Proof("wn-linear", activation)
    d.assume(GAUSSIAN_SAMPLES, NOISY_TEACHER, "the student is linear")
    of_decay = _ridge_of_decay(d)
    by_eigenvalue = error_by_eigenvalue(d)
    slopes = _as_slopes(d, by_eigenvalue)

    d.assume(LARGE_N)
    quadratic = _self_consistency(d)
    resolvent = positive_root(d, "Its positive root is", quadratic, SYMBOLS["G_value"], G(ridge))
    equation, error, root = _in_kappa(d, quadratic, slopes)
    d.remark(
        "The ridge that the loss as written amounts to is alpha zeta; the print has zeta beside "
        "X^T X. In what follows from X^T X + ridge I, print and derivation agree."
    )
    return d.conclude(
        [
            {
                epsilon: error.subs(kappa, root),
                sp.Derivative(zeta * G(zeta), zeta): sp.diff(ridge * resolvent, ridge),
                sp.Derivative(G(zeta), zeta): sp.diff(resolvent, ridge),
                zeta: ridge,
            },
            {G(zeta): resolvent, zeta: ridge},
        ],
        resolvent=resolvent,
        wn_linear=error.subs(kappa, root),
        in_kappa=error,
        equation_of_kappa=equation,
        equation_of_resolvent=quadratic,
        ridge_of_decay=of_decay,
    )


def _ridge_of_decay(d: Proof) -> sp.Expr:
    """Carry the decay from the loss as written to the matrix that is inverted."""
    loss = (y_star - dot(w_tilde, x)) ** 2 + zeta * dot(w_tilde, w_tilde) / N
    pull = d.gradient("The loss of one sample as written, with gamma^2 = |w~|^2/N, pulls by", loss,
                      w_tilde)
    pull = d.rewrite("P samples together, halved, are a sum of", P * pull / 2, sp.expand)
    of_decay = pull.coeff(w_tilde).coeff(zeta) * zeta
    return d.substitute(
        "The sum of (w~.x - y_star) x is X^T (X w~ - y); beside it the decay, a constant of the P "
        "samples, puts the ridge",
        of_decay,
        {P: alpha * N},
        ridge,
    )


def error_by_eigenvalue(d: Proof) -> sp.Expr:
    """Derive the mean squared error along an eigenvector of X^T X."""
    weight = d.solve(
        "(X^T X + ridge I) w~ = X^T (X w* + s), along an eigenvector of X^T X with eigenvalue e",
        (e + ridge) * w_k - e * w_star_k - sp.sqrt(e) * s_k,
        w_k,
    )
    error = d.average(
        "Its squared error, averaged over the direction of w* and the noise",
        sp.expand((weight - w_star_k) ** 2),
        NAMES,
    )
    return d.substitute(
        "With the mean squares 1 and S",
        error,
        {NAMES[product]: mean for product, mean in MOMENTS.items()},
        E_data((w_k - w_star_k) ** 2),
    )


def _as_slopes(d: Proof, by_eigenvalue: sp.Expr) -> sp.Expr:
    """Write the error in terms of the resolvent, and average it over the spectrum."""
    one, slope = 1 / (e + ridge), sp.Derivative(G(ridge), ridge)
    whole = S * (G(ridge) + ridge * slope) - ridge**2 * slope
    d.rewrite(
        "With 1/(e + ridge) and its slope in the ridge that is",
        by_eigenvalue,
        lambda _: whole.subs({slope: sp.diff(one, ridge), G(ridge): one}),
    )
    return d.rewrite(
        "It is linear in 1/(e + ridge), whose mean over the spectrum is G: so the error is",
        whole,
        lambda expr: sp.collect(sp.expand(expr), slope),
        epsilon,
    )


def _self_consistency(d: Proof) -> sp.Expr:
    """Close the trace of A A^{-1} = I, with A = X^T X + ridge I, on the resolvent."""
    value = SYMBOLS["G_value"]
    within = d.solve(
        "A = A_- + x x^T for one sample x: A^{-1} x = A_-^{-1} x (1 - x.A^{-1} x), times x",
        leverage - outside * (1 - leverage),
        leverage,
    )
    closed = d.substitute(
        "A_- does not know x, so that g is G up to 1/sqrt(N). Then tr(A A^{-1} - I)/N is",
        ridge * value + alpha * leverage - 1,
        {leverage: within.subs(outside, value)},
        approximation="O(1/sqrt(N))",
    )
    return d.rewrite(
        "It is zero, which is a quadratic for G",
        closed * (1 + value),
        lambda expr: sp.collect(sp.expand(sp.cancel(expr)), value),
    )


def _in_kappa(d: Proof, quadratic: sp.Expr, slopes: sp.Expr) -> tuple[sp.Expr, ...]:
    """Write the error in kappa = ridge G/(1 - ridge G), as a sum of positive terms."""
    value = SYMBOLS["G_value"]
    of_kappa = kappa / (ridge * (1 + kappa))
    equation = d.substitute("With kappa = ridge G/(1 - ridge G)", quadratic, {value: of_kappa})
    equation = d.rewrite(
        "Times ridge (1 + kappa)^2, this is a quadratic, too, and zero",
        equation * ridge * (1 + kappa) ** 2,
        lambda expr: sp.collect(sp.expand(sp.cancel(expr)), kappa),
    )
    moves = sp.diff(equation, kappa) * kappa_slope + sp.diff(equation, ridge)
    slope = d.solve("Differentiated in the ridge it gives", moves, kappa_slope)
    slope_of_resolvent = sp.diff(of_kappa, ridge) + sp.diff(of_kappa, kappa) * kappa_slope
    error = d.substitute(
        "So the error is",
        slopes,
        {sp.Derivative(G(ridge), ridge): slope_of_resolvent, G(ridge): of_kappa},
        epsilon,
    )
    error = d.substitute("With that slope", error, {kappa_slope: slope}, epsilon)
    of_load = d.solve("The quadratic is linear in the ridge", equation, ridge)
    error = d.substitute("With this ridge the error is", error, {ridge: of_load}, epsilon)
    steep = sp.diff(equation, kappa).subs(ridge, of_load)
    steep = d.rewrite("There the quadratic has the slope", steep, sp.factor)
    root = positive_root(d, "Its positive root is", equation, kappa)
    (square_root,) = {power for power in root.atoms(sp.Pow) if power.exp == sp.S.Half}
    error = d.step(
        "rewrite",
        "At the root its slope is the square root. The error, without differences, is",
        error,
        sp.factor(error * steep) / square_root,
        lambda after: checking.identity(error.subs(kappa, root), after.subs(kappa, root)),
        epsilon,
    )
    return equation, error, root
