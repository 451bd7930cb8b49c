"""Whatever shape a derivation has, it fits on a page; and notebooks."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import sympy as sp
from rendering_checks import assert_balanced, back, small

import bntheory
from bntheory.checking import Check
from bntheory.derivation import Step
from bntheory.notation import SYMBOLS
from bntheory.rendering import render

R, gamma = SYMBOLS["R"], SYMBOLS["gamma"]
u, w, eta = SYMBOLS["u"], SYMBOLS["w"], SYMBOLS["eta"]
LONG = sp.expand((R + gamma + eta + u + 1) ** 4)
SHAPES: dict[str, tuple[Any, Any, Any]] = {
    "vector": (w * eta, eta * (w + R * SYMBOLS["w_star"]), SYMBOLS["Delta_w"]),
    "tuple": (sp.Tuple(R, gamma), sp.Tuple(gamma**2, LONG), sp.Tuple(u, eta)),
    "tuple without names": (sp.Tuple(R, gamma), sp.Tuple(gamma, R), None),
    "one name for a tuple": (sp.Tuple(R, gamma), sp.Tuple(gamma, R), w),
    "matrix": (sp.eye(2), sp.ImmutableMatrix([[R, gamma], [0, 1]]), None),
    "wide matrix": (sp.eye(2), sp.ImmutableMatrix([[LONG, gamma], [0, LONG]]), None),
    "named wide matrix": (
        sp.eye(2),
        sp.ImmutableMatrix([[LONG, gamma], [0, 1]]),
        sp.ImmutableMatrix([[SYMBOLS[f"J{i}{j}"] for j in (1, 2)] for i in (1, 2)]),
    ),
    "cases": (u, sp.Piecewise((LONG, u > 0), (LONG + 1, u > -1), (0, True)), None),
    "relation": (R, sp.StrictLessThan(R, 1, evaluate=False), None),
    "truth": (R < 1, sp.true, None),
    "long sum": (R, LONG, gamma),
    "long product": (LONG * (LONG + 1), LONG * (LONG + 1) / (3 + LONG), gamma),
    "long power": (R, sp.sqrt(LONG) * (LONG + 2) ** 3, None),
    "long name": (R, R + 1, LONG),
    "derivative": (sp.Derivative(LONG, R), sp.Subs(sp.Derivative(R**2, R), R, 1), None),
    "integral": (sp.Integral(LONG, (u, -sp.oo, sp.oo)), sp.Integral(u**2, u), None),
    "series": (sp.Sum(R**u, (u, 0, sp.oo)), 1 / (1 - R), None),
    "functions": (sp.polygamma(0, R), sp.gamma(R) * sp.erf(u) - sp.Abs(u) + sp.loggamma(R), None),
    "logic": (sp.And(R > 0, gamma > 1), sp.Or(R > 0, gamma > 1), None),
    "numbers": (sp.Integer(0), sp.Rational(-3, 2), None),
    "floats": (sp.Float(1.5), sp.Float(-2.25) * R, None),
    "infinite": (sp.oo, -sp.oo, None),
}


@pytest.mark.parametrize("rule", ["rewrite", "expect", "solve", "differentiate", "unheard-of"])
@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_fits(shape: str, rule: str) -> None:
    before, after, name = SHAPES[shape]
    step = Step("eq13.1", "A step", rule, before, after, Check("exact", "x", passed=True), name)
    derivation = small(steps=(step,), results={"result": after})
    for use_unicode in (True, False):
        page = render(derivation, "text", use_unicode)
        assert max(map(len, page.splitlines())) <= 80
        assert use_unicode or page.isascii()
    assert_balanced(render(derivation, "latex"))
    ET.fromstring(re.findall(r"<article.*</article>", render(derivation, "html"), re.S)[0])
    data = json.loads(render(derivation, "json"))
    read = back(data["steps"][0]["after"])
    assert read == after or read.doit() == after
    assert data["seconds"] == 0.123


# -- notebooks -----------------------------------------------------------------------------------


def test_a_statement_in_a_notebook() -> None:
    statement = bntheory.statement("Prop1")
    assert "γ₀ = ───────" in repr(statement) and max(map(len, repr(statement).split("\n"))) <= 80
    assert statement._repr_latex_().startswith(r"$\displaystyle \begin{gathered} \gamma_0 = \frac")
    assert "\\gamma_0 = \\frac{1}{2 \\, \\zeta + 1} \\tag{1}" in statement._repr_markdown_()
    ET.fromstring(statement._repr_html_())


def test_a_claim_in_words_in_a_notebook() -> None:
    statement = bntheory.statement("sec2-removal")
    assert "impedes training" in repr(statement)
    assert "impedes training" in statement._repr_latex_()


def test_a_derivation_in_a_notebook() -> None:
    derivation = bntheory.statement("eq13").derive()
    assert str(derivation) == render(derivation, "text").rstrip("\n")
    assert derivation._repr_markdown_() == render(derivation, "markdown")
    ET.fromstring(derivation._repr_html_())


def test_a_notebook_takes_any_form_of_activation() -> None:
    z = sp.Symbol("z")
    statement = bntheory.statement("eq13")
    forms = ["linear", "x", "Identity", z, lambda t: t]
    assert len({statement.derive(form)["I1"] for form in forms}) == 1


def test_unknown_statements_and_activations_in_a_notebook() -> None:
    with pytest.raises(KeyError, match="did you mean prop4"):
        bntheory.statement("porp4")
    with pytest.raises(ValueError, match="did you mean relu"):
        bntheory.statement("eq13").derive("rleu")
    with pytest.raises(LookupError, match="not derived yet"):
        bntheory.statement("fig3").derive()
