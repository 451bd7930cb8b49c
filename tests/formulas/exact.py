"""The derived expressions at 80 digits; what ends in ``_aligned`` comes from its namesake in R."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath as mp
import sympy as sp
from members import arguments, flat, member

from bntheory.notation import SYMBOLS

R, m = SYMBOLS["R"], SYMBOLS["misalignment"]


@cache
def exact(module: str, name: str) -> Callable[..., list[Any]]:
    """Return a function of Python floats that gives the entries as mpmath numbers."""
    symbols = [SYMBOLS[argument] for argument in arguments(member(module, name))]
    entries = _aligned(module, name) if name.endswith("_aligned") else _entries(module, name)
    function = sp.lambdify(symbols, entries, "mpmath", cse=True)

    def value(*point: Any) -> list[Any]:
        with mp.workdps(80):
            return [mp.mpf(entry) for entry in function(*map(mp.mpf, point))]

    return value


def nested(expr: Any) -> Any:
    """Return SymPy tuples as Python's."""
    return tuple(map(nested, expr)) if isinstance(expr, (tuple, sp.Tuple)) else expr


def _entries(module: str, name: str) -> list[sp.Expr]:
    return list(flat(nested(member(module, name).expr)))


def _aligned(module: str, name: str) -> list[sp.Expr]:
    """Differentiate and turn the namesake, then put R = 1 - m."""
    namesake = name.removesuffix("_aligned").replace("jacobian", "rates")
    entries = _entries(module, namesake)
    if namesake == "online_error":
        return [entries[0].subs(R, 1 - m)]
    state = [SYMBOLS[n] for n in ("gamma", "R", "L")][-len(entries) :]
    signs = [-1 if symbol == R else 1 for symbol in state]
    if "jacobian" in name:
        matrix = sp.Matrix(entries).jacobian(state)
        turn = sp.diag(*signs)
        entries = list(turn * matrix * turn)
    else:
        entries = [sign * entry for sign, entry in zip(signs, entries, strict=True)]
    return [entry.subs(R, 1 - m) for entry in entries]
