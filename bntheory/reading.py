"""Reading mathematics from text, without running it, in bounded time and memory.

The text becomes a Python syntax tree, and the tree SymPy, node by node: names and functions come
from tables, and there is nothing else.  What could take long is refused: long texts, large numbers,
high powers, deep nesting.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import sympy as sp

DEPTH = 25
#: Of a number that is written, and of one that is computed from such numbers; and of the inverse.
LARGEST, LARGEST_FOUND = 10**12, 10**36
#: Of an exponent that is written; and of powers of powers, or of what multiplies a logarithm:
#: SymPy takes exp(n log(x)) for x**n.
HIGHEST_POWER, HIGHEST_FOUND = 20, 100

OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Unreadable(ValueError):  # noqa: N818 - the name says it
    """The text cannot be read; the message says in a few words why."""


class Reader:
    """Reads a syntax tree; nothing in it is run.

    Attributes
    ----------
    names : mapping
        What names stand for.
    functions : mapping
        What may be called.
    """

    length: ClassVar[int] = 500
    #: What is said of a text with other parts, and of one that is no expression at all.
    parts: ClassVar[str] = "numbers, names, + - * / **, brackets and functions are all it may have"
    nothing: ClassVar[str] = "it is no expression"

    def __init__(self, names: Mapping[str, Any], functions: Mapping[str, Any]) -> None:
        self.names, self.functions = names, functions

    def text(self, text: str) -> Any:
        """Read a text.

        Raises
        ------
        Unreadable
            If it cannot be read.
        """
        if len(text) > self.length:
            raise Unreadable(f"it has more than {self.length} characters")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Unreadable(self.nothing) from None
        return self.read(tree)

    def read(self, node: ast.expr, depth: int = 0) -> Any:
        """Read a node of the tree."""
        if depth > DEPTH:
            raise Unreadable("it is nested too deeply")
        if isinstance(node, ast.Constant):
            return self.number(node.value)
        if isinstance(node, ast.Name):
            return self.name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            operand = self.read(node.operand, depth + 1)
            return self.applied(operator.neg, operand) if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.BinOp):
            return self.operation(node, depth)
        if isinstance(node, ast.Call):
            return self.call(node, depth)
        raise Unreadable(self.parts)

    def name(self, name: str) -> Any:
        """Return what a name stands for."""
        if name not in self.names:
            raise Unreadable(f"{name!r:.40} is not known")
        return self.names[name]

    def number(self, value: Any) -> Any:
        """Return a number that is written."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Unreadable(f"{value!r:.40} is not a real number")
        if abs(value) > LARGEST or 0 < abs(value) < 1 / LARGEST:
            raise Unreadable("a number in it is too large or too small")
        return sp.Rational(str(value))

    def operation(self, node: ast.BinOp, depth: int) -> Any:
        """Read an operation with two operands."""
        left, right = self.read(node.left, depth), self.read(node.right, depth + 1)
        if isinstance(node.op, ast.Pow):
            return self.applied(self.power, left, right)
        if type(node.op) in OPERATIONS:
            return self.applied(OPERATIONS[type(node.op)], left, right)
        if isinstance(node.op, ast.BitXor):
            raise Unreadable("a power is written **")
        raise Unreadable("the operations are + - * / and **")

    def power(self, base: Any, exponent: Any) -> Any:
        """Return a power."""
        if exponent.is_number and not is_low(exponent):
            raise Unreadable(f"an exponent is a number up to {HIGHEST_POWER}")
        if any(abs(number) > HIGHEST_FOUND for number in exponent.atoms(sp.Rational)):
            raise Unreadable("a number in an exponent is too large")
        return base**exponent

    def call(self, node: ast.Call, depth: int) -> Any:
        """Read a call."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = self.function(name, len(node.args) + len(node.keywords))
        if node.keywords:
            raise Unreadable(self.parts)
        return self.applied(function, *(self.read(each, depth + 1) for each in node.args))

    def function(self, name: str, arguments: int) -> Callable[..., Any]:
        """Return what a name calls, which it has to call with so many arguments."""
        if name not in self.functions:
            raise Unreadable(f"there is no function {name!r:.40}" if name else self.parts)
        found: Callable[..., Any] = self.functions[name]
        return found

    def applied(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return the value of a function; a number has to be real, and of a moderate size.

        So SymPy is never asked about the sign of a number that has more digits than there is memory
        for, as exp(exp(exp(9))) has.
        """
        try:
            found = function(*arguments)
            if isinstance(found, sp.Expr):
                _require_moderate(found)
        except Unreadable:
            raise
        except Exception:  # SymPy says in many ways that it does not take an argument
            raise Unreadable(UNREAL) from None
        return found


def is_low(exponent: Any) -> bool:
    """Whether something is a number that a power may have for its exponent."""
    return bool(exponent.is_Rational and max(abs(exponent.p), exponent.q) <= HIGHEST_POWER)


UNREAL = "a part of it is not finite and real"


def _require_moderate(found: sp.Expr) -> None:
    """Refuse numbers that are not real, or large or small beyond what formulas are about."""
    sizes = [max(abs(n.p), n.q) for n in found.atoms(sp.Rational)]
    if not (found.is_Atom or found.free_symbols or found.has(sp.Integral, sp.Sum)):
        value = found.evalf(15)
        if value.is_extended_real is False:
            raise Unreadable(UNREAL)
        if value.is_Float and value != 0:
            sizes += [abs(value), 1 / abs(value)]
    if any(size > LARGEST_FOUND for size in sizes):
        raise Unreadable("a number in it is too large or too small")
    powers = [power.exp for power in found.atoms(sp.Pow)]
    powers += [product.as_coeff_Mul()[0] for product in found.atoms(sp.Mul) if product.has(sp.log)]
    if any(power.is_Rational and abs(power) > HIGHEST_FOUND for power in powers):
        raise Unreadable("powers of powers, or of a logarithm, are too high")
