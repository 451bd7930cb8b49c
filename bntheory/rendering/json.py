"""A derivation as JSON.

Expressions are strings that ``sympify(text, locals=bntheory.notation.SYMBOLS)`` reads back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from keyword import iskeyword
from typing import Any

import sympy as sp
from sympy.printing.str import StrPrinter

from bntheory.derivation import Derivation, Step
from bntheory.notation import SYMBOLS


class _Printer(StrPrinter):
    """Prints so that SymPy, which multiplies ``2*(x + y)`` out on reading, reads back the same."""

    def _print_Mul(self, expr: sp.Mul) -> str:
        number, rest = expr.as_coeff_Mul()
        factors = sp.Mul.make_args(rest)
        sums = [factor for factor in factors if factor.is_Add]
        others = [factor for factor in factors if not factor.is_Add]
        brackets = [f"({self._print(total)})" for total in sums]
        if not number.is_Rational or (number.is_Integer and (number == 1 or not sums)):
            return str(super()._print_Mul(expr))
        if not others and len(sums) == 1:
            return f"Mul({number}, {self._print(sums[0])}, evaluate=False)"
        if others:
            brackets.insert(0, self._print(sp.Mul(number.p, *others)))
        elif number.p != 1:
            brackets.append(f"({number.p})")
        return "*".join(brackets) + (f"/{number.q}" if number.q != 1 else "")

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        name = str(expr.name)
        free = name.isidentifier() and not iskeyword(name) and not hasattr(sp, name)
        if SYMBOLS.get(name, sp.Symbol(name) if free else None) == expr:
            return name
        given = "".join(f", {kind}={value}" for kind, value in expr._assumptions_orig.items())
        return f"Symbol({name!r}{given})"

    def _print_gamma(self, expr: sp.Expr) -> str:
        return f"Gamma({self._print(expr.args[0])})"  # gamma is the scale of batch normalization

    def _print_Relational(self, expr: Any) -> str:
        if expr.func(*expr.args) == expr:
            return str(super()._print_Relational(expr))
        left, right = map(self._print, expr.args)
        return f"{type(expr).__name__}({left}, {right}, evaluate=False)"


def text(expr: Any) -> str:
    """Return an expression as a string that ``sympify`` reads back."""
    return str(_Printer().doprint(expr))


def data(derivation: Derivation) -> dict[str, Any]:
    """Return a derivation as dictionaries, lists, strings and numbers.

    Where a statement prints several relations, ``printed.expression`` and ``printed.difference``
    are tuples of them.
    """
    comparisons = derivation.comparisons
    counterexamples = (c.counterexample for c in comparisons if c.counterexample is not None)
    return {
        "id": derivation.id,
        "title": derivation.title,
        "where": derivation.where,
        "activation": derivation.activation,
        "assumptions": list(derivation.assumptions),
        "steps": [_step(step) for step in derivation.steps],
        "results": {name: text(expr) for name, expr in derivation.results.items()},
        "printed": {
            "expression": _one_or_all([c.printed for c in comparisons]),
            "agrees": derivation.agrees,
            "difference": _one_or_all([c.difference for c in comparisons]),
            "counterexample": next(counterexamples, None),
        },
        "remarks": list(derivation.remarks),
        "cites": [cited.id for cited in derivation.cited],
        "passed": derivation.passed,
        "seconds": round(derivation.seconds, 3),
    }


def _step(step: Step) -> dict[str, Any]:
    check = step.check
    return {
        "id": step.id,
        "title": step.title,
        "rule": step.rule,
        "name": None if step.name is None else text(step.name),
        "before": text(step.before),
        "after": text(step.after),
        "approximation": step.approximation,
        "check": {
            "method": check.method,
            "how": check.how,
            "points": check.points,
            "digits": check.digits,
            "passed": check.passed,
        },
    }


def _one_or_all(expressions: Sequence[Any]) -> str | None:
    if not expressions:
        return None
    if len(expressions) == 1:
        return text(expressions[0])
    return f"({', '.join(map(text, expressions))})"


def write(*derivations: Derivation) -> str:
    """Write one derivation as an object, several as a list."""
    found = [data(derivation) for derivation in derivations]
    return json.dumps(found if len(found) > 1 else found[0], indent=2) + "\n"
