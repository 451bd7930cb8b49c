"""Wrong definitions of a batch meet batches: all of those that a law with a few atoms makes.

A derivation that starts from a wrong definition may be refused by its own checks.  Where all its
links hold nevertheless, its result has to disagree with the enumeration.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sympy as sp
from network import value
from scipy.special import gammaln

from bntheory.calculus.batch_noise import ANY, GAUSSIAN, Law
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import batch, c1_rf, c4, own_batch, own_batch_decay, own_batch_gaussian, prior

tau, z, rho, skewness = (SYMBOLS[name] for name in ("tau", "z", "rho", "skewness"))
m1, m2, M = (SYMBOLS[name] for name in ("m1", "m2", "M"))
SIZES = (40, 56, 80, 112, 150, 200)

P = np.array([0.3, 0.25, 0.45])
X = np.array([-1.0, 0.2, 1.7])
X = (X - P @ X) / np.sqrt(P @ X**2 - (P @ X) ** 2)
LAW = {"rho": float(P @ X**4) - 3, "skewness": float(P @ X**3)}
MEMBERS = (-0.7, 1.3)


@cache
def batches(total: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probability, sum and sum of squares of all samples of a size."""
    every = np.array([c for c in product(range(total + 1), repeat=2) if sum(c) <= total])
    every = np.column_stack([every, total - every.sum(axis=1)])
    logs = gammaln(total + 1) - gammaln(every + 1).sum(axis=1) + every @ np.log(P)
    return np.exp(logs), every @ X, every @ X**2


def coefficient(values: list[float], of: int = 0) -> float:
    """Return the coefficient of 1/M**(1 + of)."""
    inverse = 1 / np.array(SIZES, dtype=float)
    return float(
        np.linalg.solve(np.vander(inverse, increasing=True), np.array(values) / inverse)[of]
    )


@cache
def of_batch(name: str) -> float:
    """Return the coefficient of 1/M of a moment of the mean and the deviation of a batch."""
    values = []
    for size in SIZES:
        p, total, squares = batches(size)
        mean = total / size
        s = np.sqrt(np.maximum(squares / size - mean**2, 0.0))
        values.append(
            {
                "std_bias": lambda p=p, s=s: p @ (s - 1),
                "std_variance": lambda p=p, s=s: p @ (s - 1) ** 2,
                "covariance": lambda p=p, s=s, m=mean: p @ (m * (s - 1)),
                "mean_variance": lambda p=p, m=mean: p @ m**2,
            }[name]()
        )
    return coefficient(values)


@cache
def of_member(power: int, kind: str, here: float) -> float:
    """Return the coefficient of 1/M of E (z_hat - z)^power, given z."""
    values = []
    for size in SIZES:
        p, total, squares = batches(size - 1)
        mean = (total + here) / size
        variance = (squares + here**2) / size - mean**2
        s = 1.0 if kind == "_mean_only" else np.sqrt(np.maximum(variance, 0.01))
        hat = (here if kind == "_std_only" else here - mean) / s
        values.append(float(p @ (hat - here) ** power))
    return coefficient(values)


def prior_agrees(derivation: Derivation) -> bool:
    names = ("std_bias", "std_variance", "covariance", "mean_variance")
    found = [7 * value(sp.sympify(derivation[n]), **LAW, M=7.0, sigma_P=1.0) for n in names]
    return bool(np.allclose(found, [of_batch(n) for n in names], rtol=1e-4, atol=1e-6))


def member_agrees(derivation: Derivation) -> bool:
    """Shift and spread of batch normalization, with the mean alone and with the deviation alone."""
    for kind, (what, power), here in product(
        ("", "_mean_only", "_std_only"), (("shift", 1), ("spread", 2)), MEMBERS
    ):
        found = 7 * value(sp.sympify(derivation[what + kind]), **LAW, M=7.0, z=here)
        if not np.isclose(found, of_member(power, kind, here), rtol=1e-4, atol=1e-5):
            return False
    return True


def caught(module: ModuleType, agrees: Callable[[Derivation], bool]) -> bool:
    """Whether an error is seen: by an exception, by a check, or by the enumeration."""
    try:
        derivation = module.derive.__wrapped__()
    except (KeyError, ValueError, sp.PolynomialError):
        return True
    return not derivation.passed or not agrees(derivation)


def test_the_right_definitions_meet_the_enumeration() -> None:
    for module, agrees in ((prior, prior_agrees), (own_batch, member_agrees)):
        derivation = module.derive()
        assert derivation.passed and agrees(derivation)


def law(third: Any = skewness, fourth: Any = rho + 3, second: Any = 1) -> Law:
    moments = {z: 0, z**2: second, z**3: third, z**4: fourth}
    return Law({monomial: sp.sympify(moment) for monomial, moment in moments.items()})


#: Where, what, and the wrong value.
DEFINITIONS: dict[str, tuple[ModuleType, str, Any]] = {
    "squares without - 1": (batch, "SUMS", {m1: tau * z, m2: tau * z**2}),
    "sums without tau": (batch, "SUMS", {m1: z, m2: z**2 - 1}),
    "a sum of cubes": (batch, "SUMS", {m1: tau * z, m2: tau * (z**3 - 1)}),
    "a sign of the squares": (batch, "SUMS", {m1: tau * z, m2: -tau * (z**2 - 1)}),
    "a sign of the mean": (batch, "SUMS", {m1: -tau * z, m2: tau * (z**2 - 1)}),
    "half of the others": (batch, "OTHERS", 1 / (2 * tau**2) - 1),
    "the kurtosis that is not the excess": (own_batch, "ANY", law(fourth=rho)),
    "a Gaussian's fourth moment": (own_batch, "ANY", law(fourth=sp.S(3))),
    "no skewness": (own_batch, "ANY", law(third=sp.S.Zero)),
    "the skewness turned round": (own_batch, "ANY", law(third=-skewness)),
    "a Gaussian": (own_batch, "ANY", GAUSSIAN),
    "variance 2": (own_batch, "ANY", law(second=2)),
}


def statistics(mean: Any, variance: Callable[[sp.Expr], sp.Expr]) -> Callable[[Proof], Any]:
    """Make a wrong ``member_statistics``, whose one step is checked as the right one is."""
    from bntheory import checking

    def wrong(d: Proof) -> tuple[sp.Expr, sp.Expr]:
        names = sp.Tuple(SYMBOLS["mu_B"], SYMBOLS["sigma_B"] ** 2)
        found = sp.Tuple(mean, variance(mean))
        return tuple(
            d.step("batch", "wrong", names, found,
                   lambda after: checking.explicit_batch(after, z, (m1, m2), tau))
        )

    return wrong


MEAN = tau**2 * z + tau * m1
SQUARE = 1 + tau * m2 + tau**2 * (z**2 - 1)
STATISTICS = {
    "the unbiased variance": statistics(MEAN, lambda m: (SQUARE - m**2) / (1 - tau**2)),
    "the mean square": statistics(MEAN, lambda m: SQUARE),
    "a mean without its member": statistics(tau * m1, lambda m: SQUARE - m**2),
    "a variance without its member": statistics(MEAN, lambda m: 1 + tau * m2 - m**2),
    "no member at all": statistics(tau * m1, lambda m: 1 + tau * m2 - m**2),
}


def patched(monkeypatch: pytest.MonkeyPatch, where: ModuleType, name: str, wrong: Any) -> None:
    """Replace a definition, also where it was imported."""
    for module in (where, prior, own_batch, own_batch_gaussian):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, wrong)


@pytest.mark.parametrize("error", DEFINITIONS)
def test_a_wrong_definition_is_caught(monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    patched(monkeypatch, *DEFINITIONS[error])
    assert caught(own_batch, member_agrees)
    if DEFINITIONS[error][1] != "OTHERS":
        assert caught(prior, prior_agrees)


@pytest.mark.parametrize("error", STATISTICS)
def test_wrong_statistics_of_a_batch_are_caught(
    monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    """By their own check already, and by the enumeration if that check were not there."""
    patched(monkeypatch, batch, "member_statistics", STATISTICS[error])
    derivation = own_batch.derive.__wrapped__()
    assert not derivation.passed
    assert not member_agrees(derivation)


@pytest.mark.parametrize("others", [1 / tau**2, 1 / tau**2 - 2], ids=str)
def test_one_sample_more_or_less_is_caught_at_the_second_order(
    monkeypatch: pytest.MonkeyPatch, others: sp.Expr
) -> None:
    """All links hold, as a check enumerates what it is told; and at first order nothing changes."""
    patched(monkeypatch, batch, "OTHERS", others)
    assert not caught(own_batch, member_agrees)
    second = own_batch_gaussian.derive.__wrapped__()
    assert second.passed
    assert not gaussian_agrees(second)


# -- a Gaussian, to the second order --------------------------------------------------------------


@cache
def gaussian_moments(power: int, here: float) -> tuple[float, float]:
    """Return the coefficients of 1/M and 1/M^2 of E (z_hat - z)^power, by quadrature.

    Given z the mean of the others is Gaussian, and their sum of squares is chi-square.
    """
    x, of_x = np.polynomial.hermite_e.hermegauss(40)
    t, of_t = np.polynomial.legendre.leggauss(90)
    values = []
    for size in SIZES:
        k = size - 2
        S = k + np.sqrt(2 * k) * (13 * t + 2)
        S, wide = np.maximum(S, 1e-9), S > 0
        density = of_t * wide * np.exp((k / 2 - 1) * np.log(S / k) - (S - k) / 2)
        weights = np.outer(of_x / of_x.sum(), density / density.sum())
        d = here - x[:, None] / np.sqrt(size - 1)
        hat = (1 - 1 / size) * d / np.sqrt((S + (1 - 1 / size) * d**2) / size)
        values.append(float((weights * (hat - here) ** power).sum()))
    return coefficient(values, 0), coefficient(values, 1)


def gaussian_agrees(derivation: Derivation) -> bool:
    names = ("shift", "spread", "third", "fourth")
    for (k, name), here in product(enumerate(names, 1), MEMBERS):
        expr = sp.Poly(sp.expand(derivation[name].subs(M, 1 / tau**2)), tau)
        found = [float(expr.coeff_monomial(tau**n).subs(z, here)) for n in (2, 4)]
        if not np.allclose(found, gaussian_moments(k, here), rtol=1e-3, atol=1e-3):
            return False
    return True


def test_the_right_gaussian_meets_the_quadrature() -> None:
    assert gaussian_agrees(own_batch_gaussian.derive())


@pytest.mark.parametrize("power", [2, 3, 5, 8])
def test_a_wrong_moment_of_the_gaussian_is_caught(
    monkeypatch: pytest.MonkeyPatch, power: int
) -> None:
    moments = {**GAUSSIAN.moments, z**power: GAUSSIAN.moments[z**power] + 1}
    monkeypatch.setattr(own_batch_gaussian, "GAUSSIAN", Law(moments))
    assert caught(own_batch_gaussian, gaussian_agrees)


# -- what rests on it -----------------------------------------------------------------------------


def linear_pull() -> float:
    """Return M (1 - E s)/2: the pull on a linear student, with y = h_bar."""
    return -of_batch("std_bias") / 2


@pytest.mark.parametrize("error", ["right", "law", "shift", "spread"])
def test_the_pull_on_a_linear_student(monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    """With the law of z, or with the shift or the spread of a member, wrong."""
    right = own_batch.derive()
    if error == "law":
        monkeypatch.setattr(own_batch_decay, "ANY", law(fourth=rho))
    elif error != "right":
        sums = {name: right[name] for name in ("shift", "spread")}
        sums[error] = sums[error] + (z if error == "shift" else z**2) / M
        wrong = {**right.results, **sums}
        monkeypatch.setattr(own_batch_decay, "own_batch", Stub(wrong, right))
    found = own_batch_decay.derive.__wrapped__()
    linear = 7 * value(sp.sympify(found["own_batch_decay_linear"]), **LAW, M=7.0)
    agrees = bool(np.isclose(linear, linear_pull(), rtol=1e-4))
    assert (found.passed and agrees) is (error == "right")


class Stub:
    """A module whose derivation has other results."""

    def __init__(self, results: dict[str, Any], right: Derivation) -> None:
        from dataclasses import replace

        self.found = replace(right, results=results)

    def derive(self) -> Derivation:
        return self.found


def test_the_noise_model_disagrees_with_the_enumeration() -> None:
    """All its links hold: it is the independence of the sample that is wrong."""
    derivation = c1_rf.derive()
    shift = derivation["shift"] / SYMBOLS["gamma"]
    found = [7 * value(shift, **LAW, M=7.0, z=here) for here in MEMBERS]
    assert derivation.passed
    assert not np.allclose(found, [of_member(1, "", here) for here in MEMBERS], rtol=0.05)


JOINT = {**c4.TWO.moments}
z1, z2 = SYMBOLS["z1"], SYMBOLS["z2"]
COUPLINGS: dict[str, dict[str, Any]] = {
    "right": {},
    "the correlation turned round": {"TWO": Law({**JOINT, z1 * z2: -JOINT[z1 * z2]})},
    "another fourth moment": {"TWO": Law({**JOINT, z1**2 * z2**2: JOINT[z1**2 * z2**2] + 1})},
    "coskewness exchanged": {
        "TWO": Law({**JOINT, z1**2 * z2: JOINT[z1 * z2**2], z1 * z2**2: JOINT[z1**2 * z2]})
    },
    "a sum of z for one of squares": {"SUMS": {**c4.SUMS, c4.b1: tau * z1}},
    "half of the squares": {"SUMS": {**c4.SUMS, c4.b1: tau * (z1**2 - 1) / 2}},
}


def coupled(here: tuple[float, float]) -> tuple[float, dict[str, float]]:
    """Return the coefficient of 1/M for the second neuron an affine function of z^2 of the first.

    The atoms are those of the law; both neurons are standardized.
    """
    Y = X**2 + 0.5 * X
    Y = (Y - P @ Y) / np.sqrt(P @ Y**2 - (P @ Y) ** 2)
    values = []
    for size in SIZES:
        every = np.array([c for c in product(range(size), repeat=2) if sum(c) < size])
        every = np.column_stack([every, size - 1 - every.sum(axis=1)])
        p = np.exp(gammaln(size) - gammaln(every + 1).sum(axis=1) + every @ np.log(P))
        added = np.ones(len(p))
        for place, atoms in zip(here, (X, Y), strict=True):
            mean = (every @ atoms + place) / size
            variance = (every @ atoms**2 + place**2) / size - mean**2
            added *= (place - mean) / np.sqrt(np.maximum(variance, 0.01)) - place
        values.append(float(p @ added))
    r = float(P @ (X * Y))
    moments = {
        "correlation": r,
        "cokurtosis": float(P @ (X * Y) ** 2) - 1 - 2 * r**2,
        "coskewness_12": float(P @ (X * Y**2)),
        "coskewness_21": float(P @ (X**2 * Y)),
    }
    return coefficient(values), moments


@pytest.mark.parametrize("error", COUPLINGS)
def test_the_coupling_of_two_neurons(monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    for name, wrong in COUPLINGS[error].items():
        monkeypatch.setattr(c4, name, wrong)

    def agrees(derivation: Derivation) -> bool:
        for here in ((0.7, -1.1), (1.2, 0.4)):
            wanted, moments = coupled(here)
            numbers = {"gamma1": 1.0, "gamma2": 1.0, "hessian_12": 1.0, "M": 7.0}
            numbers |= {"z1": here[0], "z2": here[1], **moments}
            found = 7 * value(derivation["coupling"], **numbers)
            if not np.isclose(found, wanted, rtol=1e-3, atol=1e-4):
                return False
        return True

    assert caught(c4, agrees) is (error != "right")


def test_the_law_of_the_tests_is_standardized_skewed_and_not_gaussian() -> None:
    assert P @ X == pytest.approx(0, abs=1e-12) and P @ X**2 == pytest.approx(1)
    assert abs(LAW["skewness"]) > 0.1 and abs(LAW["rho"]) > 0.5
    assert ANY.mean(z**4).subs(rho, LAW["rho"]) == pytest.approx(P @ X**4)
