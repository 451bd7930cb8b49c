"""Moments of sums against all samples of a small law; Taylor polynomials against SymPy's series."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations_with_replacement, product

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from bntheory.calculus import batch_noise
from bntheory.calculus.batch_noise import ANY, GAUSSIAN, Law, expansion, moments_of_sums, monomials
from bntheory.notation import SYMBOLS, A, A_prime, A_second

z, z1, z2, tau, M = (SYMBOLS[name] for name in ("z", "z1", "z2", "tau", "M"))
rho, skewness, gamma, beta = (SYMBOLS[n] for n in ("rho", "skewness", "gamma", "beta"))
a, b, c, n = sp.symbols("a b c n")

Atom = tuple[Fraction, ...]
Discrete = list[tuple[Fraction, Atom]]
Powers = tuple[int, ...]
#: A polynomial in the hidden values: from exponents to coefficients.
Term = Mapping[Powers, Fraction]

fractions = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 4))


@st.composite
def laws(draw: st.DrawFn, fields: int) -> Discrete:
    """Draw two or three atoms with probabilities."""
    atoms = draw(st.lists(st.tuples(*[fractions] * fields), min_size=2, max_size=3, unique=True))
    weights = [draw(st.integers(1, 5)) for _ in atoms]
    return [(Fraction(w, sum(weights)), atom) for w, atom in zip(weights, atoms, strict=True)]


def terms(fields: int) -> st.SearchStrategy[Term]:
    powers = st.tuples(*[st.integers(0, 2)] * fields)
    return st.dictionaries(powers, fractions, min_size=1, max_size=3)


def rational(number: Fraction) -> sp.Rational:
    return sp.Rational(number.numerator, number.denominator)


def power(atom: Atom, exponents: Powers) -> Fraction:
    return math.prod((x**k for x, k in zip(atom, exponents, strict=True)), start=Fraction(1))


def symbolic(term: Term, fields: tuple[sp.Symbol, ...]) -> sp.Expr:
    return sp.Add(*(rational(w) * sp.Mul(*map(sp.Pow, fields, e)) for e, w in term.items()))


def law_of(discrete: Discrete, fields: tuple[sp.Symbol, ...], degree: int) -> Law:
    """Give the true moments of a discrete law, to a power of each field."""
    table = {}
    for e in product(range(degree + 1), repeat=len(fields)):
        if any(e):
            mean = sum(p * power(atom, e) for p, atom in discrete)
            table[sp.Mul(*map(sp.Pow, fields, e))] = rational(Fraction(mean))
    return Law(table)


def enumerated(
    discrete: Discrete, summed: list[Term], count: int, wanted: Iterable[Powers]
) -> list[Fraction]:
    """Average products of sums over all samples."""
    single = [
        (p, [sum(w * power(atom, e) for e, w in term.items()) for term in summed])
        for p, atom in discrete
    ]
    wanted = list(wanted)
    totals = [Fraction(0)] * len(wanted)
    for chosen in product(single, repeat=count):
        weight = math.prod(p for p, _ in chosen)
        sums = tuple(sum(values[k] for _, values in chosen) for k in range(len(summed)))
        for k, exponents in enumerate(wanted):
            totals[k] += weight * power(sums, exponents)
    return totals


ONE, TWO, THREE = [(2,)], [(0, 2), (1, 1), (2, 1), (2, 2)], [(1, 1, 1), (0, 1, 2), (2, 0, 1)]
WANTED = {1: [*ONE, (1,), (3,), (4,)], 2: TWO, 3: THREE}


@given(discrete=laws(1), summed=st.lists(terms(1), min_size=1, max_size=3), count=st.integers(1, 4))
def test_sums_of_one_field(discrete: Discrete, summed: list[Term], count: int) -> None:
    """One to three statistics of a law that need not be standardized, and whose mean is not 0."""
    agree(discrete, (z,), summed, count, degree=8)


@given(discrete=laws(2), summed=st.lists(terms(2), min_size=1, max_size=2), count=st.integers(1, 3))
def test_sums_of_two_dependent_fields(
    discrete: Discrete, summed: list[Term], count: int
) -> None:
    agree(discrete, (z1, z2), summed, count, degree=8)


def agree(
    discrete: Discrete, fields: tuple[sp.Symbol, ...], summed: list[Term], count: int, degree: int
) -> None:
    """The count is put in afterwards: the moments are polynomials in it."""
    found, expected = both(discrete, fields, summed, count, degree)
    assert found == expected


def both(
    discrete: Discrete, fields: tuple[sp.Symbol, ...], summed: list[Term], count: int, degree: int
) -> tuple[list[sp.Expr], list[sp.Expr]]:
    names, wanted = (a, b, c)[: len(summed)], WANTED[len(summed)]
    asked = [sp.Mul(*map(sp.Pow, names, e)) for e in wanted]
    given_terms = {
        name: symbolic(term, fields) for name, term in zip(names, summed, strict=True)
    }
    found = moments_of_sums(given_terms, law_of(discrete, fields, degree), n, asked)
    assert list(found) == asked
    assert all(sp.sympify(value).is_polynomial(n) for value in found.values())
    values = [sp.expand(value).subs(n, count) for value in found.values()]
    return values, [rational(value) for value in enumerated(discrete, summed, count, wanted)]


SKEWED: Discrete = [
    (Fraction(1, 2), (Fraction(-1),)),
    (Fraction(1, 3), (Fraction(1, 2),)),
    (Fraction(1, 6), (Fraction(2),)),
]
SUMMED: list[Term] = [{(1,): Fraction(1)}, {(2,): Fraction(1), (0,): Fraction(-1)}]


def test_planted_errors_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sample less, one atom moved, no binomial coefficients, moments in place of cumulants."""
    found, expected = both(SKEWED, (z,), SUMMED, 3, 8)
    assert found == expected
    assert both(SKEWED, (z,), SUMMED, 2, 8)[0] != expected
    moved = [*SKEWED[:2], (Fraction(1, 6), (Fraction(3),))]
    assert both(moved, (z,), SUMMED, 3, 8)[0] != expected
    with monkeypatch.context() as planted:
        planted.setattr(batch_noise, "comb", lambda n, k: 1)
        assert both(SKEWED, (z,), SUMMED, 3, 8)[0] != expected
    with monkeypatch.context() as planted:
        below = batch_noise._below
        planted.setattr(batch_noise, "_below", lambda e: below(e)[-1:])
        assert both(SKEWED, (z,), SUMMED, 3, 8)[0] != expected


def test_coefficients_and_counts_may_hold_symbols() -> None:
    """With tau = 1/sqrt(M): one of four samples is left out of the sums."""
    law = law_of(SKEWED, (z,), 4)
    found = moments_of_sums(
        {a: tau * z, b: tau * (z**2 - 1)}, law, 1 / tau**2 - 1, [a * b, a**2, b**2]
    )
    values = [sp.expand(value).subs(tau, sp.Rational(1, 2)) for value in found.values()]
    expected = enumerated(SKEWED, SUMMED, 3, [(1, 1), (2, 0), (0, 2)])
    assert values == [rational(value) / 4 for value in expected]


# -- laws ----------------------------------------------------------------------------------------


@given(discrete=laws(1), coefficients=st.lists(fractions, min_size=5, max_size=5))
def test_any_law_has_its_skewness_and_its_excess_kurtosis(
    discrete: Discrete, coefficients: list[Fraction]
) -> None:
    """Against scaled moments of a law that is centered and divided by its variance here."""
    mean = sum(p * x for p, (x,) in discrete)
    m2, m3, m4 = (sum(p * (x - mean) ** k for p, (x,) in discrete) for k in (2, 3, 4))
    scaled = [rational(w) for w in coefficients]
    polynomial = sum(w * z**k for k, w in enumerate(scaled))
    # z is (x - mean)/sqrt(m2): its cube is not rational, its fourth power is
    third = rational(m3) / sp.sqrt(rational(m2)) ** 3
    expected = scaled[0] + scaled[2] + scaled[3] * third + scaled[4] * rational(m4 / m2**2)
    found = ANY.mean(polynomial).subs({skewness: third, rho: rational(m4 / m2**2) - 3})
    assert sp.expand(found - expected) == 0


def test_gaussian_moments_are_those_of_quadrature() -> None:
    for k in range(1, 9):
        area = mp.quad(lambda x, k=k: x**k * mp.npdf(x), [-30, 0, 30])
        assert abs(area - int(GAUSSIAN.mean(z**k))) < 1e-9


def test_other_symbols_are_constants() -> None:
    assert ANY.mean(gamma * z**2 + M * z + beta) == gamma + beta
    assert ANY.mean(sp.S(5)) == 5


@pytest.mark.parametrize("missing", [z**5, z**2 * z1, 1 + z**6])
def test_a_moment_that_the_law_does_not_have(missing: sp.Expr) -> None:
    two = Law({z: sp.S.Zero, z1: sp.S.Zero, z**2: sp.S.One, z * z1: rho})
    with pytest.raises(KeyError):
        two.mean(missing)
    with pytest.raises(KeyError):
        moments_of_sums({a: missing}, two, n, [a])


def test_too_high_a_power_of_a_sum_has_no_moment() -> None:
    with pytest.raises(KeyError):
        moments_of_sums({b: z**2 - 1}, ANY, n, [b**3])
    assert GAUSSIAN.mean(z**8) == 105
    with pytest.raises(KeyError):
        GAUSSIAN.mean(z**9)


@pytest.mark.parametrize("names", [(a,), (a, b), (a, b, c)])
@pytest.mark.parametrize("degree", [1, 2, 4])
def test_monomials(names: tuple[sp.Symbol, ...], degree: int) -> None:
    found = monomials(names, degree)
    expected = {
        sp.Mul(*chosen)
        for k in range(1, degree + 1)
        for chosen in combinations_with_replacement(names, k)
    }
    assert len(found) == len(expected) and set(found) == expected
    degrees = [sp.Poly(monomial, *names).total_degree() for monomial in found]
    assert degrees == sorted(degrees)


def test_monomials_of_a_degree_are_in_the_order_of_the_names() -> None:
    linear, squares = [a, b, c], [a**2, a * b, b**2, a * c, b * c, c**2]
    assert monomials((a, b, c), 2) == [*linear, *squares]


# -- Taylor polynomials --------------------------------------------------------------------------

EXPANDED = {
    "root": (sp.sqrt(1 + tau * a - tau**2 * b), 4),
    "over a root": ((z - tau * a) / sp.sqrt(1 + tau * b - tau**2 * a**2) - z, 3),
    "negative power": ((gamma + tau * a) ** -3, 3),
    "fractional power": ((2 + tau) ** sp.Rational(5, 3), 3),
    "power of nothing": ((tau * a + tau**2) ** 2 * sp.exp(tau), 4),
    "beyond the order": ((tau * a + tau**3) ** 5, 3),
    "exponential": (sp.exp(gamma * tau - tau**2), 5),
    "logarithm": (sp.log(2 + sp.sin(tau * a)), 4),
    "nested": (sp.cos(sp.sqrt(4 + tau)) / (1 + tau * sp.exp(tau)), 3),
    "order 0": (sp.exp(tau) + gamma, 0),
    "polynomial": ((1 + tau) * (gamma - tau) ** 3, 2),
    "without it": (gamma**2 / beta, 3),
    "tau alone": (tau, 0),
}


@pytest.mark.parametrize("case", EXPANDED)
def test_taylor_polynomials_are_those_of_sympy(case: str) -> None:
    expr, order = EXPANDED[case]
    found = expansion(expr, tau, order)
    symbol = sp.Symbol("t")  # SymPy's series may not use that tau is positive
    expected = sp.series(expr.subs(tau, symbol), symbol, 0, order + 1).removeO().subs(symbol, tau)
    assert sp.simplify(sp.expand(found - expected)) == 0
    assert found.is_polynomial(tau) and sp.degree(found + 1, tau) <= order


@pytest.mark.parametrize("case", EXPANDED)
def test_taylor_coefficients_are_numerical_derivatives(case: str) -> None:
    expr, order = EXPANDED[case]
    point = {a: 0.7, b: -0.4, z: 1.3, gamma: 0.8, beta: 0.6}
    f = sp.lambdify(tau, expr.subs(point), "mpmath")
    with mp.workdps(40):
        expected = mp.taylor(f, 0, order)
        found = sp.Poly(expansion(expr, tau, order).subs(point), tau)
        for k, value in enumerate(expected):
            assert abs(sp.N(found.coeff_monomial(tau**k), 20) - value) < 1e-12


def test_open_functions_are_expanded_with_their_derivatives() -> None:
    expected = A(beta) + tau * z * A_prime(beta) + tau**2 * z**2 * A_second(beta) / 2
    assert sp.expand(expansion(A(beta + tau * z), tau, 2) - expected) == 0
    wrong = expected + tau**2 * z**2 * A_second(beta) / 2
    assert sp.expand(expansion(A(beta + tau * z), tau, 2) - wrong) != 0


def test_a_length_is_expanded_where_it_is_not_zero() -> None:
    assert expansion(sp.Abs(3 - tau), tau, 2) == 3 - tau
    assert expansion(sp.Abs(tau - 3), tau, 2) == 3 - tau


@pytest.mark.parametrize(
    "singular",
    [
        1 / tau,
        sp.sqrt(tau),
        1 / (tau * a + tau**2),
        sp.sqrt(sp.sin(tau)),
        sp.exp(1 / tau),
        (1 - sp.exp(tau)) ** -2,
        tau**tau,
        (1 + tau) ** (1 / tau),
        sp.log(tau),
        sp.Ei(tau),
        sp.Max(tau, gamma),
        2**tau,
    ],
    ids=str,
)
@pytest.mark.parametrize("order", [0, 2])
def test_what_has_no_expansion_is_refused(singular: sp.Expr, order: int) -> None:
    with pytest.raises(ValueError, match="singular|no expansion"):
        expansion(singular, tau, order)
