"""Where a ReLU student can no longer reach the least training error, by replica symmetry.

The least error of a sample is 0 for a label y > 0, by u = y, and y^2/2 for y < 0, by any u < 0.
With no ridge and at temperature zero the student that reaches it everywhere is the one of least
length: a convex problem, for which replica symmetry is exact.  With X = ridge chi finite the cost
of a sample, times chi, is half the squared distance D of m from what the label allows.

There is such a student until X reaches 0.  At that load gamma R = 1 + S, and with the angle phi
between label and field, cos(phi) = R/sqrt(1 + S),

    alpha_c = 2 pi/(pi + phi),     1 + S = (pi + tan(phi))/(pi + phi):

from 2 without noise, the paper's load at any S, down to 4/3.  X is the replicon, too, whose sign
decides whether replica symmetry is stable [almeida1978].
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory import checking
from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations import rs_relu
from derivations.generalization import R, S, alpha, gamma
from derivations.model import FIELDS, u, v
from derivations.rs_relu import chi, m, phi, y

X, alpha_c, distance = SYMBOLS["response"], SYMBOLS["alpha_c"], SYMBOLS["distance"]
sigma_y = sp.sqrt(1 + S)

STATEMENT = Statement(
    "rs-capacity", "where a ReLU student cannot reach the least training error", "beyond the paper"
)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the student of least length, and the load at which there is none any more."""
    d = Proof(STATEMENT, activation)
    cost = d.cite(rs_relu.derive())["minus_inner_log"]
    d.assume("no ridge, and temperature zero")
    excess = chi * (cost - sp.Max(-y, 0) ** 2 / 2)
    squared = sp.Heaviside(y) * (y - m) ** 2 + sp.Heaviside(-y) * sp.Max(m, 0) ** 2
    d.step(
        "limit",
        "What a sample costs above the least, times chi, goes to half the squared distance of m "
        "from y, or from all fields below 0",
        excess,
        squared / 2,
        lambda after: _on_each_side(excess, after),
    )
    mean = d.expect(
        "The mean of the squared distance, with the label v over its deviation and the field u",
        (sp.Heaviside(v) * (sigma_y * v - u) ** 2 + sp.Heaviside(-v) * sp.Max(u, 0) ** 2),
        FIELDS,
    )
    mean = d.substitute("Label and field have the correlation R/sqrt(1 + S)", mean,
                        {R: R / sigma_y}, distance)

    whole = gamma**2 / 2 - (gamma**2 - gamma**2 * R**2) / (2 * X) + alpha * distance / (2 * X)
    d.remark(
        "With chi = X/ridge the energy above the least, over the ridge, is gamma^2/2 - gamma^2 (1 "
        "- R^2)/(2 X) + alpha D/(2 X)."
    )
    across = d.differentiate("Its slope in X", whole, X)
    condition = d.rewrite("is zero where this is, 2 X^2 times it", across * 2 * X**2, sp.expand)
    times_X = sp.expand(whole * X).subs(distance, mean)
    in_gamma, in_R = (
        d.differentiate(f"The slope in {symbol}, times X", times_X, symbol) for symbol in (gamma, R)
    )
    response = d.solve("The one in gamma is zero at", in_gamma, X)
    load, noise = _capacity(d, mean, in_gamma, in_R)
    d.remark(
        "X is the replicon of de Almeida and Thouless, too: 1 - alpha (the part of the samples "
        "that hold the field). It is positive up to alpha_c: replica symmetry is stable there, as "
        "it has to be for a convex problem."
    )
    d.remark(
        "The paper's argument leaves out the samples with labels below 0, and has 2 for every S."
    )
    return d.conclude(
        rs_interpolation_relu=sp.Tuple(condition.subs(distance, mean), in_R / gamma),
        rs_response_relu=response,
        capacity_load=load,
        capacity_noise=noise,
    )


def _on_each_side(excess: sp.Expr, after: sp.Expr) -> checking.Check:
    """Check the limit for labels and fields of either sign."""
    sizes = [sp.Dummy(name, positive=True) for name in ("label_size", "field_size")]
    checks = []
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        side = dict(zip((y, m), (s * size for s, size in zip(signs, sizes, strict=True)),
                        strict=True))
        checks.append(checking.limit(excess.subs(side), chi, sp.oo, after.subs(side)))
    return min(checks, key=lambda check: (check.passed, check.digits))


def _capacity(
    d: Proof, mean: sp.Expr, in_gamma: sp.Expr, in_R: sp.Expr
) -> tuple[sp.Expr, sp.Expr]:
    """Derive the load and the noise where X reaches 0, by the angle phi."""
    euler = d.rewrite(
        "D is a quadratic in gamma, so that gamma dD/dgamma - 2 D is short",
        gamma * sp.diff(mean, gamma) - 2 * mean,
        sp.expand,
    )
    across = gamma**2 * (1 - R**2)
    reached = d.solve(
        "At rest alpha D is gamma^2 (1 - R^2), and alpha gamma dD/dgamma is 2 gamma^2 (1 - R^2 - "
        "X): so X is",
        2 * across - 2 * gamma**2 * X - alpha * euler - 2 * across,
        X,
    )
    length = d.solve("It reaches 0 where gamma R = 1 + S", reached * gamma**2, gamma)
    at_end = {gamma: (length.subs(R, sigma_y * sp.cos(phi))), R: sigma_y * sp.cos(phi), X: 0}
    conditions = [
        d.substitute(f"There the slope in {name}, with R = sqrt(1 + S) cos(phi), is", slope, at_end)
        for name, slope in (("R", in_R), ("gamma", in_gamma))
    ]
    conditions = [
        d.rewrite("that is, over its factors", condition / gamma_there, _by_angle)
        for condition, gamma_there in zip(conditions, (1 + S, sigma_y), strict=True)
    ]
    load = d.solve("The first is zero at", conditions[0], alpha, alpha_c)
    both = d.substitute("With it, the second is", conditions[1], {alpha: load})
    noise = d.solve("and zero at", sp.factor(sp.together(both)), S)
    noise = d.rewrite("That is, for 1 + S,", 1 + noise, lambda e: sp.factor(sp.simplify(e)), 1 + S)
    final = d.substitute("So the load is", load, {S: noise - 1}, alpha_c)
    final = d.rewrite("That is", final, lambda e: sp.factor(sp.simplify(e)), alpha_c)
    return final, noise - 1


def _by_angle(expr: sp.Expr) -> sp.Expr:
    """Write the inverse sine of a cosine as an angle, and roots of 1 - cos^2 as sines."""
    plain = expr.subs(sp.asin(sp.cos(phi)), sp.pi / 2 - phi)
    return sp.simplify(plain).replace(sp.Abs, lambda sine: sine)  # phi lies in (0, pi/2)
