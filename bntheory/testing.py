"""For other people's tests: hypothesis strategies, and the propositions as properties.

The strategies cover the true domains of the theory.  The properties take a *variant*: anything with
the functions of a module of :mod:`bntheory.formulas` that the property names, such as a module of
your own, or a class with static methods.  They return None, or raise ``AssertionError`` with one
line that says at which values the proposition fails and by how much.

Needs the extra ``test``.
"""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from bntheory.activations import Activation

# -- strategies ----------------------------------------------------------------------------------


def overlaps() -> st.SearchStrategy[float]:
    """R, the cosine of the angle between student and teacher: [-1, 1], often near its ends."""
    ends = misalignments().flatmap(lambda m: st.sampled_from([1.0 - m, m - 1.0]))
    return st.one_of(st.floats(-1.0, 1.0), ends)


def misalignments() -> st.SearchStrategy[float]:
    """1 - R on all scales, from 1e-15 to 1."""
    return st.floats(-15.0, 0.0).map(lambda exponent: 10.0**exponent)


def scales() -> st.SearchStrategy[float]:
    """gamma, the scale of the student: positive, around 1."""
    return _positive(-2.0, 1.0)


def lengths() -> st.SearchStrategy[float]:
    """L, the length of w over sqrt(N): positive, around 1."""
    return _positive(-1.0, 1.0)


def learning_rates() -> st.SearchStrategy[float]:
    """eta: positive, up to well beyond the largest stable one."""
    return _positive(-4.0, 1.0)


def decays() -> st.SearchStrategy[float]:
    """zeta: zero, or positive on all scales up to 10."""
    return st.one_of(st.just(0.0), _positive(-6.0, 1.0))


def batch_sizes() -> st.SearchStrategy[int]:
    """M: at least 2, often a power of two, up to 4096."""
    return st.one_of(st.integers(2, 4096), st.integers(1, 12).map(lambda k: 2**k))


def slopes() -> st.SearchStrategy[float]:
    """The slope of leaky ReLU on the negative side, in [0, 1]."""
    return st.floats(0.0, 1.0)


def order_parameters() -> st.SearchStrategy[tuple[float, float, float]]:
    """A state (gamma, R, L)."""
    return st.tuples(scales(), overlaps(), lengths())


def activations() -> st.SearchStrategy[Activation]:
    """Activations with closed forms: continuous, polynomial on each side of 0, or with an erf."""
    import sympy as sp

    from bntheory.activations import X, of

    coefficient = st.integers(-4, 4).map(lambda k: sp.Rational(k, 2))
    sides = st.tuples(coefficient, coefficient, coefficient, coefficient)

    def piecewise(c: tuple[Any, ...]) -> sp.Expr:
        right, left = c[0] * X + c[1] * X**2 / 4, c[2] * X + c[3] * X**2 / 4
        return right if right == left else sp.Piecewise((right, X > 0), (left, True))

    def with_erf(c: tuple[Any, Any]) -> sp.Expr:
        return c[0] * X + sp.erf((abs(c[1]) + sp.Rational(1, 2)) * X)

    expressions = st.one_of(
        sides.filter(lambda c: any(c)).map(piecewise),
        st.tuples(coefficient, coefficient).map(with_erf),
    )
    return expressions.map(of)


def _positive(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda exponent: 10.0**exponent)


# -- the propositions as properties --------------------------------------------------------------


def check_proposition_1(
    variant: Any, zeta: float, L: float = 1.0, eta: float = 1e-3, tolerance: float = 1e-9
) -> None:
    """Assert that (gamma0, 1, L) is at rest up to terms in eta^2.

    Needs ``bn_fixed_point`` and ``bn_rates``.
    """
    gamma0 = float(variant.bn_fixed_point(zeta))

    def speeds(rate: float) -> list[float]:
        return [float(value) / rate for value in variant.bn_rates(gamma0, 1.0, L, rate, zeta)]

    slow, slower = speeds(eta), speeds(eta / 10)
    for name, a, b in zip(("gamma", "R", "L"), slow, slower, strict=True):
        limit = (10 * b - a) / 9  # what is left of the rate over eta as eta -> 0
        _require(
            abs(limit) <= tolerance,
            1,
            f"zeta = {zeta:g}, L = {L:g}",
            f"d{name}/dt over eta tends to {limit:.3g} at gamma0 = {gamma0:g}, not to 0",
        )


def check_proposition_2(
    variant: Any, eta: float, zeta: float, L0: float = 1.0, tolerance: float = 1e-4
) -> None:
    """Assert that lambda_gamma and lambda_R are what the rates' slopes at rest say.

    The slope in R is taken from below.  What Prop. 2 neglects, the term with I2 at rest, is put
    back.  Needs ``bn_fixed_point``, ``bn_rates``, ``bn_lambda_gamma``, ``bn_lambda_R`` and ``I2``.
    """
    gamma0 = float(variant.bn_fixed_point(zeta))
    neglected = eta**2 * gamma0**2 / (2 * L0**4) * float(variant.I2(gamma0, 1.0))

    def rate(gamma: float, R: float, k: int) -> float:
        return float(variant.bn_rates(gamma, R, L0, eta, zeta)[k])

    h = 1e-5 * gamma0
    of_gamma = (rate(gamma0 + h, 1.0, 0) - rate(gamma0 - h, 1.0, 0)) / (2 * h)

    def chord(gap: float) -> float:
        return (rate(gamma0, 1.0, 1) - rate(gamma0, 1.0 - gap, 1)) / gap

    of_R = 2 * chord(2.5e-9) - chord(1e-8)  # the error of a chord is of order sqrt(gap)
    where = f"eta = {eta:g}, zeta = {zeta:g}, L0 = {L0:g}"
    for name, measured, claimed in (
        ("lambda_gamma", of_gamma, float(variant.bn_lambda_gamma(eta, zeta))),
        ("lambda_R", of_R, float(variant.bn_lambda_R(eta, zeta, L0)) - neglected),
    ):
        size = eta * (1 + zeta) * max(1.0, 1 / L0**2, eta / L0**4)
        _require(
            abs(measured - claimed) <= tolerance * size,
            2,
            where,
            f"{name} is {claimed:.6g}, and the rates' slope is {measured:.6g}",
        )


def check_proposition_3(variant: Any, eta: float, zeta: float, L0: float = 1.0) -> None:
    """Assert that lambda_gamma < 0, and that lambda_R < 0 exactly where eta_eff < eta_max.

    Needs ``bn_lambda_gamma``, ``bn_lambda_R``, ``bn_eta_eff`` and ``bn_eta_max``.
    """
    where = f"eta = {eta:g}, zeta = {zeta:g}, L0 = {L0:g}"
    of_gamma = float(variant.bn_lambda_gamma(eta, zeta))
    _require(of_gamma < 0, 3, where, f"lambda_gamma = {of_gamma:.6g} is not negative")
    of_R = float(variant.bn_lambda_R(eta, zeta, L0))
    effective, largest = float(variant.bn_eta_eff(eta, zeta, L0)), float(variant.bn_eta_max(zeta))
    if math.isclose(effective, largest, rel_tol=1e-12):
        return
    _require(
        (of_R < 0) == (effective < largest),
        3,
        where,
        f"lambda_R = {of_R:.6g} with eta_eff = {effective:.6g} and eta_max = {largest:.6g}",
    )


def check_proposition_4(variant: Any, zeta: float) -> None:
    """Assert that decay raises the largest effective rate by 2 zeta at least.

    Needs ``bn_eta_max`` and ``wn_eta_max``.
    """
    gain = float(variant.bn_eta_max(zeta)) - float(variant.wn_eta_max())
    _require(
        gain >= 2 * zeta * (1 - 1e-12) - 1e-12,
        4,
        f"zeta = {zeta:g}",
        f"eta_max_bn - eta_max_wn = {gain:g}, below 2 zeta = {2 * zeta:g}",
    )


def _require(holds: bool, proposition: int, where: str, what: str) -> None:
    if not holds:
        raise AssertionError(f"Proposition {proposition} at {where}: {what}")
