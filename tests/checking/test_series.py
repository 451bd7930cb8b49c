"""The routes for series, integrals and batches take right results alone.

What they take was found by hand: Taylor series, integrals of Gauss and Euler, moments of sums, and
the textbook form of a batch's variance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from bntheory import checking
from bntheory.checking import Check
from bntheory.notation import SYMBOLS, A, A_prime, A_second

tau, z, gamma, beta, M = (SYMBOLS[name] for name in ("tau", "z", "gamma", "beta", "M"))
chi2, h1, h2, zeta, L = (SYMBOLS[name] for name in ("chi2", "h1", "h2", "zeta", "L"))
z1, z2, m1, m2 = (SYMBOLS[name] for name in ("z1", "z2", "m1", "m2"))
rho, skewness, mu_P, sigma_P = (SYMBOLS[n] for n in ("rho", "skewness", "mu_P", "sigma_P"))
r, k22, k12, k21 = (
    SYMBOLS[n] for n in ("correlation", "cokurtosis", "coskewness_12", "coskewness_21")
)
HALF, MILLIONTH = sp.Rational(1, 2), sp.Rational(1, 10**6)


def inverse_std(size: int) -> Any:
    """E[1/sigma_B] of a Gaussian batch."""
    with mp.workdps(30):
        m = mp.mpf(size)
        return mp.sqrt(m / 2) * mp.gamma(m / 2 - 1) / mp.gamma((m - 1) / 2)


def sum_of_powers(size: int) -> Any:
    """In half powers, with a symbol at 0.3."""
    with mp.workdps(30):
        root = 1 / mp.sqrt(size)
        return 2 + mp.mpf("0.3") * root**3 - root**4 / (1 + root)


#: The density of chi-square with k = M - 1 degrees of freedom.
DENSITY = chi2 ** ((M - 3) / 2) * sp.exp(-chi2 / 2) / (2 ** ((M - 1) / 2) * sp.gamma((M - 1) / 2))

#: A right link for each case, as published or by hand: the check, and the result.
RIGHT: dict[str, tuple[Callable[[Any], Check], Any]] = {
    "expansion of a root": (
        lambda after: checking.expansion(sp.sqrt(1 + tau * z), after, tau, 3),
        1 + tau * z / 2 - tau**2 * z**2 / 8 + tau**3 * z**3 / 16,
    ),
    "expansion of a quotient": (
        lambda after: checking.expansion(gamma / (1 - tau * z), after, tau, 2),
        gamma + gamma * tau * z + gamma * tau**2 * z**2,
    ),
    "expansion of an exponential": (
        lambda after: checking.expansion(sp.exp(tau * z) * (beta + tau), after, tau, 2),
        beta + tau * (beta * z + 1) + tau**2 * (beta * z**2 / 2 + z),
    ),
    "expansion of an open function": (
        lambda after: checking.expansion(A(beta + tau * z), after, tau, 2),
        A(beta) + tau * z * A_prime(beta) + tau**2 * z**2 * A_second(beta) / 2,
    ),
    "expansion of gamma functions": (
        lambda after: checking.expansion(
            sp.gamma(tau**-2 / 2 - 1) / sp.gamma(tau**-2 / 2 - HALF) / tau / sp.sqrt(2),
            after,
            tau,
            4,
        ),
        1 + tau**2 * sp.Rational(5, 4) + tau**4 * sp.Rational(73, 32),
    ),
    "integral, inverse of chi-square": (
        lambda after: checking.integral(DENSITY / chi2, chi2, sp.oo, after, {M: 3}),
        1 / (M - 3),
    ),
    "integral of a Gaussian": (
        lambda after: checking.integral(
            gamma * z**4 * sp.exp(-(z**2) / 2) + zeta * sp.exp(-z), z, sp.oo, after, {}
        ),
        3 * gamma * sp.sqrt(sp.pi / 2) + zeta,
    ),
    "integral to a finite end": (
        lambda after: checking.integral(gamma * h2 * (h1 - h2) + zeta, h2, h1, after, {}),
        gamma * h1**3 / 6 + zeta * h1,
    ),
    "asymptotics of gamma functions": (
        lambda after: checking.asymptotics(inverse_std, after, tau, 4, {}),
        1 + tau**2 * sp.Rational(5, 4) + tau**4 * sp.Rational(73, 32),
    ),
    "asymptotics in half powers": (
        lambda after: checking.asymptotics(sum_of_powers, after, tau, 4, {zeta: mp.mpf("0.3")}),
        2 + zeta * tau**3 - tau**4,
    ),
}


def terms(after: sp.Expr) -> list[sp.Expr]:
    return list(sp.Add.make_args(sp.expand(after)))


WRONG: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "sign": lambda after: -after,
    "factor 2": lambda after: 2 * after,
    "1e-6 off": lambda after: after * (1 + MILLIONTH),
    "1e-6 added": lambda after: after + MILLIONTH,
    "first term dropped": lambda after: after - terms(after)[0],
    "last term dropped": lambda after: after - terms(after)[-1],
    "another symbol": lambda after: after + L,
    "another symbol, small": lambda after: after + MILLIONTH * SYMBOLS["R"],
}


@pytest.mark.parametrize("case", RIGHT)
def test_the_right_result_is_taken(case: str) -> None:
    verify, after = RIGHT[case]
    check = verify(after)
    assert check.passed
    assert check.method == "sampled" and check.points >= 2 and check.digits >= 7


#: Half a second each: not for all that is planted.
SLOW = ("integral, inverse of chi-square",)
PLANTED = [
    (case, wrong)
    for case in RIGHT
    for wrong in WRONG
    if case not in SLOW or wrong in ("sign", "1e-6 off", "another symbol, small")
]


@pytest.mark.parametrize(("case", "wrong"), PLANTED)
def test_a_wrong_result_is_refused(case: str, wrong: str) -> None:
    verify, after = RIGHT[case]
    assert not verify(WRONG[wrong](after)).passed


SERIES = [case for case in RIGHT if RIGHT[case][1].has(tau)]


@pytest.mark.parametrize("case", SERIES)
def test_every_coefficient_counts(case: str) -> None:
    """The last one included: each is dropped, doubled, turned, or a little off.

    A millionth for an expansion; values at M = 64 to 1024 see a fifth of one.
    """
    verify, after = RIGHT[case]
    for k in range(1, sp.degree(after, tau) + 1):
        term = sp.expand(after).coeff(tau, k) * tau**k
        small = sp.Rational(1, 5) if case.startswith("asymptotics") else MILLIONTH
        for other in (-term, term, -2 * term, small * term, -small * term):
            if term != 0:
                assert not verify(after + other).passed, (k, other)


@pytest.mark.parametrize("case", SERIES)
def test_a_power_more_or_less(case: str) -> None:
    verify, after = RIGHT[case]
    assert not verify(after.xreplace({tau: tau**2})).passed
    assert not verify(after + tau / 10).passed
    assert not verify(after + sp.sqrt(tau) / 10).passed


def test_the_digits_are_those_of_the_last_power_at_1e_10() -> None:
    """A wrong one has none."""
    verify, after = RIGHT["expansion of an exponential"]
    assert verify(after).digits in (9, 10)
    for case in ("expansion of a root", "expansion of gamma functions"):
        verify, after = RIGHT[case]
        assert verify(2 * after).digits == 0


def test_a_series_may_have_more_terms_than_asked_for() -> None:
    assert checking.expansion(sp.exp(tau), 1 + tau + tau**2 / 2, tau, 1).passed
    assert not checking.expansion(sp.exp(tau), 1 + tau, tau, 2).passed


@pytest.mark.parametrize("size", [MILLIONTH, sp.Rational(1, 10**8)])
def test_a_nearly_right_coefficient_of_an_expansion_is_refused(size: sp.Expr) -> None:
    """The last one, too: what is left over stops to fall."""
    verify, after = RIGHT["expansion of a root"]
    assert not verify(after + size * tau**3).passed
    assert not verify(after + size * tau).passed


def test_asymptotics_need_the_values_of_the_symbols() -> None:
    verify, after = RIGHT["asymptotics in half powers"]
    assert not checking.asymptotics(
        sum_of_powers, after, tau, 4, {zeta: mp.mpf("0.31")}
    ).passed
    assert not checking.asymptotics(
        lambda size: sum_of_powers(size) + 1 / size, after, tau, 4, {zeta: mp.mpf("0.3")}
    ).passed


def test_an_integral_over_another_interval_is_refused() -> None:
    """The finite end is the one that was asked for."""
    _, after = RIGHT["integral to a finite end"]
    assert not checking.integral(gamma * h2 * (h1 - h2) + zeta, h2, 2 * h1, after, {}).passed


# -- the statistics of a batch -------------------------------------------------------------------

OF_ANY = {z: sp.S.Zero, z**2: sp.S.One, z**3: skewness, z**4: rho + 3}
OF_GAUSSIAN = {z: 0, z**2: 1, z**3: 0, z**4: 3, z**5: 0, z**6: 15, z**7: 0, z**8: 105}
OF_GAUSSIAN = {monomial: sp.sympify(value) for monomial, value in OF_GAUSSIAN.items()}
OF_TWO = {
    **{z1: sp.S.Zero, z2: sp.S.Zero, z1**2: sp.S.One, z2**2: sp.S.One, z1 * z2: r},
    **{z1 * z2**2: k12, z1**2 * z2: k21, z1**2 * z2**2: k22 + 1 + 2 * r**2},
}
#: The same, but that the names are not the moments themselves.
OF_OTHER_NAMES = {z: sp.S.Zero, z**2: sp.S.One, z**3: 3 * skewness, z**4: 1 - rho / 2}
SUMS = {m1: tau * z, m2: tau * (z**2 - 1)}
PAIR = {m1: tau * z1, m2: tau * (z2**2 - 1)}
ALL, OTHERS = 1 / tau**2, 1 / tau**2 - 1
SHARE = 1 - tau**2


def by_enumeration(sums: dict, law: dict, count: sp.Expr, monomials: list) -> Callable[..., Check]:
    return lambda after: checking.enumeration(sums, law, count, sp.Tuple(*monomials), after)


#: Each check of moments, and the right ones: of a sum of n terms of mean 0, divided by sqrt(M).
MOMENTS: dict[str, tuple[Callable[..., Check], sp.Tuple]] = {
    "the batch": (
        by_enumeration(SUMS, OF_ANY, ALL, [m1, m1**2, m1 * m2, m2**2]),
        sp.Tuple(0, 1, skewness, rho + 2),
    ),
    "the others": (
        by_enumeration(SUMS, OF_ANY, OTHERS, [m2, m1**2, m1 * m2, m2**2]),
        sp.Tuple(0, SHARE, SHARE * skewness, SHARE * (rho + 2)),
    ),
    "other names of the moments": (
        by_enumeration(SUMS, OF_OTHER_NAMES, ALL, [m1**2, m1 * m2, m2**2]),
        sp.Tuple(1, 3 * skewness, -rho / 2),
    ),
    "a third moment": (
        by_enumeration(SUMS, OF_ANY, ALL, [m1**3, m1**4]),
        sp.Tuple(tau * skewness, 3 + tau**2 * rho),
    ),
    "a Gaussian": (
        by_enumeration(SUMS, OF_GAUSSIAN, OTHERS, [m1**2, m2**2, m1**2 * m2, m2**3]),
        sp.Tuple(SHARE, 2 * SHARE, 2 * tau * SHARE, 8 * tau * SHARE),
    ),
    "two neurons": (
        by_enumeration(PAIR, OF_TWO, ALL, [m1 * m2, m1**2, m1]),
        sp.Tuple(k12, 1, 0),
    ),
    "two neurons, squares": (
        by_enumeration(
            {m1: tau * (z1**2 - 1), m2: tau * (z2**2 - 1)}, OF_TWO, ALL, [m1 * m2, m2]
        ),
        sp.Tuple(k22 + 2 * r**2, 0),
    ),
}

#: The textbook forms: the variance is the mean square less the square of the mean.
MEAN = tau**2 * z + tau * m1
VARIANCE = 1 + tau * m2 + tau**2 * (z**2 - 1) - (tau**2 * z + tau * m1) ** 2
BATCH = (lambda after: checking.explicit_batch(after, z, (m1, m2), tau), sp.Tuple(MEAN, VARIANCE))
#: The checks of batches, with the right results.
BATCHES = {**MOMENTS, "explicit batches": BATCH}


def at(k: int, change: Callable[[sp.Expr], sp.Expr]) -> Callable[[sp.Tuple], sp.Tuple]:
    """Change one entry."""
    return lambda after: sp.Tuple(*after[:k], change(after[k]), *after[k:][1:])


def first_of_any(change: Callable[[sp.Expr], sp.Expr]) -> Callable[[sp.Tuple], sp.Tuple]:
    """Change the first entry that is not 0."""
    return lambda after: at(next(k for k, e in enumerate(after) if e != 0), change)(after)


WRONG_ENTRIES: dict[str, Callable[[sp.Tuple], sp.Tuple]] = {
    "sign": first_of_any(lambda e: -e),
    "factor 2": first_of_any(lambda e: 2 * e),
    "1e-6 off": first_of_any(lambda e: e * (1 + MILLIONTH)),
    "1e-6 added to the first": at(0, lambda e: e + MILLIONTH),
    "1e-6 added to the last": at(-1, lambda e: e + MILLIONTH),
    "another symbol": at(0, lambda e: e + L),
    "a symbol of the batch": at(0, lambda e: e + tau / 3),
    "first term dropped": first_of_any(lambda e: sp.Add(*sp.expand(e).args[1:])),
    "swapped": lambda after: sp.Tuple(after[1], after[0], *after[2:]),
    "last two swapped": lambda after: sp.Tuple(*after[:-2], after[-1], after[-2]),
}


@pytest.mark.parametrize("case", BATCHES)
def test_the_right_statistics_are_taken(case: str) -> None:
    verify, after = BATCHES[case]
    check = verify(after)
    assert check.passed and check.method == "sampled"
    assert check.points >= 1 and check.digits >= 25


@pytest.mark.parametrize("case", BATCHES)
@pytest.mark.parametrize("wrong", WRONG_ENTRIES)
def test_wrong_statistics_are_refused(case: str, wrong: str) -> None:
    verify, after = BATCHES[case]
    mutant = WRONG_ENTRIES[wrong](after)
    if mutant != after:
        assert not verify(mutant).passed


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        ("the batch", sp.Tuple(0, 1, skewness, rho + 3)),  # the kurtosis that is not the excess
        ("the batch", sp.Tuple(0, 1, 0, rho + 2)),
        ("the batch", sp.Tuple(0, 1, skewness, 2)),
        ("the batch", sp.Tuple(0, SHARE, skewness, rho + 2)),  # the others, not all
        ("the others", sp.Tuple(0, 1, SHARE * skewness, SHARE * (rho + 2))),
        ("the others", sp.Tuple(0, SHARE, SHARE * skewness, rho + 2)),
        ("a third moment", sp.Tuple(0, 3 + tau**2 * rho)),
        ("a third moment", sp.Tuple(tau * skewness, 3)),
        ("a Gaussian", sp.Tuple(SHARE, 2 * SHARE, 2 * tau * SHARE, 0)),
        ("two neurons", sp.Tuple(k21, 1, 0)),
        ("two neurons, squares", sp.Tuple(k22 + 1 + 2 * r**2, 0)),
        ("two neurons, squares", sp.Tuple(k22, 0)),
    ],
)
def test_moments_that_come_near_are_refused(case: str, wrong: sp.Tuple) -> None:
    verify, _ = MOMENTS[case]
    assert not verify(wrong).passed


@pytest.mark.parametrize(
    "wrong",
    [
        sp.Tuple(MEAN, VARIANCE / SHARE),  # the unbiased divisor
        sp.Tuple(MEAN, sp.sqrt(VARIANCE)),
        sp.Tuple(MEAN, VARIANCE + MEAN**2),
        sp.Tuple(MEAN, VARIANCE - tau**2 * (z**2 - 1)),  # the member left out
        sp.Tuple(tau * m1, VARIANCE),
        sp.Tuple(tau * z + tau * m1, VARIANCE),
        sp.Tuple(MEAN + mu_P, sigma_P**2 * VARIANCE),
    ],
    ids=str,
)
def test_statistics_that_come_near_are_refused(wrong: sp.Tuple) -> None:
    assert not BATCH[0](wrong).passed


def test_another_number_of_entries_is_refused() -> None:
    verify, after = MOMENTS["the batch"]
    with pytest.raises(ValueError):
        verify(sp.Tuple(*after[:-1]))


# -- the exact law of a Gaussian batch -----------------------------------------------------------


def measured(size: int, batches: int = 240_000) -> tuple[np.ndarray, np.ndarray]:
    """Return E[s] and E[-z z_hat; z < 0 < z_hat] of sampled batches, and their standard errors."""
    rng = np.random.default_rng(size)
    sums, squares, blocks = np.zeros(2), np.zeros(2), 8
    for _ in range(blocks):
        batch = rng.standard_normal((batches // blocks, size))
        deviation = batch.std(axis=1)
        hat = (batch - batch.mean(axis=1, keepdims=True)) / deviation[:, None]
        kinked = (-batch * hat * ((batch < 0) & (hat > 0))).mean(axis=1)
        for k, values in enumerate((deviation, kinked)):
            sums[k] += values.sum()
            squares[k] += (values**2).sum()
    mean = sums / batches
    return mean, np.sqrt((squares / batches - mean**2) / batches)


@pytest.mark.parametrize("size", [6, 12, 24])
def test_a_gaussian_batch_is_as_sampled(size: int) -> None:
    found = np.array(checking.gaussian_batch(size))
    mean, error = measured(size)
    assert (np.abs(found - mean) < 4.5 * error).all()
    assert (error < 0.02 * mean).all()
    for factor in (2.0, 0.5, 1 + 1 / size):  # another constant, the unbiased deviation
        assert (np.abs(factor * found - mean) > 4.5 * error).any()


@pytest.mark.parametrize("size", [5, 64, 256, 1024, 4096])
def test_the_deviation_of_a_gaussian_batch(size: int) -> None:
    """Against its closed form (the mean of a chi variable), to the digits of the quadrature."""
    with mp.workdps(30):
        m = mp.mpf(size)
        expected = mp.sqrt(2 / m) * mp.gamma(m / 2) / mp.gamma((m - 1) / 2)
    assert checking.gaussian_batch(size)[0] == pytest.approx(float(expected), rel=1e-11)


def test_the_kink_falls_with_the_power_three_halves() -> None:
    """E[-z z_hat; ...] M^(3/2) goes to the integral of h2 (h1 - h2) over both densities."""
    with mp.workdps(20):
        limit = mp.quad(lambda h: mp.npdf(h) * h**3 / 6, [0, 2, 12]) * mp.npdf(0)
    scaled = [checking.gaussian_batch(M)[1] * M**1.5 for M in (64, 256, 1024)]
    gaps = np.abs(np.array(scaled) - float(limit))
    assert (gaps[1:] < 0.3 * gaps[:-1]).all() and gaps[-1] < 4e-3 * float(limit)
