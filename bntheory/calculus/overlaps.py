"""Inner-product algebra: from a step of SGD to the rates of the order parameters.

Vectors are symbols, and every scalar depends on them through inner products alone.  So a gradient
is the chain rule over those products, a step of an overlap is bilinear algebra, and as N grows the
average of a step per unit of time t = j/N becomes a rate [saad1995].
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from bntheory.notation import dot, norm


def components(vector: sp.Expr, vectors: tuple[sp.Symbol, ...]) -> dict[sp.Symbol, sp.Expr]:
    """Return the coefficients of a linear combination of ``vectors``."""
    expanded = sp.expand(vector)
    parts = {basis: expanded.coeff(basis) for basis in vectors}
    bare = set().union(*(_outside_products(c) for c in parts.values())) & set(vectors)
    if bare or sp.expand(expanded - sum(c * basis for basis, c in parts.items())) != 0:
        raise ValueError(f"{vector} is not a linear combination of {vectors}")
    return parts


def _outside_products(expr: sp.Expr) -> set[sp.Symbol]:
    """Return the symbols of ``expr`` that stand elsewhere than in inner products and lengths."""
    return expr.xreplace({p: sp.Dummy() for p in expr.atoms(dot, norm)}).free_symbols


def inner(a: sp.Expr, b: sp.Expr, vectors: tuple[sp.Symbol, ...]) -> sp.Expr:
    """Return a.b for linear combinations of ``vectors``, multiplied out."""
    left, right = components(a, vectors), components(b, vectors)
    return sp.Add(*(c * d * dot(y, z) for y, c in left.items() for z, d in right.items()))


def gradient(expr: sp.Expr, vector: sp.Symbol) -> sp.Expr:
    """Return the gradient of ``expr`` in ``vector``, a linear combination of vectors.

    ``expr`` depends on the vector through inner products: d(w.y)/dw = y and d(w.w)/dw = 2w.
    """
    products = sorted((p for p in expr.atoms(dot) if vector in p.args), key=sp.default_sort_key)
    names = {product: sp.Dummy(real=True) for product in products}
    named = expr.xreplace(names)
    if vector in named.free_symbols:
        raise ValueError(f"{expr} depends on {vector} other than through its inner products")
    total = sp.S.Zero
    for product, name in names.items():
        slope = named.diff(name).xreplace({name: product for product, name in names.items()})
        a, b = product.args
        total += slope * (2 * vector if a == b else (b if a == vector else a))
    return total


def average(expr: sp.Expr, moments: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """Return E[expr] for an expression that is linear in the random monomials of ``moments``.

    Parameters
    ----------
    expr : Expr
        A polynomial in the random variables, with coefficients that are not random.
    moments : mapping
        From each random monomial to its expectation.
    """
    variables = sorted(set().union(*(m.as_powers_dict() for m in moments)), key=str)
    powers = {sp.Poly(m, *variables).monoms()[0]: value for m, value in moments.items()}
    powers[(0,) * len(variables)] = sp.S.One
    terms = sp.Poly(expr, *variables).terms()
    return sp.Add(*(c * powers[monomial] for monomial, c in terms))


def chain_rule(expr: sp.Expr, rates: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Return d(expr)/dt when each symbol of ``rates`` moves at its rate."""
    return sp.Add(*(sp.diff(expr, symbol) * rate for symbol, rate in rates.items()))
