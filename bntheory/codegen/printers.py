"""Expressions as source: one small printer for each backend.

Each is SymPy's printer with its traps removed.  Constants are Python floats, so that they
broadcast and keep the dtype and device of the arguments; ``Piecewise`` becomes ``where``, or ``if``
for Python floats.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import MpmathPrinter, PythonCodePrinter


class _Floats:
    """What :mod:`bntheory.codegen.cheap` makes of powers."""

    def _print_Square(self: Any, expr: Any) -> str:
        base = self.parenthesize(expr.args[0], PRECEDENCE["Atom"], strict=True)
        return f"({base}*{base})"

    def _print_Root(self: Any, expr: Any) -> str:
        return f"sqrt({self._print(expr.args[0])})"

    def _print_GammaRatio(self: Any, expr: Any) -> str:
        x = self._print(expr.args[0])
        return f"exp(lgamma({x}) - lgamma({x} + 0.5))"

    def _print_Pow(self: Any, expr: sp.Pow, **_: Any) -> str:
        base, exponent = expr.args
        if exponent.is_negative:
            return f"1.0/{self.parenthesize(base**-exponent, PRECEDENCE['Pow'])}"
        return f"{self.parenthesize(base, PRECEDENCE['Pow'])}**{self._print(exponent)}"


class NumPySource(_Floats, NumPyPrinter):
    """NumPy, with names imported at the top of the module."""

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": False})

    def _print_asin(self, expr: sp.asin) -> str:
        return f"arcsin({self._print(expr.args[0])})"

    def _print_acos(self, expr: sp.acos) -> str:
        return f"arccos({self._print(expr.args[0])})"

    def _print_atan(self, expr: sp.atan) -> str:
        return f"arctan({self._print(expr.args[0])})"

    def _print_log(self, expr: sp.log) -> str:
        return f"log({self._print(expr.args[0])})"

    def _print_GammaRatio(self, expr: Any) -> str:
        return f"(1.0/poch({self._print(expr.args[0])}, 0.5))"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        *branches, (last, _) = expr.args
        text = self._print(last)
        for value, condition in reversed(branches):
            text = f"where({self._print(condition)}, {self._print(value)}, {text})"
        return str(text)

    def _print_Relational(self, expr: Any) -> str:
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"


class TorchSource(NumPySource):
    """torch: NumPy's names, but for the inverse sine and what is special."""

    def _print_GammaRatio(self, expr: Any) -> str:
        return str(_Floats._print_GammaRatio(self, expr))

    def _print_asin(self, expr: sp.asin) -> str:
        return f"asin({self._print(expr.args[0])})"

    def _print_acos(self, expr: sp.acos) -> str:
        return f"acos({self._print(expr.args[0])})"

    def _print_atan(self, expr: sp.atan) -> str:
        return f"atan({self._print(expr.args[0])})"


class MathSource(_Floats, PythonCodePrinter):
    """Python floats."""

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": False})

    def _print_asin(self, expr: sp.asin) -> str:
        return f"asin({self._print(expr.args[0])})"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        *branches, (last, _) = expr.args
        cases = [f"{self._print(value)} if {self._print(c)} else " for value, c in branches]
        return f"({''.join(cases)}{self._print(last)})"


class MpmathSource(MpmathPrinter):
    """mpmath at the working precision: constants stay exact until they are evaluated."""

    def _print_GammaRatio(self, expr: Any) -> str:
        return f"(1/rf({self._print(expr.args[0])}, mpf(1)/2))"

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": False})

    def _print_Root(self, expr: Any) -> str:
        return f"sqrt({self._print(expr.args[0])})"
