"""The second route of each rule."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import mpmath as mp
import sympy as sp

from bntheory.checking.check import PRECISION, Check, agreement, sampled
from bntheory.checking.evaluation import evaluate
from bntheory.checking.points import DIMENSION, POINTS, SEED, Point, number, sample, strangers


def entries(expr: Any) -> tuple[sp.Expr, ...]:
    """Return the scalar (or vector) entries of an expression, a tuple or a matrix."""
    return tuple(expr) if isinstance(expr, (sp.MatrixBase, sp.Tuple, tuple)) else (expr,)


def _flat(a: Any, b: Any) -> list[tuple[Any, Any]]:
    """Pair two numbers, or two vectors component by component."""
    if isinstance(a, mp.matrix) or isinstance(b, mp.matrix):
        return list(zip(a, b, strict=True))
    return [(a, b)]


def identity(before: Any, after: Any, how: str = "difference of both sides") -> Check:
    """Check that two expressions are the same function: symbolically, or at random points."""
    left, right = entries(before), entries(after)
    if len(left) != len(right):
        return Check("exact", how, passed=False)
    if all(sp.expand(a - b) == 0 for a, b in zip(left, right, strict=True)):
        return Check("exact", how, passed=True)
    pairs = []
    with mp.workdps(PRECISION):
        points = sample(set().union(*(e.free_symbols for e in (*left, *right))))
        for a, b in zip(left, right, strict=True):
            f, h = evaluate(a), evaluate(b)
            for point in points:
                pairs += _flat(f(point), h(point))
        return sampled("both sides at random points", pairs, PRECISION - 10, len(points))


def substitution(before: Any, values: Mapping[Any, Any], after: Any) -> Check:
    """Check a substitution by evaluating ``before`` where its parts have the given values."""
    names = {part: sp.Dummy(f"part{n}") for n, part in enumerate(values)}
    named = [entry.xreplace(names) for entry in entries(before)]
    symbols = set().union(
        *(sp.sympify(e).free_symbols for e in (*named, *entries(after), *values.values()))
    ) - set(names.values())
    given = {name: evaluate(sp.sympify(values[part])) for part, name in names.items()}
    pairs = []
    with mp.workdps(PRECISION):
        points = sample(symbols)
        for point in points:
            full = {**point, **{name: value(point) for name, value in given.items()}}
            for left, right in zip(named, entries(after), strict=True):
                pairs += _flat(evaluate(left)(full), evaluate(right)(point))
        return sampled("values put in as numbers", pairs, PRECISION - 10, len(points))


def derivative(before: Any, symbol: sp.Symbol, after: Any) -> Check:
    """Check a derivative against numerical differentiation of what was differentiated."""
    pairs = []
    with mp.workdps(PRECISION):
        left, right = entries(before), entries(after)
        points = sample(set().union({symbol}, *(e.free_symbols for e in (*left, *right))))
        for f, slope in zip(map(evaluate, left), map(evaluate, right), strict=True):
            for point in points:

                def along(z: Any, f: Any = f, point: Any = point) -> Any:
                    return f({**point, symbol: z})

                pairs.append((mp.diff(along, number(point[symbol])), slope(point)))
        return sampled("numerical differentiation", pairs, PRECISION // 2 - 5, len(points))


def gradient(before: sp.Expr, vector: sp.Symbol, after: sp.Expr) -> Check:
    """Check a gradient by differentiating numerically along each axis of explicit vectors."""
    pairs = []
    with mp.workdps(PRECISION):
        points = sample(before.free_symbols | after.free_symbols | {vector}, points=2)
        f = evaluate(before)
        for point in points:
            start, slope = number(point[vector]), evaluate(after)(point)
            for axis in range(DIMENSION):

                def along(z: Any, point: Any = point, start: Any = start, axis: int = axis) -> Any:
                    moved = start.copy()
                    moved[axis] += z
                    return f({**point, vector: moved})

                component = slope[axis] if isinstance(slope, mp.matrix) else slope  # a plain 0
                pairs.append((mp.diff(along, 0), component))
        return sampled(
            "numerical differentiation along the axes of explicit vectors",
            pairs,
            PRECISION // 2 - 5,
            len(points),
        )


def jacobian(before: Any, by: tuple[sp.Symbol, ...], after: sp.Matrix) -> Check:
    """Check a Jacobian column by column against numerical differentiation."""
    columns = [derivative(before, symbol, after[:, k]) for k, symbol in enumerate(by)]
    return min(columns, key=lambda check: (check.passed, check.digits))


def limit(
    before: sp.Expr,
    symbol: sp.Symbol,
    to: sp.Expr,
    after: sp.Expr,
    how: str = "values ever nearer to the limit",
) -> Check:
    """Check a limit against values ever nearer to it, from below (from above at 0).

    The distance to ``to`` (or its inverse, at infinity) goes through 1e-16, 1e-24, 1e-32; the
    difference from the limit has to fall all the way, to 1e-12 at least.
    """
    if after.has(symbol):
        return Check("exact", f"a limit is free of {symbol}", passed=False)
    distances = [Fraction(1, 10**k) for k in (16, 24, 32)]
    near = [1 / d if to is sp.oo else (d if to == 0 else int(to) - d) for d in distances]
    f, expected, passed, digits = evaluate(before), evaluate(after), True, 3 * PRECISION
    with mp.workdps(3 * PRECISION):
        points = sample((before.free_symbols | after.free_symbols) - {symbol}, points=3)
        for point in points:
            value = expected(point)
            scale = max(abs(value), mp.mpf(1))
            rounding = mp.mpf(10) ** (-2 * PRECISION)
            errors = [abs(f({**point, symbol: z}) - value) / scale + rounding for z in near]
            falling = pairwise(errors)
            passed &= all(b <= max(a / 10, 2 * rounding) for a, b in falling)
            passed &= bool(errors[-1] < mp.mpf("1e-12"))
            digits = min(digits, max(0, int(-mp.log10(errors[-1]))))
    return Check("sampled", how, bool(passed), len(points), digits)


def residual(equation: sp.Expr, symbol: sp.Symbol, solution: sp.Expr) -> Check:
    """Check a solution by putting it back into the equation."""
    left = sp.together(equation.subs(symbol, solution))
    if left.has(sp.nan, sp.zoo):
        return Check("exact", "residual of the solution", passed=False)
    return identity(sp.numer(left), sp.S.Zero, "residual of the solution")


def order(before: sp.Expr, after: sp.Expr, small: sp.Symbol, power: int) -> Check:
    """Check that what was dropped is made of powers of ``small`` from ``power`` on."""
    dropped = sp.expand(before - after)
    terms = sp.Poly(dropped, small).terms() if dropped.is_polynomial(small) else [((-1,), 1)]
    passed = all(k >= power for (k,), c in terms if c != 0)
    return Check("exact", f"order of what was dropped in {small}", passed)


def sign(relation: Any) -> Check:
    """Check ``expr > 0`` or its like: by SymPy's assumptions if they decide, else at points."""
    decided = relation.func(sp.factor(relation.lhs), 0)
    if decided in (sp.true, sp.false):
        return Check("exact", "assumptions on the symbols", bool(decided))
    f, points = evaluate(relation.lhs), sample(relation.free_symbols, points=40)
    holds = {
        sp.Gt: lambda z: z > 0,
        sp.Lt: lambda z: z < 0,
        sp.Ge: lambda z: z >= 0,
        sp.Le: lambda z: z <= 0,
    }[relation.func]
    return Check("sampled", "sign at random points", all(holds(f(p)) for p in points), len(points))


def eigenvalues(matrix: sp.Matrix, values: Iterable[sp.Expr]) -> Check:
    """Check eigenvalues against the QR algorithm at random points.

    Where they are the entries of the diagonal, their order is that of the diagonal.
    """
    wanted, pairs = [evaluate(value) for value in values], []
    with mp.workdps(PRECISION):
        points = sample(matrix.free_symbols.union(*(value.free_symbols for value in values)))
        for point in points:
            numbers = mp.matrix(
                [[evaluate(entry)(point) for entry in row] for row in matrix.tolist()]
            )
            found = sorted(mp.eig(numbers, left=False, right=False), key=mp.re)
            expected = [value(point) for value in wanted]
            pairs += list(zip(found, sorted(expected, key=mp.re), strict=True))
            diagonal = [numbers[k, k] for k in range(numbers.rows)]
            if all(
                agreement(*z) > PRECISION // 2 for z in zip(found, sorted(diagonal), strict=True)
            ):
                pairs += list(zip(diagonal, expected, strict=True))
        return sampled("QR algorithm on the matrix", pairs, PRECISION // 2, len(points))


def expectation_of(before: sp.Expr, moments: Mapping[Any, Any], after: sp.Expr) -> Check:
    """Check an average by taking it over a random law with four atoms."""
    variables = sorted(set().union(*(m.as_powers_dict() for m in moments)), key=str)
    atoms_of = {z: sp.Dummy(f"z{n}") for n, z in enumerate(variables)}
    label_of = {value: sp.Dummy(f"m{n}") for n, value in enumerate(moments.values())}
    random_part, averaged = before.xreplace(atoms_of), after.xreplace(label_of)
    symbols = (random_part.free_symbols | averaged.free_symbols) - {
        *atoms_of.values(),
        *label_of.values(),
    }
    rng, pairs = random.Random(SEED), []
    with mp.workdps(PRECISION):
        points = sample(symbols, POINTS)
        for point in points:
            law = [
                {name: Fraction(rng.randint(-9, 9), 4) for name in atoms_of.values()}
                for _ in range(4)
            ]
            mean = sum(evaluate(random_part)({**point, **atom}) for atom in law) / 4
            taken = {
                label: sum(evaluate(m.xreplace(atoms_of))(atom) for atom in law) / 4
                for m, label in zip(moments, label_of.values(), strict=True)
            }
            pairs.append((mean, evaluate(averaged)({**point, **taken})))
        return sampled(
            "average over a random law with four atoms", pairs, PRECISION - 12, len(points)
        )


def expansion(before: sp.Expr, after: sp.Expr, small: sp.Symbol, order: int) -> Check:
    """Check a Taylor polynomial: what it leaves over has to vanish faster than its last power.

    The small quantity goes through 1e-6, 1e-8, 1e-10; what is left over, relative to the last
    power, has to fall all the way.
    """
    f, h, passed, digits = evaluate(before), evaluate(after), True, 2 * PRECISION
    with mp.workdps(3 * PRECISION):
        points = sample((before.free_symbols | after.free_symbols) - {small}, points=3)
        for point in points:
            errors = []
            for exponent in (6, 8, 10):
                at = {**point, small: mp.mpf(10) ** -exponent}
                errors.append(abs(f(at) - h(at)) / at[small] ** order)
            rounding = mp.mpf(10) ** (-2 * PRECISION + 10 * order)
            falling = pairwise(errors)
            passed &= all(b <= max(a / 10, rounding) for a, b in falling)
            digits = min(digits, max(0, int(-mp.log10(errors[-1] + rounding))))
    return Check("sampled", "what is left over, ever nearer to 0", passed, len(points), digits)


def integral(
    integrand: sp.Expr, by: sp.Symbol, high: sp.Expr, after: sp.Expr, least: Mapping
) -> Check:
    """Check an integral from 0 by adaptive quadrature.

    ``least`` is added to symbols, so that the integral exists.
    """
    symbols = frozenset((integrand.free_symbols | high.free_symbols | after.free_symbols) - {by})
    value = evaluate(after)
    with mp.workdps(PRECISION // 2):
        areas = _areas(integrand, by, high, symbols, tuple(least.items()))
        pairs = [(area, value(point)) for point, area in areas]
        return sampled("adaptive quadrature", pairs, PRECISION // 2 - 6, len(pairs))


@lru_cache(maxsize=64)
def _areas(
    integrand: sp.Expr,
    by: sp.Symbol,
    high: sp.Expr,
    symbols: frozenset[sp.Symbol],
    least: tuple[tuple[sp.Symbol, Any], ...],
) -> list[tuple[Point, Any]]:
    """Return the integral at points of the symbols; they stay for the next claim about it."""
    found: list[tuple[Point, Any]] = []
    f = evaluate(integrand.doit())
    for drawn in sample(symbols, points=3):
        point = {symbol: abs(place) + dict(least).get(symbol, 0) for symbol, place in drawn.items()}
        line = [0, *(mp.mpf(4) ** k for k in range(-8, 5)), mp.inf]
        if high is not sp.oo:
            line = [0, evaluate(high)(point)]
        area = mp.quad(lambda x, point=point: f({**point, by: x}), line)
        found.append((point, area))
    return found


def asymptotics(
    exact: Callable[[int], float], after: sp.Expr, small: sp.Symbol, order: int, point: Point
) -> Check:
    """Check a series in 1/sqrt(M) against exact values at M = 256, 1024 and 4096.

    What is left over has to fall faster than the last power; ``point`` has the other symbols.
    """
    f, errors, sizes = evaluate(after), [], (256, 1024, 4096)
    for size in sizes:
        at = {**strangers(after, {*point, small}), **point, small: 1 / mp.sqrt(size)}
        errors.append(abs(exact(size) - f(at)))
    enough = mp.mpf(2) ** -(order + 0.5)
    passed = all(bool(b < a * enough) for a, b in pairwise(errors))
    digits = max(0, int(-mp.log10(errors[-1] + mp.mpf(10) ** -PRECISION)))
    return Check("sampled", "exact values at M = 256, 1024, 4096", passed, len(sizes), digits)
