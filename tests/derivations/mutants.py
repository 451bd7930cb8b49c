"""Wrong results to plant in a derivation, made from the right one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from bntheory import notation
from bntheory.notation import BY_NAME, SYMBOLS

OPEN = tuple(
    value
    for value in vars(notation).values()
    if isinstance(value, type) and issubclass(value, sp.Function)
)
VECTORS = {q.symbol for q in notation.QUANTITIES if q.domain is None}
SEVENTH = sp.Rational(1, 7)


def parts(after: Any) -> list[sp.Expr]:
    """Return the entries of an expression, a tuple or a matrix."""
    return list(after) if isinstance(after, (sp.Tuple, sp.MatrixBase)) else [after]


def like(after: Any, entries: list[sp.Expr]) -> Any:
    """Put entries into the shape of ``after``."""
    if isinstance(after, sp.MatrixBase):
        return sp.ImmutableMatrix(*after.shape, entries)
    return sp.Tuple(*entries) if isinstance(after, sp.Tuple) else entries[0]


def scalars(expr: Any) -> list[sp.Symbol]:
    """Return the symbols that stand for numbers."""
    return sorted((s for s in expr.free_symbols - VECTORS if s.name in BY_NAME), key=str)


def mutants(after: Any) -> Iterator[tuple[str, Any]]:
    """Yield wrong results by name; some may happen to be equal to ``after``."""
    entries = parts(after)
    vectors = sorted(after.free_symbols & VECTORS, key=str)
    is_vector = any(e.xreplace(closed(e)).free_symbols & VECTORS for e in entries)
    unit = vectors[0] if is_vector else sp.S.One

    def each(change: Callable[[sp.Expr], sp.Expr]) -> Any:
        return like(after, [change(e) for e in entries])

    def plus(k: int, change: sp.Expr) -> Any:
        return like(after, [*entries[:k], entries[k] + change, *entries[k + 1 :]])

    yield "sign flipped", each(lambda e: -e)
    yield "factor 2", each(lambda e: 2 * e)
    for k, entry in enumerate(entries):
        yield f"entry {k} plus 1/7", plus(k, SEVENTH * unit)
        if isinstance(entry, sp.Add):
            for term in entry.args[:8]:
                yield f"entry {k} without {term}", plus(k, -term)
    for power in sorted(after.atoms(sp.Pow), key=sp.default_sort_key):
        yield f"{power} one power higher", after.xreplace({power: power * power.base})
    slopes = {slope: sp.Dummy(f"slope{n}") for n, slope in enumerate(after.atoms(sp.Derivative))}
    back = {name: slope for slope, name in slopes.items()}
    for symbol in scalars(after.xreplace(slopes)):
        for title, other in ((f"{symbol} squared", symbol**2), (f"1 for {symbol}", sp.S.One)):
            yield title, after.xreplace(slopes).subs(symbol, other).xreplace(back)
    yield "times N", each(lambda e: e * SYMBOLS["N"])
    yield "over N", each(lambda e: e / SYMBOLS["N"])
    for a, b in zip(vectors, vectors[1:], strict=False):
        yield f"{a} for {b}", after.subs(b, a)
    for k in range(len(entries) - 1):
        swapped = [*entries[:k], entries[k + 1], entries[k], *entries[k + 2 :]]
        yield f"entries {k} and {k + 1} swapped", like(after, swapped)


def closed(*exprs: sp.Expr) -> dict[sp.Basic, sp.Symbol]:
    """Name what a derivation leaves open: inner products, g, I1, ..., and their derivatives."""
    atoms = set().union(*(e.atoms(sp.Derivative, *OPEN) for e in exprs))
    return {atom: sp.Dummy(f"open{n}") for n, atom in enumerate(sorted(atoms, key=str))}


def same(a: Any, b: Any) -> bool:
    """Whether two expressions are the same function, by SymPy's numbers at random points.

    What is open (g, I1, inner products) takes random values of its own.
    """
    rng = random.Random(7)
    for left, right in zip(parts(a), parts(b), strict=True):
        names = closed(left, right)
        gap = left.xreplace(names) - right.xreplace(names)
        for _ in range(3):
            point = {s: draw(s, rng) for s in sorted(gap.free_symbols, key=str)}
            if abs(sp.N(gap.xreplace(point), 30)) > 1e-20:
                return False
    return True


def draw(symbol: sp.Symbol, rng: random.Random) -> sp.Rational:
    """Draw a number from the domain of a symbol, away from 0 and 1."""
    quantity = BY_NAME.get(symbol.name)
    domain = quantity.domain if quantity is not None else None
    if domain is not None and domain.inf.is_finite and domain.sup.is_finite:
        low, high = domain.inf, domain.sup
        return low + (high - low) * sp.Rational(rng.randint(11, 47), 53)
    return sp.Rational(rng.randint(60, 190), 53)


def proper(after: Any, mutant: Any) -> bool:
    """Whether a mutant is a function at all, and another one than ``after``."""
    if any(e.has(sp.nan, sp.zoo, sp.oo, -sp.oo) for e in parts(mutant)):
        return False
    return not same(after, mutant)
