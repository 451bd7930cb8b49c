"""What is printed beside what was derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import sympy as sp

from bntheory import checking
from bntheory.notation import Gamma, average, layer_sum, uncertain

#: Averages, and the factors that stand for them.
LINEAR = {mean: sp.Dummy(mean.__name__, positive=True) for mean in (average, layer_sum)}


@dataclass(frozen=True)
class Comparison:
    """A printed relation beside what was derived.

    Attributes
    ----------
    printed : Relational
        As printed.
    derived : Relational
        The same with the derived expressions put in for what the relation speaks of.
    difference : Expr
        Left-hand side minus right-hand side of ``derived``, simplified: zero where an equality
        agrees.
    agrees : bool or None
        None where the printed statement does not speak of this activation, or where the source is
        damaged and our reading of it is not what is derived.
    counterexample : dict or None
        A point of the domain where the printed relation is false, with both sides.
    exact : bool
        False where that it agrees was seen at random points only.
    open_reading : bool
        Whether the source is damaged here, and our reading of it is not what is derived: never
        held against the authors.
    """

    printed: Any
    derived: Any
    difference: Any
    agrees: bool | None
    counterexample: dict[str, str] | None = None
    exact: bool = True
    open_reading: bool = False


def compare(relation: Any, values: Mapping[Any, Any], applies: bool = True) -> Comparison:
    """Hold a printed relation against the derived values of what it speaks of.

    Averages are linear: two of them agree where what is averaged does, sample by sample.
    """
    given = {symbol: sp.sympify(value) for symbol, value in values.items()}
    sides = tuple(
        side.xreplace(given).replace(uncertain, lambda reading: reading) for side in relation.args
    )
    derived = relation.func(*sides, evaluate=False)
    difference = _simplest(_per_sample(derived.lhs - derived.rhs))
    if difference.free_symbols & set(LINEAR.values()):
        difference = _simplest(derived.lhs - derived.rhs)
    if relation.has(uncertain) and difference != 0:
        return Comparison(relation, derived, difference, None, open_reading=True)
    if not applies:
        return Comparison(relation, derived, difference, None)
    equality = isinstance(relation, sp.Eq)
    if difference == 0:
        holds = not isinstance(relation, (sp.StrictLessThan, sp.StrictGreaterThan))
        return Comparison(relation, derived, difference, holds)
    if not equality and relation.func(sp.factor(difference), 0) == sp.true:
        return Comparison(relation, derived, difference, True)
    sides = _without_integrals(*map(_per_sample, (derived.lhs, derived.rhs)))
    left, right = (checking.evaluate(side) for side in sides)
    with mp.workdps(checking.PRECISION):
        for point in checking.sample(set().union(*(s.free_symbols for s in sides)), points=20):
            a, b = left(point), right(point)
            rounding = mp.norm(a - b) <= mp.norm(a) * mp.mpf(10) ** (-checking.PRECISION // 2)
            if not (rounding if equality else relation.func(sp.Float(a - b), 0) or rounding):
                shown = _counterexample(point, a, b)
                return Comparison(relation, derived, difference, False, shown)
    return Comparison(relation, derived, difference, True, exact=False)


def _per_sample(expr: sp.Expr) -> sp.Expr:
    """Write averages as a factor times what is averaged, all of one sample.

    Two expressions agree then if they are linear in averages of the same things.  Gamma functions
    become SymPy's.
    """
    for mean, factor in LINEAR.items():
        expr = expr.replace(mean, lambda term, factor=factor: factor * term)
    return expr.replace(Gamma, lambda x: sp.gamma(sp.expand(x)))


def _without_integrals(*sides: Any) -> tuple[Any, ...]:
    """Let a number of its own play each integral, the same one where an integral is the same.

    Integrals of functions that are left open have no value.
    """
    integrals = set().union(*(side.atoms(sp.Integral) for side in sides))
    outer = [each for each in integrals if not any(each in other.args[0].atoms(sp.Integral)
                                                   for other in integrals)]  # fmt: skip
    numbers = {each: sp.Dummy("integral", positive=True) for each in outer}
    return tuple(side.xreplace(numbers) for side in sides)


def _counterexample(point: checking.Point, left: Any, right: Any) -> dict[str, str]:
    shown = {
        symbol.name: str(value)
        for symbol, value in point.items()
        if symbol not in LINEAR.values()
    }
    return {**shown, "left": mp.nstr(left, 10), "right": mp.nstr(right, 10)}


def _simplest(expr: sp.Expr) -> sp.Expr:
    """Return the shorter of two normal forms; zero where either finds it."""
    expanded = sp.expand(expr)
    if expanded.has(sp.gamma):
        expanded = sp.expand_func(expanded)
    if expanded == 0:
        return expanded
    return min(expanded, sp.factor(sp.together(expr)), key=sp.count_ops)
