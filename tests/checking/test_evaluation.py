"""Values of expressions, against SymPy's own numerics and against explicit vectors."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from bntheory import notation
from bntheory.checking import evaluate, sample
from bntheory.checking.evaluation import OPEN
from bntheory.notation import SYMBOLS, dot, g

R, gamma, eta = SYMBOLS["R"], SYMBOLS["gamma"], SYMBOLS["eta"]
w, w_star, x = (SYMBOLS[name] for name in ("w", "w_star", "x"))

leaves = st.one_of(
    st.sampled_from([R, gamma, eta, sp.pi, sp.E]),
    st.integers(-5, 5).map(sp.Integer),
    st.fractions(-3, 3, max_denominator=7).map(sp.Rational),
)


def compound(children: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
    safe = children.map(lambda e: sp.sqrt(1 + e**2))
    return st.one_of(
        st.builds(sp.Add, children, children),
        st.builds(sp.Mul, children, children),
        st.builds(lambda e, n: e**n, safe, st.integers(-3, 3).map(lambda n: sp.Rational(n, 2))),
        st.builds(lambda e, n: e ** sp.Rational(n, 3), safe, st.sampled_from([-2, 1, 2])),
        children.map(sp.sin),
        children.map(sp.atan),
        children.map(sp.tanh),
        children.map(sp.erf),
        children.map(lambda e: sp.exp(-(e**2))),
        safe.map(sp.log),
        children.map(lambda e: sp.asin(e / (1 + e**2))),
        st.builds(sp.Max, children, children),
        children.map(sp.Abs),
        children.map(sp.sign),
        st.builds(lambda a, b: sp.Piecewise((a, b > 0), (a**2 - b, True)), children, children),
    )


expressions = st.recursive(leaves, compound, max_leaves=8)


@given(expressions)
def test_values_are_those_of_evalf(expr: sp.Expr) -> None:
    for point in sample([R, gamma, eta], points=2):
        wanted = expr.subs(point).evalf(40)
        with mp.workdps(40):
            got = evaluate(expr)(point)
        gap = abs(sp.Float(mp.re(got), 40) - wanted)
        assert gap <= sp.Float("1e-30") * (1 + abs(wanted))


@pytest.mark.parametrize(
    "expr",
    [
        *((1 + R) ** sp.Rational(n, 2) for n in (-5, -3, -1, 1, 3, 5)),
        *((gamma - 3) ** n for n in (-2, -1, 2, 3)),
        (2 + R) ** gamma,
        gamma ** sp.Rational(2, 3),
        sp.Heaviside(R),
        sp.Heaviside(R - sp.Rational(1, 3)),
        sp.Heaviside(R - sp.Rational(1, 3), 0),
        sp.Heaviside(R - sp.Rational(1, 3), 1),
        sp.Piecewise((gamma, R > 1), (2, R >= sp.Rational(1, 3)), (eta, True)),
        sp.Piecewise((gamma, R < 0), (eta, True)),
        sp.Max(R, gamma, 0) - sp.Min(R, gamma, 0),
        sp.gamma(gamma) + sp.erfc(R) + sp.acos(R) + sp.cosh(R) - sp.sinh(gamma),
        sp.Float("0.1", 40) + sp.E,
    ],
    ids=str,
)
def test_each_kind_of_expression(expr: sp.Expr) -> None:
    """At R = 1/3, where some of them have their kink, and at another point."""
    for place in (sp.Rational(1, 3), sp.Rational(-1, 7)):
        point = {R: place, gamma: sp.Rational(8, 5), eta: sp.Rational(5, 2)}
        with mp.workdps(40):
            got = sp.Float(evaluate(expr)(point), 40)
        assert abs(got - expr.subs(point).evalf(40)) < sp.Float("1e-30")


def test_the_logistic_function() -> None:
    """1/2 at 0, log-odds elsewhere."""
    sigmoid = notation.sigmoid(R)
    assert evaluate(sigmoid)({R: sp.S.Zero}) == mp.mpf(1) / 2
    assert float(evaluate(sigmoid)({R: sp.log(3).evalf(30)})) == pytest.approx(3 / 4)


@pytest.mark.parametrize(("angle", "scale"), [(0.4, 1.3), (2.2, 0.6)])
def test_integrals_over_a_sector(angle: float, scale: float) -> None:
    """Against adaptive quadrature; the radius goes to infinity."""
    from math import cos, exp, tanh

    from scipy.integrate import dblquad

    r, phi = sp.symbols("r phi", positive=True)
    height = r * sp.tanh(gamma * r * sp.cos(phi)) ** 2 * sp.exp(-(r**2) / 2)
    expr = 3 * sp.Integral(height, (r, 0, sp.oo), (phi, R - 1, 2 * R)) - gamma
    wanted = dblquad(
        lambda b, a: b * tanh(scale * b * cos(a)) ** 2 * exp(-b * b / 2),
        angle - 1,
        2 * angle,
        0,
        15,
        epsabs=1e-11,
    )[0]
    got = evaluate(expr)({R: sp.Float(angle), gamma: sp.Float(scale)})
    assert float(got) == pytest.approx(3 * wanted - scale, rel=1e-9)
    with_erf = sp.Integral(r * sp.erf(r) * sp.exp(-(r**2)), (r, 0, sp.oo), (phi, 0, sp.pi))
    # int_0^oo r erf(r) exp(-r^2) dr = 1/(2 sqrt(2)), by parts
    assert float(evaluate(with_erf)({})) == pytest.approx(float(sp.pi / sp.sqrt(8)), rel=1e-9)
    with_erfc = with_erf.xreplace({sp.erf(r): sp.erfc(r)})
    rest = float(sp.pi / 2 - sp.pi / sp.sqrt(8))
    assert float(evaluate(with_erfc)({})) == pytest.approx(rest, rel=1e-9)


def test_high_precision_is_kept() -> None:
    """The root of 2 and pi to 60 digits, as published."""
    with mp.workdps(60):
        assert mp.nstr(evaluate(sp.sqrt(2) + 0 * R)({}), 55).startswith(
            "1.41421356237309504880168872420969807856967187537694"
        )
        assert mp.nstr(evaluate(sp.pi * R)({R: sp.S.One}), 55).startswith(
            "3.14159265358979323846264338327950288419716939937510"
        )


def test_vectors_are_explicit() -> None:
    """Inner products and combinations, against NumPy."""
    point = sample([w, x, gamma], points=1)[0]
    a, b = (np.array(point[vector], dtype=float) for vector in (w, x))
    scale = float(point[gamma])
    assert float(evaluate(dot(w, x))(point)) == pytest.approx(a @ b)
    combination = evaluate(gamma * w - dot(w, w) * x / 3)(point)
    wanted = scale * a - a @ a * b / 3
    np.testing.assert_allclose([float(c) for c in combination], wanted)


@pytest.mark.parametrize("name", ["I1", "I2", "I3"])
@pytest.mark.parametrize("by", [R, gamma])
def test_derivatives_of_open_functions(name: str, by: sp.Symbol) -> None:
    """Against a central difference of the function that plays it."""
    function = getattr(notation, name)(gamma, R)
    point = {gamma: sp.Rational(6, 5), R: sp.Rational(1, 3)}
    h = 1e-5
    ends = [
        OPEN[function.func](*(float(point[s]) + k * h * (s == by) for s in (gamma, R)))
        for k in (1, -1)
    ]
    got = evaluate(function.diff(by) + by)(point) - float(point[by])
    assert float(got) == pytest.approx(float(ends[0] - ends[1]) / (2 * h), rel=1e-8)


CHAIN = (notation.A, notation.A_prime, notation.A_second, notation.A_third)


@pytest.mark.parametrize(
    ("function", "derivative"), [(g, notation.g_prime), *pairwise(CHAIN)], ids=str
)
def test_a_function_and_its_derivative_belong_together(function: Any, derivative: Any) -> None:
    """At random places, as the notation has it."""
    u = SYMBOLS["u"]
    assert function(u).diff(u) == derivative(u)
    for place in (sp.Rational(-3, 2), sp.Rational(2, 5), sp.Integer(2)):
        with mp.workdps(30):
            slope = mp.diff(lambda z: evaluate(function(u))({u: z}), float(place))
            assert abs(slope - evaluate(derivative(u))({u: place})) < 1e-12


def test_open_functions_are_not_related() -> None:
    """Functions that are left open differ from one another: none stands in for another."""
    point = {gamma: sp.Rational(4, 3), R: sp.Rational(1, 5)}
    values = [evaluate(f(gamma, R))(point) for f in (notation.I1, notation.I2, notation.I3)]
    assert all(abs(a - b) > 0.1 for n, a in enumerate(values) for b in values[:n])
    mean = evaluate(notation.E_data(gamma * R))(point)
    assert abs(mean - evaluate(gamma * R)(point)) > 0.1


@pytest.mark.parametrize("expr", [sp.zeta(gamma), sp.I * R, sp.besselj(0, R)], ids=str)
def test_what_has_no_value(expr: sp.Expr) -> None:
    with pytest.raises(TypeError, match="no value"):
        evaluate(expr)({R: sp.S.Half, gamma: sp.Integer(2)})
