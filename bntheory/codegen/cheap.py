"""The same expression in the form that costs least in floating point.

Numbers are multiplied and added here and not at run time, powers become squares of squares, a
division by a power becomes a product with one reciprocal, which several terms may share, and a
product of square roots becomes the root of a product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp


class _OfPositive(sp.Function):
    """A function that is positive where its argument is."""

    nargs = 1

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_positive else None


class Square(_OfPositive):
    """x*x, which is cheaper than x**2."""


class Inverse(_OfPositive):
    """1/x, to be shared by all that divide by x."""


class Kept(_OfPositive):
    """An expression that is to be computed once, and in one piece."""


class Root(_OfPositive):
    """The square root, which SymPy would split: the inverse sine needs sqrt(x/2) <= 1."""


def cheap(expr: Any) -> Any:
    """Return an expression with its numbers as floats and its powers as products.

    A float is a symbol of that name, so that SymPy leaves it where it is.
    """
    if isinstance(expr, sp.Symbol) or not isinstance(expr, sp.Basic):
        return expr
    if isinstance(expr, sp.Expr) and not expr.free_symbols:
        return _number(expr)
    if isinstance(expr, sp.Mul):
        return _product(expr)
    if isinstance(expr, sp.Add):
        constant = sp.Add(*(part for part in expr.args if not part.free_symbols))
        rest = [cheap(part) for part in expr.args if part.free_symbols]
        return sp.Add(*rest) if constant == 0 else sp.Add(_number(constant), *rest)
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational and expr.exp.q <= 2:
        base = cheap(expr.base)
        base = base if expr.exp.q == 1 else Root(base)
        return _power(base if expr.exp > 0 else Inverse(base), abs(int(expr.exp.p)))
    return expr.func(*map(cheap, expr.args)) if expr.args else expr


def _product(expr: sp.Mul) -> sp.Expr:
    """Multiply the numbers, and the arguments of square roots."""
    constant = sp.Mul(*(part for part in expr.args if not part.free_symbols))
    rest = [part for part in expr.args if part.free_symbols]
    under = [part.base for part in rest if part.is_Pow and part.exp == sp.S.Half]
    factors = [cheap(part) for part in rest if not (part.is_Pow and part.exp == sp.S.Half)]
    if under and (constant**2).is_Rational and not constant.is_Rational:
        under.append(constant**2)
        constant = sp.sign(constant)
    if under:
        factors.append(Root(sp.Mul(*map(cheap, under))))
    return sp.Mul(constant if abs(constant) == 1 else _number(constant), *factors)


def _number(constant: sp.Expr) -> sp.Expr:
    if constant.is_negative:
        return -sp.Symbol(repr(float(-constant)))
    return sp.Symbol(repr(float(constant)))


def _power(base: sp.Expr, times: int) -> sp.Expr:
    if times == 1:
        return base
    half = _power(base, times // 2)
    return Square(half) * base if times % 2 else Square(half)


def shared(exprs: list[sp.Expr]) -> tuple[list[tuple[sp.Symbol, sp.Expr]], list[sp.Expr]]:
    """Name what occurs more than once, and what is squared; what is inverted once is divided by."""
    squared: Iterable[sp.Expr] = {part.args[0] for e in exprs for part in e.atoms(Square)}
    squared = sorted((e for e in squared if not e.is_Symbol), key=sp.default_sort_key)
    found, reduced = sp.cse(
        [*exprs, *squared], symbols=sp.numbered_symbols(cls=sp.Dummy), order="canonical"
    )
    signs = {name: value for name, value in found if _is_negative_name(value)}
    found = [(name, value) for name, value in found if name not in signs]
    names = {name: sp.Symbol(f"x{k}") for k, (name, _) in enumerate(found)}

    def final(expr: sp.Expr) -> sp.Expr:
        named = expr.xreplace(signs).xreplace(names)
        return named.replace(Kept, lambda x: x).replace(Inverse, lambda x: 1 / x)

    return [(names[x], final(e)) for x, e in found], [final(e) for e in reduced[: len(exprs)]]


def _is_negative_name(value: sp.Basic) -> bool:
    """Whether an expression is the negative of a symbol, which costs nothing in place."""
    return isinstance(value, sp.Expr) and (-value).is_Symbol


def guarded(
    named: list[tuple[sp.Symbol, sp.Expr]], reduced: list[sp.Expr]
) -> tuple[list[tuple[sp.Symbol, sp.Expr]], list[sp.Expr]]:
    """Put back into the branches what is needed in branches alone, if its divisor may be 0.

    Where one branch is computed and no other, the reciprocals of the others must not be: outside
    their branch they may be those of 0.
    """
    whole: dict[sp.Basic, sp.Expr] = {}
    risky: set[sp.Basic] = set()
    for name, value in named:
        whole[name] = value.xreplace(whole)
        divides = any(_may_vanish(power, whole) for power in value.atoms(sp.Pow))
        if divides or value.free_symbols & risky:
            risky.add(name)
    kept: list[tuple[sp.Symbol, sp.Expr]] = []
    rest = list(reduced)
    for name, value in reversed(named):
        if name in risky and not any(_outside(e, name) for e in (*rest, *(v for _, v in kept))):
            rest = [e.xreplace({name: value}) for e in rest]
            kept = [(other, e.xreplace({name: value})) for other, e in kept]
        else:
            kept.append((name, value))
    new = {name: sp.Symbol(f"x{k}") for k, (name, _) in enumerate(kept[::-1])}
    renamed = [(new[name], value.xreplace(new)) for name, value in kept[::-1]]
    return renamed, [e.xreplace(new) for e in rest]


def _may_vanish(power: sp.Pow, names: Mapping[sp.Basic, sp.Expr]) -> bool:
    """Whether a power divides by what is not known to be positive, as numbers are."""
    if not power.exp.is_negative:
        return False
    base = power.base.xreplace(names)
    numbers = [x for x in base.free_symbols if x.name[0].isdecimal()]
    return not base.xreplace({x: sp.Symbol(x.name, positive=True) for x in numbers}).is_positive


def _outside(expr: sp.Basic, name: sp.Basic) -> bool:
    """Whether a name occurs outside the branches of an expression."""
    if isinstance(expr, sp.Piecewise):
        return any(condition.has(name) for _, condition in expr.args)
    return expr == name or any(_outside(part, name) for part in expr.args)
