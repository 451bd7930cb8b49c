"""Reading an expression in x from text, without running it and in bounded time.

The text becomes a Python syntax tree, and the tree SymPy, node by node from a fixed table: numbers,
arithmetic and a few functions.  What could take long is refused: long texts, large numbers, high
powers, deep nesting.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable
from functools import reduce
from typing import Any

import sympy as sp

LENGTH, DEPTH, KINKS = 500, 25, 8
LARGEST = 10**12


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

OPERATIONS: dict[type, Callable[[sp.Expr, sp.Expr], sp.Expr]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Unreadable(ValueError):  # noqa: N818 - the name says it
    """The text is not an expression that can be read; the message says in a few words why."""


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
    if len(text) > LENGTH:
        raise Unreadable(f"it has more than {LENGTH} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unreadable("it is neither a name, as relu, nor one in x, as max(x, 0)") from None
    return _Reader(x).read(tree)


class _Reader:
    """Reads a syntax tree as a function of ``variable``; nothing in it is run."""

    def __init__(self, variable: sp.Expr) -> None:
        self.names = {"x": variable, "pi": sp.pi, "E": sp.E, "e": sp.E}
        self.kinks = 0

    def read(self, node: ast.expr, depth: int = 0) -> sp.Expr:
        if depth > DEPTH:
            raise Unreadable("it is nested too deeply")
        if isinstance(node, ast.Constant):
            return self.number(node.value)
        if isinstance(node, ast.Name):
            if node.id not in self.names:
                raise Unreadable(f"it has to be a function of x alone, and {node.id} is not known")
            return self.names[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            operand = self.read(node.operand, depth + 1)
            return -operand if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.BinOp):
            return self.operation(node, depth)
        if isinstance(node, ast.Call):
            return self.call(node, depth)
        raise Unreadable("numbers, x, + - * / **, brackets and functions are all it may have")

    def number(self, value: Any) -> sp.Expr:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Unreadable(f"{value!r} is not a real number")
        if abs(value) > LARGEST or 0 < abs(value) < 1 / LARGEST:
            raise Unreadable("a number in it is too large or too small")
        return sp.Rational(str(value))

    def operation(self, node: ast.BinOp, depth: int) -> sp.Expr:
        left, right = self.read(node.left, depth), self.read(node.right, depth + 1)
        if isinstance(node.op, ast.Pow):
            result = self.power(left, right)
        elif type(node.op) in OPERATIONS:
            result = OPERATIONS[type(node.op)](left, right)
        elif isinstance(node.op, ast.BitXor):
            raise Unreadable("a power is written **")
        else:
            raise Unreadable("the operations are + - * / and **")
        if any(max(abs(n.p), n.q) > LARGEST**3 for n in result.atoms(sp.Rational)):
            raise Unreadable("a number in it is too large or too small")
        return result

    def power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        if exponent.is_Rational and max(abs(exponent.p), exponent.q) <= 20:
            return base**exponent
        if base.is_number and base.is_positive and not exponent.is_number:
            return base**exponent
        raise Unreadable("an exponent is a number up to 20, or stands over a positive number")

    def call(self, node: ast.Call, depth: int) -> sp.Expr:
        name = node.func.id.lower() if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise Unreadable(f"it calls something other than {known}")
        arguments = [self.read(argument, depth + 1) for argument in node.args]
        several = name in ("max", "min")
        if node.keywords or (len(arguments) < 2 if several else len(arguments) != 1):
            raise Unreadable(f"{name} takes {'two or more arguments' if several else 'one'}")
        self.kinks += name in ("max", "min", "abs", "relu", "sign", "heaviside")
        if self.kinks > KINKS:
            raise Unreadable(f"it has more than {KINKS} kinks")
        return FUNCTIONS[name](*arguments)
