"""Formulas: what they look like, that they fit, and that they mean what they did."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from rendering_checks import assert_balanced
from sympy.parsing.sympy_parser import (
    convert_xor,
    implicit_multiplication,
    parse_expr,
    standard_transformations,
)

from bntheory.notation import QUANTITIES, SYMBOLS, Quantity
from bntheory.paper import STATEMENTS, Statement
from bntheory.rendering import html, latex, names, outline, text
from bntheory.rendering.boxes import Typesetter
from bntheory.rendering.breaking import breadth, lines, pieces
from bntheory.rendering.json import text as json_text
from bntheory.rendering.tree import Node, Word
from bntheory.rendering.typeset import typeset

x, y, z = sp.symbols("x y z", positive=True)
UNICODE, ASCII = Typesetter(True), Typesetter(False)
READING = (*standard_transformations, convert_xor, implicit_multiplication)


def paper(expression: str) -> Any:
    return sp.sympify(expression, locals=SYMBOLS)


def read(line: str) -> Any:
    """Read ASCII text with multiplication signs left out, as a reader would."""
    local = {"x": x, "y": y, "z": z, "arcsin": sp.asin}
    return parse_expr(line, local_dict=local, transformations=READING)


def same(a: Any, b: Any) -> bool:
    points = [{x: 0.3, y: 0.7, z: 1.9}, {x: 2.1, y: 0.4, z: 0.2}]
    return all(abs(sp.N((a - b).subs(p))) <= 1e-9 * (1 + abs(sp.N(a.subs(p)))) for p in points)


atoms = st.sampled_from([x, y, z, sp.pi, sp.Integer(2), sp.Integer(-3), sp.Rational(-2, 3)])
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(sp.Add, inner, inner),
        st.builds(sp.Mul, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a: 1 / (1 + a**2), inner),
        st.builds(lambda a: sp.sqrt(1 + a**2), inner),
        st.builds(lambda a, n: a**n, inner, st.integers(2, 4)),
        st.builds(lambda a, b: sp.factor_terms(a * b + a), inner, inner),
        st.builds(lambda a: sp.exp(-(a**2)), inner),
        st.builds(lambda a: sp.asin(a / (1 + a**2)), inner),
    ),
    max_leaves=10,
)


# -- that they mean what they did ----------------------------------------------------------------


@given(expressions)
def test_text_on_one_line_means_the_expression(expr: sp.Expr) -> None:
    line = ASCII.line(typeset(expr))
    assert line.isascii()
    assert same(read(line), expr), line


@given(expressions, st.integers(16, 60))
def test_a_broken_formula_means_the_expression(expr: sp.Expr, room: int) -> None:
    broken = lines(typeset(expr), room, lambda node: len(ASCII.line(node)))
    assert same(read(" ".join(ASCII.line(row) for row in broken)), expr)


@given(expressions, st.integers(24, 60))
def test_lines_fit_and_rows_are_of_equal_width(expr: sp.Expr, room: int) -> None:
    for typesetter in (UNICODE, ASCII):


        def width(node: Node, typesetter: Typesetter = typesetter) -> int:
            return typesetter.box(node).width

        for row in lines(typeset(expr), room, width):
            box = typesetter.box(row)
            assert box.width <= room
            assert {len(characters) for characters in box.rows} == {box.width}
            assert 0 <= box.base < len(box.rows)


@given(expressions)
def test_json_strings_read_back_equal(expr: sp.Expr) -> None:
    back = sp.sympify(json_text(expr), locals={"x": x, "y": y, "z": z})
    assert back == expr or sp.simplify(back - expr) == 0


@given(expressions)
def test_latex_is_balanced_and_mathml_well_formed(expr: sp.Expr) -> None:
    node = typeset(expr)
    assert_balanced(latex.formula(node))
    ET.fromstring(html.mathml(node))
    for piece in pieces(node, 20, breadth):
        ET.fromstring(html.mathml(piece))



# -- what they look like -------------------------------------------------------------------------

LINES = [
    ("gamma*R", "R γ", "R gamma"),
    ("-gamma**2/2 + gamma", "γ - γ²/2", "gamma - gamma^2/2"),
    ("eta*zeta*gamma", "η ζ γ", "eta zeta gamma"),
    ("2*gamma*(R + 1)", "2 γ (R + 1)", "2 gamma (R + 1)"),
    ("sqrt(1 - R**2)", "√(1 - R²)", "sqrt(1 - R^2)"),
    ("sqrt(N)", "√N", "sqrt(N)"),
    ("asin(R)", "arcsin(R)", "arcsin(R)"),
    ("I1(gamma, R)", "I₁(γ, R)", "I1(gamma, R)"),
    ("dot(w, x)*eta", "η (w·x)", "eta (w.x)"),
    ("dot(w, w)", "‖w‖₂²", "|w|_2^2"),
    ("sqrt(dot(w, w))", "‖w‖₂", "|w|_2"),
    ("norm(w)", "‖w‖₂", "|w|_2"),
    ("eta*w*delta", "η δ w", "eta delta w"),
    ("eta_max_bn**2", "(η_max^bn)²", "(eta_max_bn)^2"),
    ("dgamma_dt", "dγ/dt", "dgamma_dt"),
    ("I1_R", "∂_R I₁", "I1_R"),
    ("h_hat", "ĥ", "h_hat"),
    ("w_tilde", "w~", "w_tilde"),
    ("E_data(y)", "E_(x, y)[y]", "E_data[y]"),
    ("uncertain(S)", "S[?]", "S[?]"),
    ("Max(u, 0)", "max(0, u)", "max(0, u)"),
    ("Piecewise((u, u > 0), (0, True))", "max(u, 0)", "max(u, 0)"),
    ("Piecewise((1, u > 0), (0, True))", "{1 if u > 0; 0 otherwise}", None),
    ("gamma >= zeta", "γ ≥ ζ", "gamma >= zeta"),
    ("Derivative(G(zeta), zeta)", "(d/dζ) G(ζ)", "(d/dzeta) G(zeta)"),
    ("Gamma(M/2)", "Γ(M/2)", "Gamma(M/2)"),
    ("-oo", "-∞", "-oo"),
    ("1/3", "1/3", "1/3"),
    ("0", "0", "0"),
    ("-1", "-1", "-1"),
    ("0.5*R", "0.5 R", "0.5 R"),
    ("(R, gamma)", "(R, γ)", "(R, gamma)"),
    ("2*2**R", "2 (2^R)", "2 (2^R)"),
]


@pytest.mark.parametrize(("expression", "pretty", "plain"), LINES)
def test_one_line(expression: str, pretty: str, plain: str | None) -> None:
    node = typeset(paper(expression))
    assert UNICODE.line(node) == pretty
    if plain is not None:
        assert ASCII.line(node) == plain


def test_fractions_stand_on_three_lines_and_brackets_grow() -> None:
    box = UNICODE.box(typeset(paper("gamma*(I1(gamma, R)/L**2 + 1)")))
    assert box.rows == (
        "  ⎛    I₁(γ, R)⎞",
        "γ ⎜1 + ────────⎟",
        "  ⎝       L²   ⎠",
    )


def test_a_sum_stands_beside_its_fraction() -> None:
    box = ASCII.box(typeset(paper("gamma*(pi*R + 2*sqrt(1 - R**2))/(4*pi)")))
    assert box.rows == (
        "gamma                         ",
        "----- (pi R + 2 sqrt(1 - R^2))",
        " 4 pi                         ",
    )


def test_matrices_and_cases() -> None:
    matrix = UNICODE.box(typeset(sp.Matrix([[1, x], [y, 2]])))
    assert matrix.rows == ("⎡1  x⎤", "⎣y  2⎦")
    cases = UNICODE.box(typeset(sp.Piecewise((x, x > y), (y, True))))
    assert cases.rows == ("⎧ x  if x > y ", "⎩ y  otherwise")


def test_latex_of_the_notation() -> None:
    assert latex.formula(typeset(paper("gamma0**2"))) == r"\gamma_0^{2}"
    assert latex.formula(typeset(paper("w_star"))) == r"\mathbf{w}^{*}"
    assert latex.formula(typeset(paper("w_tilde*eta"))) == r"\eta \, \tilde{\mathbf{w}}"
    assert latex.formula(typeset(paper("asin(R)/2"))) == r"\frac{\arcsin(R)}{2}"


# -- every symbol and every statement ------------------------------------------------------------


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.name)
def test_every_name_is_understood(quantity: Quantity) -> None:
    node = names.tree(quantity.name)
    assert isinstance(node, Node)
    ET.fromstring(html.mathml(node))
    assert "\\" not in UNICODE.line(node)


def test_names_that_the_notation_lacks() -> None:
    assert names.latex("lambda") == r"\lambda"
    assert names.latex("h7") == "h_{7}"
    assert UNICODE.line(names.tree("theta_12")) == "θ₁₂"
    assert names.latex("a_strange_name") == r"\mathrm{a\,strange\,name}"
    assert names.tree("a_strange_name_2") == Word("a strange name 2")


@pytest.mark.parametrize("bad", [r"\frac{1}", "{x", "x}", r"\nonsense", "x^"])
def test_a_name_that_is_not_understood_is_an_error(bad: str) -> None:
    with pytest.raises(ValueError):
        names.parse(bad)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)
def test_every_statement_can_be_shown(statement: Statement) -> None:
    document = outline.of_statement(statement)
    for use_unicode in (True, False):
        page = text.write(document, use_unicode)
        assert max(map(len, page.splitlines())) <= text.WIDTH
        assert use_unicode or page.isascii()
    assert_balanced(latex.write(document))
    ET.fromstring(html.article(document))
