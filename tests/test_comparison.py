"""What is printed beside what was derived: the outcome is known from numbers put in by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from bntheory.comparison import compare
from bntheory.notation import SYMBOLS, Gamma, average, layer_sum, read, uncertain

M, rho, zeta, gamma, z, y, h = (
    SYMBOLS[name] for name in ("M", "rho", "zeta", "gamma", "z", "y", "h")
)
L, R, sigma_P = (SYMBOLS[name] for name in ("L", "R", "sigma_P"))


def eq(left: Any, right: Any) -> Any:
    return sp.Eq(left, right, evaluate=False)


PRINTED = eq(zeta, uncertain((rho + 2) / (4 * M)))


def test_a_reading_that_is_derived_agrees() -> None:
    result = compare(PRINTED, {zeta: rho / (4 * M) + 1 / (2 * M)})
    assert result.agrees is True and not result.open_reading
    assert result.difference == 0 and result.counterexample is None


@pytest.mark.parametrize(
    "derived",
    [
        (rho + 3) / (4 * M),
        -(rho + 2) / (4 * M),
        sigma_P**2 * (rho + 2) / (4 * M),
        (rho + 2) / (4 * M) + sp.Rational(1, 10**12),
        sp.S.Zero,
    ],
    ids=str,
)
def test_a_reading_that_is_not_derived_is_open(derived: sp.Expr) -> None:
    """Never held against the authors: no verdict and no counterexample, but the difference."""
    result = compare(PRINTED, {zeta: derived})
    assert result.agrees is None and result.open_reading
    assert result.counterexample is None
    assert sp.simplify(result.difference - (derived - (rho + 2) / (4 * M))) == 0
    plain = compare(PRINTED.replace(uncertain, lambda reading: reading), {zeta: derived})
    assert plain.agrees is False and not plain.open_reading and plain.counterexample


def test_the_mark_may_be_a_part_of_a_formula() -> None:
    """As in b = beta - gamma mu/(a [?] |w|)."""
    a = SYMBOLS["input_variance"]
    printed = eq(zeta, 1 - gamma / (uncertain(a) * L))
    assert compare(printed, {zeta: 1 - gamma / (a * L)}).agrees is True
    other = compare(printed, {zeta: 1 - gamma / (sp.sqrt(a) * L)})
    assert other.agrees is None and other.open_reading


def test_an_open_reading_of_an_inequality() -> None:
    result = compare(sp.Gt(zeta, uncertain(gamma), evaluate=False), {zeta: gamma + 1})
    assert result.agrees is None and result.open_reading


def test_what_the_print_does_not_speak_of_is_no_open_reading() -> None:
    result = compare(eq(zeta, rho), {zeta: M}, applies=False)
    assert result.agrees is None and not result.open_reading


# -- certain places ------------------------------------------------------------------------------


def test_a_wrong_print_has_a_counterexample() -> None:
    """Both sides are shown at a point where they differ, and have those values."""
    result = compare(eq(zeta, (rho + 2) / (4 * M)), {zeta: (rho + 2) / (8 * M)})
    assert result.agrees is False and result.counterexample is not None
    point = {name: float(sp.Rational(value)) if "/" in value else float(value)
             for name, value in result.counterexample.items()}
    assert point["left"] == pytest.approx((point["rho"] + 2) / (8 * point["M"]))
    assert point["right"] == pytest.approx(2 * point["left"])


numbers = st.integers(-6, 6).map(lambda k: sp.Rational(k, 4))


@given(a=numbers, b=numbers, c=numbers, mean=st.sampled_from([average, layer_sum]))
def test_averages_are_linear(a: sp.Expr, b: sp.Expr, c: sp.Expr, mean: Any) -> None:
    """Constants may stand in front or inside, and sums may be taken apart."""
    together = mean(a * z**2 * gamma + b * y * z + c * h)
    apart = a * gamma * mean(z**2) + b * mean(y * z) + c * mean(h)
    assert compare(eq(zeta, together), {zeta: apart}).agrees is True
    assert compare(eq(zeta, apart), {zeta: together}).agrees is True
    wrong = apart + mean(z**2) / 3
    assert compare(eq(zeta, together), {zeta: wrong}).agrees is False


@pytest.mark.parametrize(
    "wrong",
    [average(z**2), 2 * average(z * y), -average(z * y), average(z) + average(y)],
    ids=str,
)
def test_averages_of_something_else_differ(wrong: sp.Expr) -> None:
    assert compare(eq(zeta, average(z * y)), {zeta: wrong}).agrees is False


def test_gamma_functions() -> None:
    """Gamma(x + 1) = x Gamma(x); and of two that differ, one value is shown by hand."""
    printed = eq(zeta, sp.sqrt(2 / M) * Gamma(M / 2) / Gamma((M - 1) / 2))
    derived = sp.sqrt(2 / M) * (M / 2 - 1) * sp.gamma(M / 2 - 1) / sp.gamma((M - 1) / 2)
    assert compare(printed, {zeta: derived}).agrees is True
    assert compare(printed, {zeta: derived.subs(M, M + 1)}).agrees is False
    result = compare(eq(zeta, Gamma(M / 2 + 1)), {zeta: sp.gamma(M / 2)})
    assert result.agrees is False and result.counterexample is not None
    size = float(sp.Rational(result.counterexample["M"]))
    assert float(result.counterexample["left"]) == pytest.approx(math.gamma(size / 2), rel=1e-8)
    assert float(result.counterexample["right"]) == pytest.approx(
        math.gamma(size / 2 + 1), rel=1e-8
    )


def test_gamma_functions_as_printed() -> None:
    """Read from text, where ``gamma`` is the scale."""
    printed = read("Eq(zeta, gamma*Gamma(M/2 + 1)/Gamma(M/2))")
    assert compare(printed, {zeta: gamma * M / 2}).agrees is True
    assert compare(printed, {zeta: M / 2}).agrees is False


def test_agreement_at_points_is_told_from_a_proof() -> None:
    hidden = compare(eq(zeta, sp.cos(2 * R)), {zeta: 1 - 2 * sp.sin(R) ** 2})
    assert hidden.agrees is True and not hidden.exact
    assert compare(eq(zeta, (R + 1) ** 2), {zeta: R**2 + 2 * R + 1}).exact


@pytest.mark.parametrize(
    ("relation", "agrees"),
    [
        (sp.Lt(zeta, gamma, evaluate=False), False),
        (sp.Le(zeta, gamma, evaluate=False), True),
        (sp.Gt(zeta, gamma / 2, evaluate=False), True),
        (sp.Lt(zeta, gamma / 2, evaluate=False), False),
    ],
)
def test_inequalities(relation: Any, agrees: bool) -> None:
    assert compare(relation, {zeta: gamma}).agrees is agrees
