"""Expectations under batch statistics, in powers of 1/M.

The mean and the variance of a batch are sums over its samples.  Joint moments of sums of i.i.d.
terms follow from the cumulants of one term, which add up, and those from its moments.  So any
polynomial in such sums is averaged exactly, and a smooth function of them to any order in 1/M.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb
from typing import Any

import sympy as sp

from bntheory.notation import SYMBOLS

z, rho, skewness = (SYMBOLS[name] for name in ("z", "rho", "skewness"))

Exponents = tuple[int, ...]


@dataclass(frozen=True)
class Law:
    """The moments of standardized hidden values.

    Attributes
    ----------
    moments : mapping
        From each monomial in the hidden values to its expectation.
    """

    moments: Mapping[sp.Expr, sp.Expr]

    def mean(self, polynomial: sp.Expr) -> sp.Expr:
        """Return the expectation of a polynomial in the hidden values.

        Raises
        ------
        KeyError
            Where a moment is needed that the law does not have.
        """
        variables = sorted(set().union(*(m.free_symbols for m in self.moments)), key=str)
        terms = sp.Poly(polynomial, *variables).terms()
        powers = {sp.Poly(m, *variables).monoms()[0]: value for m, value in self.moments.items()}
        powers[(0,) * len(variables)] = sp.S.One
        return sp.expand(sp.Add(*(c * powers[monomial] for monomial, c in terms)))


#: Any distribution with four moments; the kurtosis is the excess one.
ANY = Law({z: sp.S.Zero, z**2: sp.S.One, z**3: skewness, z**4: rho + 3})

#: A Gaussian: E z^k = (k - 1) E z^(k - 2).
GAUSSIAN = Law({z**k: sp.factorial2(k - 1) * ((k + 1) % 2) for k in range(1, 9)})


def monomials(names: Sequence[sp.Symbol], degree: int) -> list[sp.Expr]:
    """Return all products of ``names`` up to a total degree, the lowest first."""
    exponents = product(range(degree + 1), repeat=len(names))
    kept = sorted((e for e in exponents if 0 < sum(e) <= degree), key=lambda e: (sum(e), e[::-1]))
    return [sp.Mul(*(n**k for n, k in zip(names, e, strict=True))) for e in kept]


def moments_of_sums(
    terms: Mapping[sp.Symbol, sp.Expr], law: Law, count: sp.Expr, wanted: Sequence[sp.Expr]
) -> dict[sp.Expr, sp.Expr]:
    """Return joint moments of sums of i.i.d. terms.

    Parameters
    ----------
    terms : mapping
        From the name of each sum to one term of it, a polynomial in the hidden values of a sample.
    law : Law
        The distribution of one sample.
    count : Expr
        How many samples are summed.
    wanted : sequence of Expr
        Monomials in the names.

    Returns
    -------
    dict
        From each wanted monomial to its expectation, a polynomial in ``count``.
    """
    names = list(terms)

    @cache
    def single(e: Exponents) -> sp.Expr:
        return law.mean(sp.expand(sp.Mul(*(terms[n] ** k for n, k in zip(names, e, strict=True)))))

    @cache
    def cumulant(e: Exponents) -> sp.Expr:
        lead, rest = _split(e)
        return sp.expand(
            single(e)
            - sum(
                weight * cumulant(_plus(lead, f)) * single(_minus(rest, f))
                for f, weight in _below(rest)
                if f != rest
            )
        )

    @cache
    def moment(e: Exponents) -> sp.Expr:
        if not any(e):
            return sp.S.One
        lead, rest = _split(e)
        return sp.expand(
            sum(
                weight * count * cumulant(_plus(lead, f)) * moment(_minus(rest, f))
                for f, weight in _below(rest)
            )
        )

    return {monomial: moment(sp.Poly(monomial, *names).monoms()[0]) for monomial in wanted}


def _split(e: Exponents) -> tuple[Exponents, Exponents]:
    """Take one factor off a monomial."""
    k = next(i for i, power in enumerate(e) if power)
    lead = tuple(int(i == k) for i in range(len(e)))
    return lead, _minus(e, lead)


def _below(e: Exponents) -> list[tuple[Exponents, int]]:
    """Return the divisors of a monomial, with the products of binomial coefficients."""
    found = []
    for f in product(*(range(power + 1) for power in e)):
        weight = 1
        for power, k in zip(e, f, strict=True):
            weight *= comb(power, k)
        found.append((f, weight))
    return found


def _plus(e: Exponents, f: Exponents) -> Exponents:
    return tuple(a + b for a, b in zip(e, f, strict=True))


def _minus(e: Exponents, f: Exponents) -> Exponents:
    return tuple(a - b for a, b in zip(e, f, strict=True))


def expansion(expr: sp.Expr, small: sp.Symbol, order: int) -> sp.Expr:
    """Return the Taylor polynomial of ``expr`` at ``small`` = 0, up to ``small**order``.

    Powers of sums are expanded by the binomial series, so that no derivative is taken.
    """
    return sp.expand(_truncated(sp.sympify(expr), small, order))


def _truncated(expr: sp.Expr, small: sp.Symbol, order: int) -> sp.Expr:
    if not expr.has(small):
        return expr
    if expr == small:
        return expr if order else sp.S.Zero
    if expr.is_Add:
        return sp.Add(*(_truncated(part, small, order) for part in expr.args))
    if expr.is_Mul:
        total = sp.S.One
        for part in expr.args:
            total = _cut(total * _truncated(part, small, order), small, order)
        return total
    if expr.is_Pow and not expr.exp.has(small):
        return _power(_truncated(expr.base, small, order), expr.exp, small, order)
    if expr.is_Function and len(expr.args) == 1:
        return _composed(expr.func, _truncated(expr.args[0], small, order), small, order)
    raise ValueError(f"no expansion of {expr} in {small}")


def _power(base: sp.Expr, exponent: sp.Expr, small: sp.Symbol, order: int) -> sp.Expr:
    """Return the binomial series of (base)**exponent about its value at ``small`` = 0."""
    base = sp.expand(base)
    start = base.subs(small, 0)
    whole = exponent.is_Integer and exponent.is_positive
    if start == 0 and not whole:
        raise ValueError(f"({base})**{exponent} is singular at {small} = 0")
    total, power, rest = sp.S.Zero, sp.S.One, base - start
    for k in range(min(order, int(exponent)) + 1 if whole else order + 1):
        total += sp.binomial(exponent, k) * start ** (exponent - k) * power
        power = _cut(power * rest, small, order)
    return total


def _composed(function: Any, inside: sp.Expr, small: sp.Symbol, order: int) -> sp.Expr:
    """Return the Taylor series of a function about its argument at ``small`` = 0."""
    inside, argument = sp.expand(inside), sp.Dummy("x", real=True)
    start = inside.subs(small, 0)
    slope, total, power = function(argument), sp.S.Zero, sp.S.One
    for k in range(order + 1):
        value = slope.subs(argument, start)
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds):
            raise ValueError(f"{function(inside)} is singular at {small} = 0")
        total += value * power / sp.factorial(k)
        slope, power = sp.diff(slope, argument), _cut(power * (inside - start), small, order)
    return total


def _cut(expr: sp.Expr, small: sp.Symbol, order: int) -> sp.Expr:
    """Drop powers of ``small`` beyond ``order``."""
    return sp.Add(*(c * small**k for (k,), c in sp.Poly(expr, small).terms() if k <= order))
