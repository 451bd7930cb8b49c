"""The functions of the regularizer and the points of their domain at which tests call them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import settings
from hypothesis import strategies as st

from bntheory.formula import Formula
from bntheory.formulas import regularizer
from bntheory.notation import SYMBOLS

NAMES = tuple(regularizer.__all__)
each = pytest.mark.parametrize("name", NAMES)
FEW = settings(max_examples=8)

CONTRACT = {
    "gamma_decay": ("M", "rho", "fisher_information", "mean_curvature"),
    "inverse_std": ("M",),
    "inverse_variance": ("M",),
    "gamma_decay_linear": ("M",),
    "gamma_decay_linear_exact": ("M",),
}
#: Where M has to lie above another number than 1, which itself belongs to the domain.
ABOVE = {
    "gamma_at_rest_mean_only": 1.0,
    "inverse_std": 2.0,
    **dict.fromkeys(
        (
            "inverse_variance",
            "gamma_decay_linear_exact",
            "gamma_decay_linear_exact_no_bias",
            "gamma_at_rest_std_only",
        ),
        3.0,
    ),
}
BRANCHED = [name for name in NAMES if " > M" in inspect.getsource(getattr(regularizer, name).plain)]
INSIDE = {"gamma": 0.8, "M": 7.0, "rho": 0.7, "correlation": 0.4, "gamma1": 0.9, "gamma2": 1.3}


def member(name: str) -> Formula:
    found: Formula = getattr(regularizer, name)
    return found


def arguments(name: str) -> list[str]:
    return list(inspect.signature(member(name)).parameters)


def inside(name: str) -> dict[str, float]:
    """Return a point of the domain, no two coordinates of which are equal."""
    return {a: INSIDE.get(a, 0.3 + 0.17 * k) for k, a in enumerate(arguments(name))}


def drawn(name: str, low: float = -6.0, high: float = 9.0) -> st.SearchStrategy[dict[str, float]]:
    """Draw arguments from the domain, with M from just above its end to 1e9."""
    numbers = st.floats(-4.0, 4.0)
    special = {
        "M": st.floats(low, high).map(lambda e: ABOVE.get(name, 1.0) + 10.0**e),
        **dict.fromkeys(("gamma", "gamma1", "gamma2"), st.floats(0.05, 4.0)),
        "rho": st.floats(-2.0, 20.0),
        "correlation": st.floats(-1.0, 1.0),
    }
    return st.fixed_dictionaries({a: special.get(a, numbers) for a in arguments(name)})


@cache
def terms(name: str) -> Callable[..., list[Any]]:
    """Return the terms of an expression, as a function."""
    expr = sp.expand(member(name).expr)
    whole = expr.has(sp.asin) or expr.has(SYMBOLS["Gamma"])
    parts = [expr.doit()] if whole else list(sp.Add.make_args(expr))
    symbols = [SYMBOLS[argument] for argument in arguments(name)]
    found: Callable[..., list[Any]] = sp.lambdify(symbols, parts, "mpmath")
    return found


def scale(name: str, here: dict[str, float]) -> mp.mpf:
    """Return the sum of the sizes of the terms, which may cancel, at the working precision."""
    point = [mp.mpf(here[argument]) for argument in arguments(name)]
    return sum(abs(term) for term in terms(name)(*point))
