"""JSON: the contract, and expressions that read back as what they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
from rendering_checks import back

import derivations
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, Gamma
from bntheory.rendering import FORMATS, render
from bntheory.rendering.json import text

IDS = tuple(derivations.available())
Derived = Callable[..., Derivation]


@pytest.fixture(params=IDS)
def derivation(request: pytest.FixtureRequest, derived: Derived) -> Derivation:
    return derived(request.param)


KEYS = "id title where activation assumptions steps results printed passed seconds".split()
STEP_KEYS = "id title rule before after approximation check".split()


def test_json_keeps_the_contract(derivation: Derivation) -> None:
    data = json.loads(render(derivation, "json"))
    assert set(KEYS) <= set(data)
    assert set(data["printed"]) == {"expression", "agrees", "difference", "counterexample"}
    for step in data["steps"]:
        assert set(STEP_KEYS) <= set(step)
        assert {"method", "points", "digits", "passed"} <= set(step["check"])
        assert step["check"]["method"] in ("exact", "sampled")
    assert data["passed"] is derivation.passed
    assert data["printed"]["agrees"] is derivation.agrees
    assert data["seconds"] == round(data["seconds"], 3)


def in_our_names(expr: Any) -> Any:
    """Euler's function is called Gamma in the notation, where gamma is the scale."""
    return expr.replace(sp.gamma, Gamma) if expr.has(sp.gamma) else expr


def test_json_expressions_read_back_equal(derivation: Derivation) -> None:
    data = json.loads(render(derivation, "json"))
    for step, written in zip(derivation.steps, data["steps"], strict=True):
        assert back(written["before"]) == in_our_names(step.before)
        assert back(written["after"]) == in_our_names(step.after)
    for name, expr in derivation.results.items():
        assert back(data["results"][name]) == in_our_names(expr)
    printed = [comparison.printed for comparison in derivation.comparisons]
    differences = [comparison.difference for comparison in derivation.comparisons]
    for key, expected in (("expression", printed), ("difference", differences)):
        if not expected:
            assert data["printed"][key] is None
        elif len(expected) == 1:
            assert back(data["printed"][key]) == in_our_names(expected[0])
        else:
            assert back(data["printed"][key]) == in_our_names(sp.Tuple(*expected))


@pytest.mark.parametrize("activation", ["linear", "leaky_relu", "erf"])
@pytest.mark.parametrize("id", ["eq13", "eq14", "eq15"])
def test_other_activations_can_be_shown(derived: Derived, id: str, activation: str) -> None:
    derivation = derived(id, activation)
    for format in FORMATS:
        assert render(derivation, format)
    assert max(map(len, render(derivation, "text").splitlines())) <= 80
    data = json.loads(render(derivation, "json"))
    assert data["activation"] == activation and data["printed"]["agrees"] is None
    assert all(back(data["results"][k]) == e for k, e in derivation.results.items())


x, y, z = sp.symbols("x y z", positive=True)
LOCALS = {"x": x, "y": y, "z": z}


@pytest.mark.parametrize(
    "expr", [2 * (x + y) * z, -(x + y) / 3, x / (2 * (1 - y)), (x + y) / sp.pi]
)
def test_factors_before_brackets_read_back_the_same(expr: sp.Expr) -> None:
    for form in (expr, sp.factor(expr), sp.factor_terms(sp.expand(expr))):
        assert sp.sympify(text(form), locals=LOCALS) == form


def test_unevaluated_forms_read_back_the_same() -> None:
    for form in (sp.Mul(2, x + y, evaluate=False), sp.Gt(x, 0, evaluate=False)):
        assert sp.sympify(text(form), locals=LOCALS) == form


@pytest.mark.parametrize("name", ["x", "S", "gamma", "foo", "E", "phi", "lambda", "a b"])
def test_symbols_of_any_name_read_back_the_same(name: str) -> None:
    for symbol in (sp.Symbol(name), sp.Symbol(name, real=True), sp.Symbol(name, positive=True)):
        assert sp.sympify(text(1 + symbol), locals=SYMBOLS) == 1 + symbol
