"""The forms in m = 1 - R: the same functions, and what makes them keep their digits."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from bntheory.codegen.near import careful, collected, plain, steady
from bntheory.formulas import erf, leaky_relu, linear, relu
from bntheory.notation import SYMBOLS

MODULES = {"relu": relu, "linear": linear, "leaky_relu": leaky_relu, "erf": erf}
gamma, R, m, slope = (SYMBOLS[name] for name in ("gamma", "R", "misalignment", "slope"))
FORMS: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "as derived": lambda expr: expr, "steady": steady,
    "plain": plain, "careful": careful, "collected": collected,
}
each_integral = pytest.mark.parametrize("name", ["I1", "I2", "I3", "online_error"])
each_module = pytest.mark.parametrize("module", MODULES)


@cache
def form(module: str, name: str, form: str) -> Callable[..., Any]:
    """Return an integral of an activation, in one of its forms, as a function in mpmath."""
    expr = FORMS[form](getattr(MODULES[module], name).expr)
    names = {symbol.name: symbol for symbol in expr.free_symbols}
    function = sp.lambdify(list(names.values()), expr, "mpmath", cse=True)
    return lambda **numbers: mp.mpf(function(*(mp.mpf(numbers[name]) for name in names)))


@each_module
@each_integral
@pytest.mark.parametrize("to", ["plain", "careful", "collected"])
@given(scale=st.floats(0.2, 2.0), gap=st.floats(0.01, 1.99))
def test_the_same_function(module: str, name: str, to: str, scale: float, gap: float) -> None:
    """In m as in R, at 40 digits; in both branches, up to the Taylor series in between."""
    with mp.workdps(40):
        found = form(module, name, to)(gamma=scale, misalignment=gap, slope=0.3)
        expected = form(module, name, "as derived")(gamma=scale, R=1 - mp.mpf(gap), slope=0.3)
        room = mp.mpf(10) ** (-35 if to == "plain" else -15)
        assert abs(found - expected) < room * (1 + scale) ** 2


@each_module
@each_integral
@given(scale=st.floats(0.2, 2.0), overlap=st.floats(-0.99, 0.99))
def test_steady_only_changes_the_writing(
    module: str, name: str, scale: float, overlap: float
) -> None:
    with mp.workdps(30):
        found, expected = (form(module, name, to)(gamma=scale, R=overlap, slope=0.3)
                           for to in ("steady", "as derived"))
        assert abs(found - expected) < mp.mpf(10) ** -26


@each_module
def test_both_branches_are_numbers_wherever_either_may_be_evaluated(module: str) -> None:
    """NumPy and torch evaluate both; a nan in the other one would spoil gradients."""
    for name in MODULES[module].__all__:
        function = inspect.unwrap(getattr(MODULES[module], name))
        text = textwrap.dedent(inspect.getsource(function))
        names = list(inspect.signature(function).parameters)
        if "where(" not in text:
            continue
        gaps = np.array([0.0, 1e-300, 1e-14, 1e-6, 1 / 128, 0.3, 0.5, 0.7, 1.0, 1.5, 1.99])
        for scale in (0.05, 0.5, 1.0, 1 + 1e-9, 3.0):
            args = [gaps if n == "misalignment" else np.full_like(gaps, scale) for n in names]
            for branch in (1, 2):
                result = _only(branch, text)(*args)
                for entry in _leaves(result):
                    assert np.isfinite(entry).all(), (name, branch, scale)


class _Branch(ast.NodeTransformer):
    """Replace ``where`` by one of its branches."""

    def __init__(self, branch: int) -> None:
        self.branch = branch

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        where = isinstance(node.func, ast.Name) and node.func.id == "where"
        return node.args[self.branch] if where else node


def _only(branch: int, text: str) -> Callable[..., Any]:
    tree = ast.parse(text)
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list = []
    scope: dict[str, Any] = {"arcsin": np.arcsin, "sqrt": np.sqrt}
    exec(compile(ast.fix_missing_locations(_Branch(branch).visit(tree)), "<branch>", "exec"), scope)
    return scope[function.name]


def _leaves(result: Any) -> list[Any]:
    if isinstance(result, tuple):
        return [leaf for entry in result for leaf in _leaves(entry)]
    return [result]


@each_module
def test_the_branches_meet(module: str) -> None:
    """Across the switch from one form to the other the values go on, to the last digits."""
    for name in MODULES[module].__all__:
        function = getattr(MODULES[module], name)
        names = list(inspect.signature(function).parameters)
        if not name.endswith("_aligned"):
            continue
        for switch in (1 / 128, 1 / 2):
            below, above = (
                [function(**{n: gap if n == "misalignment" else 0.8 for n in names})]
                for gap in (switch * (1 - 1e-14), switch * (1 + 1e-14))
            )
            a, b = (np.array(_leaves(tuple(entry)), dtype=float) for entry in (below, above))
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13 * np.abs(a).max())
