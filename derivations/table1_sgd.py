"""The row of plain SGD in Table 1.

Plain SGD has no scale: the student's field is w.x itself, with standard deviation L in the place of
gamma.  Its step, rates and Jacobian follow the same path as (5), (8), (9), (10) in two order
parameters.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.calculus.overlaps import chain_rule
from bntheory.derivation import Derivation
from bntheory.notation import I1, I2, I3, SYMBOLS, dot, g, g_prime
from bntheory.proof import Proof
from derivations import eq13, eq14, eq15, prop3
from derivations.model import (
    GAUSSIAN_INPUT,
    L0,
    LARGE_N,
    R0,
    L,
    R,
    closed_form,
    delta,
    eta,
    gamma,
    gamma0,
    u,
    v,
    w,
    w_star,
    x,
)

eta_max, eta_eff = SYMBOLS["eta_max_sgd"], SYMBOLS["eta_eff_sgd"]
dR_dt, dL_dt = SYMBOLS["dR_dt"], SYMBOLS["dL_dt"]
VECTORS = (w, w_star, x)
i1, i2, i3 = I1(L, R), I2(L, R), I3(L, R)


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive the rates of R and L, the fixed point, its eigenvalues, and the row of the table."""
    d = Proof("table1-sgd", activation)
    d.assume(GAUSSIAN_INPUT, LARGE_N)
    loss = (g(dot(w_star, x)) - g(dot(w, x))) ** 2 / 2
    step = d.gradient("One step of SGD on the halved loss", -eta * loss, by=w)
    step = d.substitute("Name the fields", step, {dot(w, x): u, dot(w_star, x): v})
    step = d.substitute("Name delta", step, {g(v): g(u) + delta / g_prime(u)}, SYMBOLS["Delta_w"])
    rates = {}
    for name, other in (("L2", w + step), ("RL", w_star)):
        before = dot(w, w) if name == "L2" else dot(w, w_star)
        moved = d.overlap(f"The step of {WORDS[name]}", dot(w + step, other) - before, VECTORS)
        moved = d.substitute("per unit of time", moved, {dot(w, x): u, dot(w_star, x): v})
        mean = d.average("on average", moved, MOMENTS)
        rates[name] = mean
    L_rate = d.solve("so L has the rate", chain_rule(L**2, {L: dL_dt}) - rates["L2"], dL_dt)
    R_rate = d.solve("and R", chain_rule(R * L, {R: dR_dt, L: L_rate}) - rates["RL"], dR_dt)
    sgd = sp.Tuple(R_rate, L_rate)

    closed = {
        i1: closed_form(d.cite(eq13.derive(activation)), "I1").subs(gamma, L),
        i2: closed_form(d.cite(eq15.derive(activation)), "I2").subs(gamma, L),
        i3: closed_form(d.cite(eq14.derive(activation)), "I3").subs(gamma, L),
    }
    moving = d.substitute("With the integrals of this activation", sgd, closed)
    d.substitute("Where student and teacher coincide, nothing moves", moving, {R: 1, L: 1}, RATES)

    noise = d.differentiate("The slope of I2 in L at R = 1", closed[i2].subs(R, 1), L)
    full = d.jacobian("The Jacobian in R and L", sgd, (R, L), J)
    here = {
        sp.Derivative(i1, L): SYMBOLS["I1_gamma"],
        sp.Derivative(i2, L): noise.subs(L, 1),
        **{
            sp.Derivative(i, R): SYMBOLS[f"I{n}_R"]
            for n, i in zip("123", (i1, i2, i3), strict=True)
        },
        sp.Derivative(i3, L): SYMBOLS["I1_gamma"],
        **dict.fromkeys((i1, i2, i3), 0),
        R: 1,
        L: 1,
    }
    full = d.substitute("There I1 = I2 = I3 = 0, and L I3 = I1 for every L", full, here, J)
    pair = d.eigenvalues("Its eigenvalues", full, sp.Tuple(lambda_R, SYMBOLS["lambda_gamma"]))
    rate = d.substitute(
        "The effective rate is eta itself; lambda_R over it is", pair[0] / eta, {eta: eta_eff}
    )
    largest = d.solve("which is zero at", rate, eta_eff, eta_max)
    slopes = prop3.slopes(d.cite(prop3.derive(activation)))
    here = {symbol: slope.subs(gamma0, 1) for symbol, slope in slopes.items()}
    value = d.substitute("For this activation", largest, here, eta_max)
    return d.conclude(
        {gamma0: 1, R0: 1, L0: 1, eta_max: largest, eta_eff: eta},
        open_rates=sgd,
        sgd_rates=moving,
        sgd_eta_max=value,
        sgd_eta_eff=eta,
    )


WORDS = {"L2": "w.w", "RL": "w.w*"}
MOMENTS = {delta * u: i1, delta * v: i3, delta**2 * dot(x, x): i2}
RATES = sp.Tuple(dR_dt, dL_dt)
J = sp.ImmutableMatrix(2, 2, sp.symbols("J22 J23 J32 J33", real=True))
lambda_R = SYMBOLS["lambda_R"]
