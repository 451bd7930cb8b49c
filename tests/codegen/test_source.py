"""From an expression to source to values: random expressions, by every backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from bntheory.codegen.function import Function
from bntheory.codegen.source import BACKENDS, NUMPY, body, function
from bntheory.notation import SYMBOLS

gamma, L, m = (SYMBOLS[name] for name in ("gamma", "L", "misalignment"))
NAMES = ("gamma", "misalignment", "L")
MATH, MPMATH = (next(b for b in BACKENDS if b.name == name) for name in ("math", "mpmath"))
TORCH = next(b for b in BACKENDS if b.name == "torch")


def _grown(children: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda ab: ab[0] + ab[1]),
        pairs.map(lambda ab: ab[0] - ab[1]),
        pairs.map(lambda ab: ab[0] * ab[1]),
        pairs.map(lambda ab: ab[0] / (1 + ab[1] ** 2)),
        st.tuples(children, st.integers(2, 5)).map(lambda ab: ab[0] ** ab[1]),
        st.tuples(children, st.integers(1, 3)).map(lambda ab: (2 + ab[0] ** 2) ** -ab[1]),
        children.map(lambda a: sp.sqrt(1 + a**2)),
        children.map(lambda a: (1 + a**2) ** sp.Rational(-3, 2)),
        children.map(lambda a: sp.asin(a / sp.sqrt(2 + a**2))),
    )


numbers = st.one_of(
    st.integers(-3, 3).map(sp.Integer),
    st.fractions(-2, 2, max_denominator=7).map(lambda q: sp.Rational(q.numerator, q.denominator)),
    st.sampled_from([sp.pi, sp.sqrt(2), 1 / sp.pi, sp.sqrt(3) / 2]),
)
roots = st.sampled_from([sp.sqrt(m), sp.sqrt(m / 2), sp.sqrt(m * (2 - m)), sp.asin(sp.sqrt(m / 2))])
smooth = st.recursive(
    st.one_of(st.sampled_from([gamma, L, m]), numbers, roots), _grown, max_leaves=5
)
pieces = st.tuples(smooth.filter(lambda expr: expr.free_symbols), smooth).map(
    lambda ab: sp.Piecewise((ab[0], m < sp.Rational(1, 2)), (ab[1], True))
)
places = st.tuples(st.floats(0.1, 2.0), st.floats(0.01, 1.99), st.floats(0.1, 2.0))


def made(expr: Any, backend: Any) -> Callable[..., Any]:
    """Return the function that a backend's source defines."""
    spec = Function("f", NAMES, expr, expr, "A function", ("f",), "nowhere")
    module = __import__(backend.package)
    scope = {name: getattr(module, name) for name in backend.names}
    exec(function(spec, backend, decorate=False), scope)
    return scope["f"]


def value(expr: sp.Expr, place: tuple[float, ...]) -> tuple[float, float]:
    """Return the value of an expression, and how large its parts are."""
    point = dict(zip((gamma, m, L), map(sp.Float, place, [40] * 3), strict=True))
    sizes = [abs(complex(sp.N(part.subs(point), 20))) for part in sp.preorder_traversal(expr)
             if isinstance(part, sp.Expr) and not part.has(sp.nan, sp.zoo)]
    return float(sp.N(expr.subs(point), 30)), max(sizes)


@given(expr=st.one_of(smooth, pieces, st.tuples(smooth, pieces).map(lambda ab: ab[0] * ab[1])),
       place=places)
def test_values(expr: sp.Expr, place: tuple[float, ...]) -> None:
    """By NumPy, torch, Python floats and, where there is no branch, mpmath at 30 digits."""
    expected, size = value(expr, place)
    assume(size < 1e6)
    room = 1e-11 * max(1.0, size) * max(1.0, abs(expected))
    tensors = [torch.tensor(number, dtype=torch.float64) for number in place]
    found = [made(expr, NUMPY)(*map(np.float64, place)), made(expr, TORCH)(*tensors),
             made(expr, MATH)(*place)]
    if not expr.has(sp.Piecewise):
        with mp.workdps(30):
            found.append(made(expr, MPMATH)(*map(mp.mpf, place)))
    for result in found:
        assert float(result) == pytest.approx(expected, abs=room, rel=1e-11)


@given(exprs=st.lists(smooth, min_size=2, max_size=4), place=places, data=st.data())
def test_results_come_in_order(
    exprs: list[sp.Expr], place: tuple[float, ...], data: st.DataObject
) -> None:
    """Whatever they share, in whatever order they are asked for."""
    order = data.draw(st.permutations(range(len(exprs))))
    for backend in (NUMPY, MATH):
        straight = made(sp.Tuple(*exprs), backend)(*map(np.float64, place))
        turned = made(sp.Tuple(*(exprs[k] for k in order)), backend)(*map(np.float64, place))
        assert [float(straight[k]) for k in order] == pytest.approx(
            [float(entry) for entry in turned], rel=1e-10, abs=1e-10
        )


@given(rows=st.lists(st.lists(smooth, min_size=2, max_size=2), min_size=2, max_size=2))
def test_nested_results_keep_their_shape(rows: list[list[sp.Expr]]) -> None:
    expr = sp.Tuple(*(sp.Tuple(*row) for row in rows))
    for backend in (NUMPY, MPMATH):
        result = made(expr, backend)(mp.mpf(1), mp.mpf(1), mp.mpf(1)) if backend is MPMATH else (
            made(expr, backend)(np.float64(1.0), np.float64(1.0), np.float64(1.0))
        )
        assert isinstance(result, tuple)
        assert [len(row) for row in result] == [2, 2]


@given(expr=smooth)
def test_the_same_source_every_time(expr: sp.Expr) -> None:
    for backend in (NUMPY, *BACKENDS):
        assert body(expr, backend) == body(sp.sympify(expr), backend)


@pytest.mark.parametrize("k", range(6))
def test_what_occurs_twice_is_computed_once(k: int) -> None:
    root = sp.sqrt(1 + gamma**2)
    lines = body(sp.Tuple(root * L, root + m * k, 1 / root), NUMPY)
    assert sum(line.count("sqrt(") for line in lines) == 1


def test_no_inverse_sine_of_more_than_one() -> None:
    """sqrt(2) sqrt(m)/2 is above 1 at m = 2 in floating point; sqrt(m/2) is not."""
    expr = sp.asin(sp.sqrt(m / 2))
    ends = (1.0, 2.0, 1.0)
    assert made(expr, MATH)(*ends) == pytest.approx(np.pi / 2, rel=1e-15)
    assert made(expr, NUMPY)(*map(np.float64, ends)) == pytest.approx(np.pi / 2, rel=1e-15)
    for digits in range(15, 60):
        with mp.workdps(digits):
            assert isinstance(made(expr, MPMATH)(*map(mp.mpf, ends)), mp.mpf)
