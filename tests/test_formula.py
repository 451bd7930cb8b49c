"""The wrapper around generated functions, on functions written here by hand."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from bntheory.formula import BLOCK, DOMAINS, Formula, formula
from bntheory.notation import BY_NAME, SYMBOLS

SEEN: list[tuple[int, ...]] = []


@formula("a source", "gamma*R + L")
def product(gamma: Any, R: Any, L: Any) -> Any:
    """One quantity."""
    SEEN.append(tuple(np.size(a) for a in (gamma, R, L)))
    return gamma * R + L


@formula("another", "((gamma, 1), (R, 2*gamma))")
def matrix(gamma: Any, R: Any) -> Any:
    """Quantities in rows, one of them a constant."""
    return ((gamma, 1.0), (R, 2 * gamma))


@formula("a third", "3")
def constant() -> Any:
    """No arguments at all."""
    return 3.0


@formula("a fourth", "1/gamma")
def reciprocal(gamma: Any) -> Any:
    """Infinite at the end that is left out."""
    return 1.0 / gamma


def test_it_looks_like_the_function_it_wraps() -> None:
    assert isinstance(product, Formula)
    assert product.__doc__ == "One quantity."
    assert product.__name__ == product.__qualname__ == "product"
    assert product.__module__ == __name__
    assert list(inspect.signature(product).parameters) == ["gamma", "R", "L"]
    assert repr(matrix).startswith("<formula matrix(gamma")
    assert product.source == "a source"


def test_every_domain_belongs_to_a_quantity_and_covers_its_values() -> None:
    for name in DOMAINS.keys() - {"beta"}:  # in Section 2 a shift, which may be negative
        (low, high, left_open), domain = DOMAINS[name], BY_NAME[name].domain
        assert domain is not None
        assert low <= domain.inf and float(domain.sup) <= high
        assert not left_open or domain.left_open


def test_an_unknown_argument_has_no_domain() -> None:
    with pytest.raises(KeyError, match="x"):
        formula("nowhere", "x")(lambda x: x)


def test_expression_and_latex() -> None:
    gamma, R, L = (SYMBOLS[name] for name in ("gamma", "R", "L"))
    assert product.expr == gamma * R + L
    assert product.latex == r"L + R \gamma"
    assert product._repr_latex_() == r"$\displaystyle L + R \gamma$"
    assert [list(row) for row in matrix.expr] == [[gamma, 1], [R, 2 * gamma]]
    assert constant.expr == sp.Integer(3) and constant.latex == "3"


def test_pickle_and_copy_find_it_again() -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(product, protocol)) is product
    assert copy.copy(product) is product
    assert copy.deepcopy(product) is product


def test_nested_results_broadcast_entry_by_entry() -> None:
    (a, b), (c, d) = matrix([[1.0], [2.0]], [0.1, 0.2, 0.3])
    assert a.tolist() == [[1.0] * 3, [2.0] * 3] and b.tolist() == [[1.0] * 3] * 2
    assert c.tolist() == [[0.1, 0.2, 0.3]] * 2 and d.tolist() == [[2.0] * 3, [4.0] * 3]


def test_no_arguments() -> None:
    assert constant() == 3.0 and isinstance(constant(), np.float64)
    with pytest.raises(TypeError, match="too many"):
        constant(1.0)


def test_outside_every_entry_is_nan_even_a_constant() -> None:
    (a, b), (c, d) = matrix(np.array([1.0, 0.0, 1.0, np.nan]), np.array([1.0, 0.5, 1.1, 0.5]))
    for entry in (a, b, c, d):
        assert np.isnan(entry).tolist() == [False, True, True, True]


def test_no_warning_from_what_is_nan_anyway() -> None:
    assert np.isnan(reciprocal([0.0, -1.0])).all()
    assert reciprocal(2.0) == 0.5


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=5),
    st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=5),
)
def test_nan_exactly_where_an_argument_is_outside(
    gammas: list[float], overlaps: list[float]
) -> None:
    grid = np.array(gammas)[:, None], np.array(overlaps)
    inside = (grid[0] > 0) & (np.abs(grid[1]) <= 1)
    (_, one), _ = matrix(*grid)
    assert (np.isnan(one) == ~inside).all()
    assert (one[inside] == 1.0).all()


def test_large_arrays_are_evaluated_block_by_block() -> None:
    SEEN.clear()
    size = 2 * BLOCK + 7
    gamma, R = np.linspace(0.5, 2.0, size), np.linspace(-1.0, 1.0, size)
    found = product(gamma, R, 3.0)
    assert SEEN == [(BLOCK, BLOCK, 1), (BLOCK, BLOCK, 1), (7, 7, 1)]
    np.testing.assert_array_equal(found, gamma * R + 3.0)


@given(
    st.lists(st.sampled_from([0, 1, 2, 3, BLOCK - 1, BLOCK + 1]), min_size=1, max_size=2),
    st.data(),
)
def test_any_broadcast_of_any_size(shape: list[int], data: st.DataObject) -> None:
    """Axes of length 1 and of length 0, long ones and short ones."""
    if np.prod([float(n) for n in shape]) > 1e6:
        shape = shape[:1]
    shapes = [
        data.draw(st.sampled_from([tuple(shape), (1,) * len(shape), tuple(shape[-1:]), ()]))
        for _ in range(3)
    ]
    rng = np.random.default_rng(0)
    gamma, R, L = (rng.uniform(0.1, 1.0, size=s) for s in shapes)
    found = product(gamma, R, L)
    expected = gamma * R + L
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_array_equal(found, expected)


def test_an_empty_axis_against_a_long_one() -> None:
    assert product(np.ones((BLOCK + 1, 1)), np.ones((1, 0)), 1.0).shape == (BLOCK + 1, 0)
    (entry, _), _ = matrix(np.ones((BLOCK + 1, 0)), 1.0)
    assert entry.shape == (BLOCK + 1, 0)


def test_any_memory_layout() -> None:
    base = np.asfortranarray(np.random.default_rng(1).uniform(0.1, 1.0, size=(130, 90)))
    for array in (base, base.T, base[::-1, ::2], np.broadcast_to(base[:1], base.shape)):
        np.testing.assert_array_equal(product(array, array, array), array * array + array)


def test_what_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        product("a", 0.5, 1.0)
    with pytest.raises(TypeError):
        product(1j, 0.5, 1.0)
    with pytest.raises(ValueError, match="broadcast"):
        product(np.ones(2), np.ones(3), 1.0)
