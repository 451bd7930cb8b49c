"""Every route takes a right result and refuses wrong ones: the results are known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import pytest
import sympy as sp

from bntheory import checking
from bntheory.checking import Check
from bntheory.notation import I1, I3, SYMBOLS, dot, g

R, gamma, eta, N, zeta = (SYMBOLS[name] for name in ("R", "gamma", "eta", "N", "zeta"))
w, w_star, x = (SYMBOLS[name] for name in ("w", "w_star", "x"))
u, v, delta = (SYMBOLS[name] for name in ("u", "v", "delta"))
MILLIONTH = sp.Rational(1, 10**6)

ROOT = sp.sqrt(1 - R**2)
#: d/dR of R asin(R) sqrt(1 - R^2), by the product rule.
SLOPE = sp.asin(R) * ROOT + R - R**2 * sp.asin(R) / ROOT
MATRIX = sp.ImmutableMatrix([[gamma, eta, 3], [0, -R * eta, 0], [0, zeta, sp.Rational(1, 2)]])
I_1, I_3 = I1(gamma, R), I3(gamma, R)
RATES = sp.Tuple(gamma**2 * R, eta * I_1 + R**3)

#: A right link for each route: the check as a function of the result, and the result.
RIGHT: dict[str, tuple[Callable[[Any], Check], Any]] = {
    "identity": (
        lambda after: checking.identity((1 - R**2) / ROOT + gamma * (R + 1) ** 2, after),
        ROOT + gamma * R**2 + 2 * gamma * R + gamma,
    ),
    "identity of open functions": (
        lambda after: checking.identity(g(u) ** 2 - g(v) ** 2, after),
        (g(u) - g(v)) * (g(u) + g(v)),
    ),
    "substitution": (
        lambda after: checking.substitution(
            eta * I_1 / gamma + R * delta, {I_1: gamma**2 * R, R: zeta}, after
        ),
        eta * gamma * R + zeta * delta,
    ),
    "derivative": (
        lambda after: checking.derivative(R * sp.asin(R) * ROOT * gamma, R, after),
        gamma * SLOPE,
    ),
    "gradient": (
        lambda after: checking.gradient(eta * dot(w, x) ** 2 / sp.sqrt(dot(w, w)), w, after),
        2 * eta * dot(w, x) * x / sp.sqrt(dot(w, w))
        - eta * dot(w, x) ** 2 * w / dot(w, w) ** sp.Rational(3, 2),
    ),
    "jacobian": (
        lambda after: checking.jacobian(RATES, (gamma, R), after),
        sp.ImmutableMatrix(
            [
                [2 * gamma * R, gamma**2],
                [eta * I_1.diff(gamma), eta * I_1.diff(R) + 3 * R**2],
            ]
        ),
    ),
    "limit at a branch point": (
        lambda after: checking.limit(
            gamma * (1 - R**2) / ROOT + R**2 * gamma + eta, R, sp.S.One, after
        ),
        gamma + eta,
    ),
    "limit at infinity": (
        lambda after: checking.limit((gamma * N**2 + N) / (N**2 - 5) + R, N, sp.oo, after),
        gamma + R,
    ),
    "residual": (
        lambda after: checking.residual(gamma * (1 + 2 * zeta) - R + eta / 3, gamma, after),
        (R - eta / 3) / (1 + 2 * zeta),
    ),
    "order": (
        lambda after: checking.order(gamma + eta * R + eta**2 * zeta, after, eta, 2),
        gamma + eta * R,
    ),
    "eigenvalues": (
        lambda after: checking.eigenvalues(MATRIX, after),
        sp.Tuple(gamma, -R * eta, sp.Rational(1, 2)),
    ),
    "eigenvalues, not triangular": (
        lambda after: checking.eigenvalues(sp.ImmutableMatrix([[0, gamma], [eta, 0]]), after),
        sp.Tuple(-sp.sqrt(gamma * eta), sp.sqrt(gamma * eta)),
    ),
    "average": (
        lambda after: checking.expectation_of(
            eta * delta * u + gamma * delta**2 * v - R, {delta * u: I_1, delta**2 * v: I_3}, after
        ),
        eta * I_1 + gamma * I_3 - R,
    ),
    "quadrature": (
        lambda after: checking.quadrature(
            sp.Abs(u) * sp.Abs(v), (u, v), sp.Matrix([[gamma**2, gamma * R], [gamma * R, 1]]), after
        ),
        2 * gamma * (ROOT + R * sp.asin(R)) / sp.pi,  # Nabeya (1951)
    ),
}


def each(after: Any, change: Callable[[Any], Any]) -> Any:
    """Change every entry of a result."""
    if isinstance(after, sp.MatrixBase):
        return after.applyfunc(change)
    return sp.Tuple(*map(change, after)) if isinstance(after, sp.Tuple) else change(after)


def first(after: Any, change: Callable[[Any], Any]) -> Any:
    """Change the first entry of a result."""
    if isinstance(after, sp.MatrixBase):
        return sp.ImmutableMatrix(*after.shape, [change(after[0]), *list(after)[1:]])
    return sp.Tuple(change(after[0]), *after[1:]) if isinstance(after, sp.Tuple) else change(after)


def unit(after: Any) -> Any:
    """Return 1, or a vector for the result that is one."""
    return x if isinstance(after, sp.Expr) and after.has(x) else sp.S.One


def another_power(e: sp.Expr) -> sp.Expr:
    """Raise the first symbol of an expression to another power."""
    symbol = min((s for s in e.free_symbols if s not in (w, x)), key=str)
    return e.xreplace({symbol: symbol**2}) if not e.has(sp.Derivative) else e * symbol


def without_a_term(e: sp.Expr) -> sp.Expr:
    return sp.Add(*e.args[1:]) if isinstance(e, sp.Add) else sp.S.Zero


WRONG: dict[str, Callable[[Any], Any]] = {
    "sign": lambda after: each(after, lambda e: -e),
    "factor 2": lambda after: each(after, lambda e: 2 * e),
    "exponent": lambda after: first(after, another_power),
    "term dropped": lambda after: first(after, without_a_term),
    "constant added": lambda after: first(after, lambda e: e + unit(after) / 7),
    "1e-6 added": lambda after: first(after, lambda e: e + MILLIONTH * unit(after)),
    "1e-6 off": lambda after: first(after, lambda e: e * (1 + MILLIONTH)),
    "another symbol": lambda after: first(after, lambda e: e + SYMBOLS["L"] * unit(after)),
}


@pytest.mark.parametrize("route", RIGHT)
def test_the_right_result_is_taken(route: str) -> None:
    verify, after = RIGHT[route]
    check = verify(after)
    assert check.passed
    if check.method == "exact":
        assert check.points == check.digits == 0
    else:
        assert check.method == "sampled" and check.points >= 2 and check.digits >= 10


PLANTED = [
    (route, wrong)
    for route in RIGHT
    for wrong in WRONG
    if (route, wrong) != ("eigenvalues, not triangular", "sign")  # the same pair again
]


@pytest.mark.parametrize(("route", "wrong"), PLANTED)
def test_a_wrong_result_is_refused(route: str, wrong: str) -> None:
    verify, after = RIGHT[route]
    assert not verify(WRONG[wrong](after)).passed


@pytest.mark.parametrize("route", [r for r in RIGHT if RIGHT[r][1].has(R)])
def test_one_for_the_overlap_is_refused(route: str) -> None:
    verify, after = RIGHT[route]
    held = {d: sp.Dummy() for d in after.atoms(sp.Derivative)}
    mutant = after.xreplace(held).subs(R, 1).xreplace({name: d for d, name in held.items()})
    if mutant.has(sp.zoo, sp.nan, sp.oo):  # the derivative is singular there
        mutant = after.subs(R, R**2)
    assert not verify(mutant).passed


def test_eigenvalues_refuse_a_wrong_multiplicity() -> None:
    verify, (a, b, c) = RIGHT["eigenvalues"]
    assert not verify(sp.Tuple(a, a, c)).passed
    assert not verify(sp.Tuple(a, b, 2 * c)).passed
    with pytest.raises(ValueError):
        verify(sp.Tuple(a, b))


def test_eigenvalues_refuse_another_order() -> None:
    verify, (a, b, c) = RIGHT["eigenvalues"]
    assert not verify(sp.Tuple(b, a, c)).passed


def test_symbolic_and_sampled_are_told_apart() -> None:
    assert checking.identity((R + 1) ** 2, R**2 + 2 * R + 1).method == "exact"
    check = checking.identity(sp.cos(2 * R), 1 - 2 * sp.sin(R) ** 2)
    assert (check.method, check.passed) == ("sampled", True)
    assert check.digits >= 30 and check.points == 5


def test_another_number_of_entries_is_refused() -> None:
    assert not checking.identity(sp.Tuple(R, gamma), sp.Tuple(R)).passed


def test_vectors_are_compared_component_by_component() -> None:
    turned = (sp.sin(R) ** 2 + sp.cos(R) ** 2) * w
    for verify in (
        lambda after: checking.identity(turned + x, after),
        lambda after: checking.substitution(turned + delta * x, {delta: sp.S.One}, after),
    ):
        check = verify(w + x)
        assert check.passed and check.method == "sampled" and check.digits >= 30
        assert not verify(w + x * (1 + MILLIONTH)).passed
        assert not verify(x).passed


def test_a_solution_at_which_the_equation_is_singular_is_refused() -> None:
    check = checking.residual(1 / gamma - R / gamma, gamma, sp.S.Zero)
    assert (check.method, check.passed) == ("exact", False)


def test_values_may_depend_on_what_they_replace() -> None:
    """R and gamma are exchanged at once, not one after the other."""
    values = {R: gamma, gamma: R}
    assert checking.substitution(R**2 - gamma, values, gamma**2 - R).passed
    assert not checking.substitution(R**2 - gamma, values, R**2 - R).passed


@pytest.mark.parametrize("wrong", [1 + MILLIONTH, 1 + sp.Rational(1, 10**11), 0, 1 + R, sp.sqrt(N)])
def test_a_limit_that_is_nearly_right_is_refused(wrong: sp.Expr) -> None:
    far, near = (N + 3) / N, R + ROOT**3
    assert checking.limit(far, N, sp.oo, sp.S.One).passed
    assert checking.limit(near, R, sp.S.One, sp.S.One).passed
    assert not checking.limit(far, N, sp.oo, sp.sympify(wrong)).passed
    assert not checking.limit(near, R, sp.S.One, sp.sympify(wrong)).passed


def test_values_come_nearer_to_a_limit_all_the_way() -> None:
    """Within 1e-20 of it the values stay where they are; and the digits are those of the last."""
    off = 1 + sp.Rational(1, 10**20)
    for right in (checking.limit(1 + 1 / N, N, sp.oo, sp.S.One), checking.limit(R, R, 1, sp.S.One)):
        assert right.passed and right.digits in (31, 32) and right.points == 3
    for wrong in (checking.limit(1 + 1 / N, N, sp.oo, off), checking.limit(R, R, 1, off)):
        assert not wrong.passed and wrong.digits in (19, 20)


def test_a_limit_is_free_of_what_goes_to_it() -> None:
    check = checking.limit(1 + 1 / N, N, sp.oo, 1 + 1 / N)
    assert (check.method, check.passed) == ("exact", False)


def test_a_limit_that_does_not_exist_is_refused() -> None:
    assert checking.limit(N, N, sp.oo, sp.S.One).digits == 0
    assert not checking.limit(1 / ROOT, R, sp.S.One, sp.S.One).passed
    assert not checking.limit(sp.sin(N), N, sp.oo, sp.S.Zero).passed


def test_limits_are_from_below_and_at_zero_from_above() -> None:
    assert checking.limit(sp.sign(R - 1), R, sp.S.One, -sp.S.One).passed
    assert checking.limit(sp.sign(R), R, sp.S.Zero, sp.S.One).passed


@pytest.mark.parametrize(
    "kept",
    [
        gamma,
        eta * R,
        gamma + eta * R + 1,
        gamma + 2 * eta * R,
        gamma + eta * R * gamma,
        gamma + sp.sqrt(eta) * R,
    ],
    ids=str,
)
def test_order_refuses_what_is_wrong_at_a_lower_order(kept: sp.Expr) -> None:
    verify, _ = RIGHT["order"]
    assert not verify(kept).passed


def test_order_is_about_what_was_dropped() -> None:
    """It does not object where more than was asked for is kept."""
    verify, kept = RIGHT["order"]
    assert verify(kept + eta**2 * zeta).passed and verify(kept - 5 * eta**3).passed


ZERO = sp.Heaviside(R - 2)  # at every overlap; SymPy does not see it


@pytest.mark.parametrize(
    ("relation", "holds", "method"),
    [
        (sp.Gt(gamma, 0, evaluate=False), True, "exact"),
        (sp.Ge(gamma + zeta, 0, evaluate=False), True, "exact"),
        (sp.Lt(-gamma / (1 + zeta), 0, evaluate=False), True, "exact"),
        (sp.Gt(-gamma, 0, evaluate=False), False, "exact"),
        (1 - R**2 >= 0, True, "sampled"),
        (sp.Gt(R, 0), False, "sampled"),
        (sp.Lt(1 - R**2, 0), False, "sampled"),
        (sp.Le(R - 2, 0), True, "sampled"),
        (sp.Gt(gamma - sp.Rational(1, 3), 0), False, "sampled"),
        (sp.Gt(1 - R**2, 0), True, "sampled"),
        (sp.Lt(R**2 - 1, 0), True, "sampled"),
        (sp.Le(1 - R**2, 0), False, "sampled"),
        (sp.Ge(R**2 - 1, 0), False, "sampled"),
        (sp.Gt(ZERO, 0), False, "sampled"),
        (sp.Lt(ZERO, 0), False, "sampled"),
        (sp.Ge(ZERO, 0), True, "sampled"),
        (sp.Le(ZERO, 0), True, "sampled"),
    ],
)
def test_signs(relation: Any, holds: bool, method: str) -> None:
    check = checking.sign(relation)
    assert (check.passed, check.method) == (holds, method)


def test_numbers_go_through_all_routes_at_high_precision() -> None:
    """An error in the 20th digit is refused where 40 are carried."""
    tiny = sp.Rational(1, 10**20)
    with mp.workdps(15):
        assert not checking.identity(sp.cos(R) ** 2, 1 - sp.sin(R) ** 2 + tiny).passed
        assert not checking.substitution(R * gamma, {R: zeta}, zeta * gamma + tiny).passed
