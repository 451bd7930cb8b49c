"""Square roots in normal form keep their value and give limits at branch points."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from bntheory.calculus.radicals import at, normal, tidy
from bntheory.notation import SYMBOLS, A

R, gamma = SYMBOLS["R"], SYMBOLS["gamma"]
ROOT = sp.sqrt(1 - R**2)

#: Bases whose factors keep their sign for |R| < 1, gamma > 0.
BASES = [
    1 - R**2,
    1 - R,
    2 * gamma**2 + 1,
    gamma**2 + 2,
    4 - gamma**2 * R**2 / (1 + gamma**2),
    (1 - R**2) * (gamma + 3),
    (1 + R) / (2 + gamma),
    (gamma**2 + 2) ** 2 * (1 - R) ** 3,
]
small = st.integers(-4, 4)
roots = st.builds(
    lambda base, power: base ** sp.Rational(power, 2),
    st.sampled_from(BASES),
    st.sampled_from([-3, -1, 1, 3]),
)
terms = st.builds(
    lambda c, i, j, root, angle: c * R**i * gamma**j * root * angle,
    small,
    st.integers(0, 2),
    st.integers(-1, 2),
    roots,
    st.sampled_from([sp.S.One, sp.S.One, sp.asin(R), sp.asin(gamma * R / (1 + gamma))]),
)
points = st.tuples(
    st.integers(-19, 19).map(lambda k: sp.Rational(k, 20)),
    st.integers(1, 30).map(lambda k: sp.Rational(k, 10)),
)


def value(expr: sp.Expr, place: tuple[sp.Rational, sp.Rational]) -> mp.mpf:
    """Return the value by mpmath, at 40 digits."""
    with mp.workdps(40):
        return sp.lambdify((R, gamma), expr, "mpmath")(*(mp.mpf(c.p) / c.q for c in place))


@settings(max_examples=settings().max_examples // 2)  # three roots and two angles take seconds
@given(st.lists(terms, min_size=1, max_size=2), roots, points)
def test_normal_form_keeps_the_value(
    summands: list[sp.Expr], other: sp.Expr, place: tuple[sp.Rational, sp.Rational]
) -> None:
    expr = sum(summands) / (1 + R**2) + other * gamma
    before, after = value(expr, place), value(normal(expr), place)
    assert abs(before - after) <= 1e-25 * (1 + abs(before))


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(terms, min_size=1, max_size=2), points)
def test_the_shortest_form_keeps_the_value(
    summands: list[sp.Expr], place: tuple[sp.Rational, sp.Rational]
) -> None:
    expr = sum(summands)
    before, after = value(expr, place), value(tidy(expr), place)
    assert abs(before - after) <= 1e-25 * (1 + abs(before))


@pytest.mark.parametrize(
    ("expr", "plain"),
    [
        (1 / ROOT - R**2 / ROOT - ROOT, sp.S.Zero),
        (1 / ROOT - R**2 / ROOT, ROOT),
        (sp.sqrt(8 * gamma**2 + 4), 2 * sp.sqrt(2 * gamma**2 + 1)),
        (sp.sqrt(2 * gamma**2 + 1) ** 2 / (2 * gamma**2 + 1), sp.S.One),
        (1 / sp.sqrt(gamma**2 + 2) - sp.sqrt(gamma**2 + 2) / (gamma**2 + 2), sp.S.Zero),
    ],
    ids=str,
)
def test_sums_of_roots_cancel(expr: sp.Expr, plain: sp.Expr) -> None:
    """The result is the plain form itself, with no root of 1 - R^2 left in a denominator."""
    assert sp.expand(normal(expr) - plain) == 0


#: With sums of roots in the denominator, alone and in products with roots.
NESTED = [
    1 / (1 + ROOT) + ROOT,
    ROOT / (gamma + ROOT) - 1 / (ROOT + R * ROOT),
    1 / (ROOT + R * ROOT),
    1 / (ROOT * (R + 2) ** 2 + gamma * ROOT) - sp.sqrt(gamma**2 + 2) / (1 + sp.sqrt(gamma**2 + 2)),
]


@pytest.mark.parametrize("expr", NESTED, ids=str)
def test_sums_of_roots_in_a_denominator(expr: sp.Expr) -> None:
    for place in ((sp.Rational(-1, 3), sp.Rational(2, 5)), (sp.Rational(4, 7), sp.Integer(3))):
        assert abs(value(expr, place) - value(normal(expr), place)) < 1e-25


def test_a_root_that_divides_is_moved_to_the_numerator() -> None:
    top, bottom = sp.fraction(normal(NESTED[2]))
    assert bottom.is_polynomial(R) and sp.expand(top**2 - (1 - R**2)) == 0


def test_the_argument_of_an_inverse_sine_is_in_normal_form_too() -> None:
    assert normal(sp.asin(1 / ROOT - R**2 / ROOT) / gamma) == sp.asin(ROOT) / gamma


@pytest.mark.parametrize("places", [(-1, 1), (1, 2), (-1, 3), (1, 1), (2, 1), (2, sp.S.Half)])
@pytest.mark.parametrize(
    "expr",
    [
        sp.sqrt(R**2 - R**4),
        sp.sqrt(sp.expand((gamma - 1) ** 2 * (gamma + 2))) / gamma,
        sp.sqrt(sp.expand((gamma - R) ** 2 * (1 - R**2))),
        1 / sp.sqrt(sp.expand((2 * R - 1) ** 2 * (1 - R))) + gamma,
        sp.sqrt(sp.expand((2 * gamma - 1) ** 2 * (gamma + 2))),
    ],
    ids=str,
)
def test_roots_of_squares_that_change_sign(expr: sp.Expr, places: tuple[int, int]) -> None:
    """On both sides of the change."""
    place = (sp.Rational(places[0], 3), sp.Rational(places[1], 2))
    assert abs(value(expr, place) - value(normal(expr), place)) < 1e-25


#: Expressions of R and gamma with a finite limit at R = 1, from below.
SINGULAR = [
    sp.diff(R * sp.asin(R) + ROOT, R),
    sp.diff(R * ROOT + sp.asin(R), R),
    (gamma * (1 - R**2)) / ROOT**2,
    (1 - R) ** 2 / (1 - sp.sqrt(R)) ** 2,
    (ROOT**3 + 1 - R) / (1 - R),
    1 / (ROOT * (gamma + 1)) - R / ((gamma + 1) * ROOT),
    (sp.asin(R) - sp.pi / 2) / ROOT,
    sp.asin(2 * gamma**2 * R / (1 + 2 * gamma**2)) / (1 + ROOT),
]


@pytest.mark.parametrize("expr", SINGULAR, ids=str)
def test_limits_are_the_values_nearby(expr: sp.Expr) -> None:
    """Within 1e-18 of the value at 1 - 1e-40, by mpmath at 150 digits."""
    for place in (sp.Rational(3, 10), sp.Rational(17, 10)):
        with mp.workdps(150):
            near = sp.lambdify((R, gamma), expr, "mpmath")(1 - mp.mpf(10) ** -40, mp.mpf(place))
            limit = sp.lambdify((R, gamma), at(expr, R, sp.S.One), "mpmath")(0, mp.mpf(place))
            assert abs(near - limit) < mp.mpf(10) ** -18


def test_what_cancels_needs_no_limit_of_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    N = SYMBOLS["N"]
    monkeypatch.delattr(sp, "limit")
    assert sp.expand(at(SINGULAR[1], R, sp.S.One)) == 0
    assert at((R + gamma) / ROOT**2 * (1 - R**2), R, sp.S.Half) == gamma + sp.S.Half
    assert at((2 * N + 1) / (N + gamma), N, sp.oo) == 2


def test_limits_at_infinity() -> None:
    """Against the value at 1e30."""
    N = SYMBOLS["N"]
    expr = (2 * N**2 * gamma + N - 3) / (N**2 + 1) + sp.sqrt(N + gamma) / sp.sqrt(N)
    limit = at(expr, N, sp.oo)
    with mp.workdps(50):
        far = sp.lambdify((N, gamma), expr, "mpmath")(mp.mpf(10) ** 30, mp.mpf("0.7"))
    assert float(limit.subs(gamma, sp.Rational(7, 10))) == pytest.approx(float(far), rel=1e-14)


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (sp.expand((1 + gamma) ** 4), (1 + gamma) ** 4),
        (gamma / (gamma + 1) + 1 / (gamma + 1), sp.S.One),
        (1 / ROOT - R**2 / ROOT, ROOT),
        (gamma * (R + 1) - gamma, R * gamma),
        (A(R) * gamma / (gamma + 1) + A(R) / (gamma + 1), A(R)),
    ],
    ids=str,
)
def test_shorter_forms_are_found(long: sp.Expr, short: sp.Expr) -> None:
    assert tidy(long) == short


def test_inverse_sines_stay_as_they_are() -> None:
    expr = gamma * (R + 1) * sp.asin(R) - gamma * sp.asin(R)
    assert tidy(expr) == expr
