"""Square roots of polynomials: a normal form, and values where they meet their branch points.

As R -> 1 the derivatives of Gaussian moments carry 1/sqrt(1 - R^2) in several terms whose sum is
finite.  In the normal form every root is a symbol whose square is known, so that such sums cancel
by polynomial algebra, and the value at R = 1 can be read off.
"""

from __future__ import annotations

from itertools import product

import sympy as sp

FEW = 4  # roots up to which the normal form is worth its polynomial algebra


def _is_root(expr: sp.Expr) -> bool:
    return bool(expr.is_Pow and expr.exp.is_Rational and expr.exp.q == 2 and expr.free_symbols)


def normal(expr: sp.Expr) -> sp.Expr:
    """Return an algebraic expression as one fraction of polynomials in its square roots.

    Roots are split into roots of irreducible factors, squares of roots are written out, and a
    product of roots in the denominator is moved to the numerator.  Inverse sines are carried along
    as symbols.
    """
    roots: dict[sp.Expr, sp.Symbol] = {}

    def root_of(square: sp.Expr) -> sp.Symbol:
        return roots.setdefault(square, sp.Dummy("root", positive=True))

    def split(base: sp.Expr, power: sp.Rational) -> sp.Expr:
        total, rest = sp.S.One, sp.S.One  # rest: under the root, of a sign SymPy does not know
        for part, side in zip(sp.fraction(sp.together(base)), (1, -1), strict=True):
            content, factors = sp.factor_list(part)
            total *= abs(content) ** (side * power)
            rest *= sp.sign(content)
            for factor, multiplicity in factors:
                whole, half = divmod(int(2 * power) * side * multiplicity, 2)
                total *= _positive(factor) ** whole
                if half and factor.is_positive:
                    total *= root_of(factor)
                elif half:
                    rest *= factor
        rest = sp.expand(rest)
        return total if rest == 1 else total * root_of(rest)

    angles: dict[sp.Symbol, sp.Expr] = {}

    def angle(argument: sp.Expr) -> sp.Expr:
        name = sp.Dummy("angle")
        angles[name] = sp.asin(normal(argument))
        return name

    named = expr.replace(sp.asin, angle).replace(_is_root, lambda e: split(e.base, e.exp))
    top, bottom = sp.fraction(sp.together(named))
    for factor, root in roots.items():
        degree = min(sp.Poly(bottom, root).monoms())[0]
        if degree % 2:
            top, bottom = top * root, bottom * root
        top, bottom = (_reduce(part, root, factor) for part in (top, bottom))
    back = {root: sp.sqrt(factor) for factor, root in roots.items()}
    return sp.factor(sp.cancel(top / bottom)).subs(back).subs(angles)


def _positive(factor: sp.Expr) -> sp.Expr:
    """Return the absolute value of a factor: itself or its negative where it keeps its sign."""
    half, two = sp.Rational(1, 2), sp.Integer(2)
    ends = [(half, two if z.is_nonnegative else -half) for z in factor.free_symbols]
    values = [factor.subs(dict(zip(factor.free_symbols, p, strict=True))) for p in product(*ends)]
    if min(values) > 0:
        return factor
    return -factor if max(values) < 0 else sp.Abs(factor)


def _reduce(expr: sp.Expr, root: sp.Symbol, square: sp.Expr) -> sp.Expr:
    """Write root**2 as ``square``."""
    terms = sp.Poly(expr, root).terms()
    return sp.expand(sp.Add(*(c * square ** (k // 2) * root ** (k % 2) for (k,), c in terms)))


def at(expr: sp.Expr, symbol: sp.Symbol, to: sp.Expr) -> sp.Expr:
    """Return the limit of ``expr`` as ``symbol`` -> ``to``, from below where ``to`` is finite."""
    to = sp.sympify(to)
    if to is sp.oo:  # a fraction in the symbol: read off in its inverse
        small = sp.Dummy("h", positive=True)
        value = sp.expand(expr.subs(symbol, 1 / small)).subs(small, 0)
        if not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            return value
    elif to.is_finite:
        for form in (lambda e: e, normal):
            value = form(expr).subs(symbol, to)
            if not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
                return value
    return sp.limit(expr, symbol, to, "-")


def tidy(expr: sp.Expr) -> sp.Expr:
    """Return the shortest of a few equivalent forms of an algebraic expression.

    Functions that are left open count as symbols; with other functions it stays as it is.
    """
    names = {f: sp.Dummy() for f in expr.atoms(sp.Function) if not isinstance(f, sp.asin)}
    named = expr.xreplace(names)
    if named.has(sp.asin, sp.Derivative):
        return expr
    forms = [named]
    if named.is_rational_function(*named.free_symbols):
        forms.append(sp.factor(named))
    elif not names and 0 < len({p.base for p in named.atoms(sp.Pow) if _is_root(p)}) <= FEW:
        forms.append(normal(named))
    back = {name: f for f, name in names.items()}
    return min(forms, key=sp.count_ops).xreplace(back)
