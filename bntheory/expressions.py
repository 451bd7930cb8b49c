"""Reading an activation from text: an expression in x, and the functions that it may have."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import sympy as sp

from bntheory.reading import Reader, Unreadable, is_low

__all__ = ["FUNCTIONS", "Unreadable", "read"]

KINKS = 8


def _larger(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """Return max(a, b), decided where the sign of a - b is known, and else left as it is."""
    gap = a - b
    if gap.is_nonnegative:
        return a
    return b if gap.is_nonpositive else sp.Max(a, b, evaluate=False)


def _smaller(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    gap = a - b
    if gap.is_nonnegative:
        return b
    return a if gap.is_nonpositive else sp.Min(a, b, evaluate=False)


#: What an expression may call.
FUNCTIONS: dict[str, Callable[..., sp.Expr]] = {
    **{
        name: getattr(sp, name)
        for name in "exp log sqrt sin cos tan sinh cosh tanh asin atan erf erfc sign".split()
    },
    "abs": sp.Abs,
    "heaviside": sp.Heaviside,
    "max": lambda *z: reduce(_larger, z),
    "min": lambda *z: reduce(_smaller, z),
    "relu": lambda z: _larger(z, sp.S.Zero),
    "sigmoid": lambda z: 1 / (1 + sp.exp(-z)),
    "softplus": lambda z: sp.log(1 + sp.exp(z)),
}


def read(text: str, x: sp.Expr) -> sp.Expr:
    """Read an expression.

    Parameters
    ----------
    text : str
        In ``x``, with ``+ - * / **``, brackets, ``pi``, ``E`` and the calls of :data:`FUNCTIONS`.
    x : Expr
        What ``x`` stands for.

    Raises
    ------
    Unreadable
        For anything else.
    """
    found: sp.Expr = _Activation(x).text(text)
    return found


class _Activation(Reader):
    """Reads a function of ``variable``."""

    parts = "numbers, x, + - * / **, brackets and functions are all it may have"
    nothing = "it is neither a name, as relu, nor one in x, as max(x, 0)"

    def __init__(self, variable: sp.Expr) -> None:
        super().__init__({"x": variable, "pi": sp.pi, "E": sp.E, "e": sp.E}, FUNCTIONS)
        self.kinks = 0

    def name(self, name: str) -> sp.Expr:
        if name not in self.names:
            raise Unreadable(f"it has to be a function of x alone, and {name!r:.40} is not known")
        return self.names[name]

    def power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        if is_low(exponent) or (base.is_number and base.is_positive and not exponent.is_number):
            return super().power(base, exponent)
        raise Unreadable("an exponent is a number up to 20, or stands over a positive number")

    def function(self, name: str, arguments: int) -> Callable[..., sp.Expr]:
        name = name.lower()
        if name not in FUNCTIONS:
            raise Unreadable(f"it calls something other than {', '.join(FUNCTIONS)}")
        several = name in ("max", "min")
        if arguments < 2 if several else arguments != 1:
            raise Unreadable(f"{name} takes {'two or more arguments' if several else 'one'}")
        self.kinks += name in ("max", "min", "abs", "relu", "sign", "heaviside")
        if self.kinks > KINKS:
            raise Unreadable(f"it has more than {KINKS} kinks")
        return FUNCTIONS[name]
