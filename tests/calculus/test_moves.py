"""A closed form that takes too long is known beforehand, and not waited for."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest
import sympy as sp

from bntheory.activations import find
from bntheory.calculus import error_functions
from bntheory.calculus.error_functions import NotReached

u, v = sp.symbols("u v", real=True)
R = sp.Symbol("R", real=True)
COVARIANCE = sp.Matrix([[1, R], [R, 1]])


@pytest.mark.parametrize(
    "integrand",
    [
        u**2 * v**2,
        u**2 * sp.erf(u) * v,
        u * v**2 * sp.erf(v) * sp.erf(2 * u) + 1,
        u**2 * v * sp.exp(-(v**2)) * sp.erf(u) + u * v,
    ],
)
def test_moves_are_counted_as_they_are_made(
    integrand: sp.Expr, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But that a tilt makes one more: the same term without its Gaussian factor."""
    made, own = [], error_functions._expect

    def counted(term: Any, covariance: Any) -> Any:
        if term.exponent.is_zero_matrix:
            made.append(term)
        return own(term, covariance)

    monkeypatch.setattr(error_functions, "_expect", counted)
    error_functions.expectation(integrand, (u, v), COVARIANCE)
    error_functions._moves.cache_clear()
    monkeypatch.setattr(error_functions, "TILT", 0)
    terms = [error_functions._term(each, (u, v)) for each in sp.Add.make_args(integrand)]
    counts = [error_functions._moves(term.powers, len(term.erfs)) for term in terms]
    error_functions._moves.cache_clear()
    assert sum(counts) == len(made)


@pytest.mark.parametrize(
    "text", ["x**8*erf(x)", "(x + 1)**8*erf(x)*exp(-x**2)", "(x + 1)**6*erf(x)"]
)
def test_what_takes_too_long_is_refused_at_once(text: str) -> None:
    g = find(text)
    started = process_time()
    with pytest.raises(NotReached, match="more than 50,000 moves"):
        error_functions.expectation(g.derivative(u) * g(v) * u, (u, v), COVARIANCE)
    assert process_time() - started < 5
