"""The learning rates at which weight normalization converges [yoshida2017].

Weight normalization has a largest stable effective rate eta/L^2, the largest stable eta of plain
SGD.  But L grows as long as there is an error, so that eta/L^2 falls by itself until it is below.
Where gamma stays at its best value 1, R is a function of T = L^2/eta alone: it reaches 1 rising
where 1/T is below the largest rate, and there alone.  For a linear student this path has a closed
form, and ends at R = 1 whatever eta is.
"""

from __future__ import annotations

from functools import cache

import sympy as sp
from scipy.optimize import brentq

from bntheory import checking
from bntheory.activations import LINEAR, Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations import eq10, eq13, eq14, eq15, prop3, table1_sgd
from derivations.model import L, R, closed_form, eta, gamma, gamma0, open_integrals, zeta

STATEMENT = Statement(
    "wn-range",
    "the learning rates at which weight normalization converges",
    "as Luo et al. 2019 quote it, Table 1 and App. C.7",
    (
        "Eq(eta_max_wn, (I3_R - I1_R)/(I2_R/2))",
        "Eq(eta_max_sgd, (I3_R - I1_R)/(I2_R/2))",
    ),
    text="The abstract adds that weight normalization converges fast because it tunes its "
    "effective learning rate by itself, whatever the activation function, if gamma begins near its "
    "best value.",
    source="yoshida2017",
)
eta_max, eta_max_sgd = SYMBOLS["eta_max_wn"], SYMBOLS["eta_max_sgd"]
eta_eff = SYMBOLS["eta_eff_wn"]
#: L^2/eta, the inverse of the effective rate.
T = sp.Symbol("T", positive=True)


@cache
def derive(activation: Activation = LINEAR) -> Derivation:
    """Derive where the effective rate goes, and the largest one at which R stays at 1."""
    d = Proof(STATEMENT, activation)
    rates = d.cite(eq10.derive())["bn_rates"]
    closed = {
        integral: closed_form(d.cite(each.derive(activation)), name)
        for integral, each, name in zip(
            open_integrals(), (eq13, eq15, eq14), ("I1", "I2", "I3"), strict=True
        )
    }
    _, R_rate, L_rate = d.substitute("Weight normalization has no decay", rates, {zeta: 0})

    slope = d.differentiate("The effective rate changes with L by", eta / L**2, L)
    falls = d.rewrite("so in time by", slope * L_rate, sp.factor)
    falls = d.substitute("in terms of itself", falls, {eta: eta_eff * L**2})
    noise = open_integrals()[1]
    d.sign("As I2 is a mean square, it can only fall", closed[noise], ">=")

    d.assume("gamma is 1, its best value, and stays there")
    slope = d.differentiate("Its inverse T = L^2/eta changes with L by", L**2 / eta, L)
    moving = d.rewrite("R and T have the rates", sp.Tuple(R_rate, slope * L_rate), sp.factor)
    moving = d.substitute("where gamma is 1, and eta is L^2/T,", moving, {gamma: 1, eta: L**2 / T})
    path = d.rewrite("so that R moves with T by", moving[0] / moving[1], sp.expand)
    integrals = {i.subs(gamma, 1): value.subs(gamma, 1) for i, value in closed.items()}
    path = d.substitute("With the integrals of this activation", path, integrals)
    arriving = _arriving(d, path, moving.xreplace(integrals))
    least = d.solve("R arrives there rising where T is larger than", arriving, T)
    largest = d.rewrite("that is, up to the effective rate", 1 / least, sp.simplify, eta_max)

    sgd = d.compare(table1_sgd.derive(activation))["sgd_eta_max"]
    slopes = prop3.slopes(d.compare(prop3.derive(activation)))
    d.remark(
        "Near R = 1, at a larger rate, R falls and T grows, until 1/T is small enough: plain SGD, "
        "which has no L to spare, needs a small enough eta from the start."
    )
    found = {"eta_eff_rate": falls, "path": path, "wn_eta_max": largest}
    if activation is LINEAR:
        found |= _linear(d, path, least)
    return d.conclude(
        {
            eta_max: largest,
            eta_max_sgd: sgd,
            **{symbol: value.subs(gamma0, 1) for symbol, value in slopes.items()},
        },
        **found,
    )


def _arriving(d: Proof, path: sp.Expr, rates: sp.Tuple) -> sp.Expr:
    """Derive how R moves with T at R = 1, by L'Hopital's rule."""
    d.substitute("At R = 1 both are at rest", rates, {R: 1})
    of_R, of_T = (
        d.slope(f"There the rate of {name} has in R the slope", rate, R, 1)
        for name, rate in zip("RT", rates, strict=True)
    )
    return d.step(
        "limit",
        "so that R moves with T by",
        path,
        sp.expand(of_R / of_T),
        lambda after: checking.limit(path, R, sp.S.One, after),
    )


def _linear(d: Proof, path: sp.Expr, least: sp.Expr) -> dict[str, sp.Expr]:
    """Derive what is constant along the path of a linear student, and where the path ends."""
    by_R = d.differentiate("For a linear student the path is linear in R, with the slope", path, R)
    multiplier = sp.exp(-sp.integrate(sp.expand(by_R), T))
    growth = d.differentiate("The multiplier exp(-int slope dT) grows by", multiplier, T)
    d.rewrite("which is minus that slope, times itself", growth, lambda _: -by_R * multiplier)
    rest = d.rewrite(
        "so that R times it grows by",
        sp.expand(multiplier * path + growth * R),
        lambda expr: sp.simplify(expr),
    )
    t = sp.Symbol("T_1", positive=True)
    grown = d.integrate("in all, from T = 0 on, by", rest.subs(T, t), t, high=T)
    constant = R * multiplier - grown
    moved = d.differentiate("Hence R times it, less that, does not change with T", constant, T)
    d.rewrite(
        "along the path", moved + sp.diff(constant, R) * path, lambda expr: sp.simplify(expr)
    )

    end = d.substitute("At R = 1 this constant of the path is", constant, {R: 1})
    turn = d.differentiate("which changes with T by", end, T)
    turn = d.rewrite("that is", turn, lambda expr: sp.factor(sp.simplify(expr)))
    highest = d.solve("so that it is largest at", turn * sp.exp(T / 2) * sp.sqrt(T), T)
    d.rewrite("where 1/T is the largest stable rate", 1 / highest, lambda _: 1 / least, eta_max)
    lowest = d.limit("From there on it falls, to", end, T, sp.oo)
    d.substitute("While a path that begins at a huge eta, near T = 0, has", constant, {T: 0})
    for_huge = 1 / brentq(sp.lambdify(T, end, ("scipy", "numpy")), float(highest), 100.0)
    d.remark(
        "A path from R between -1 and 1 has a constant below the largest one and above the last. "
        "So it ends at R = 1 at one T, on the falling side, where 1/T is a stable rate: a linear "
        "student with gamma = 1 converges at every eta, to an effective rate that R, L and eta at "
        f"the start decide. Where eta is large it is {for_huge:.4f}, whatever they are."
    )
    return {"constant": constant, "constant_at_end": end, "constant_least": lowest}
