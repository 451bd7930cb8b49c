"""What a batch adds to the loss of its member, against all batches; planted errors are refuted."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from all_batches import (
    KINDS,
    SIZES,
    Law,
    Loss,
    betas,
    coefficient,
    counts,
    excess_by_enumeration,
    expected,
    gammas,
    given_a_member,
    hats,
    laws3,
    losses,
    members,
    multiplicities,
    shape,
    standardized,
    terms_of_excess,
)
from hypothesis import given
from hypothesis import strategies as st
from planting import mutants
from regularizer_members import FEW, arguments, member

from bntheory.formulas import regularizer


@given(law=laws3, loss=losses, gamma=gammas, beta=betas, z=members)
def test_what_a_batch_adds_to_the_loss_of_its_member(
    law: Law, loss: Loss, gamma: float, beta: float, z: float
) -> None:
    rho, skewness = shape(law)
    d = loss.derivatives(gamma * z + beta)
    found = 7.0 * regularizer.own_batch_excess(gamma, z, 7.0, rho, skewness, d[0], d[1])
    wanted = excess_by_enumeration(loss, gamma, beta, z, law)
    room = terms_of_excess(gamma, z, rho, skewness, d) + gamma**2 * sum(map(abs, d))
    assert abs(found - wanted) <= 1e-4 * room + 1e-9


@given(law=laws3, gamma=gammas, beta=betas, z=members, loss=losses)
def test_for_an_atom_of_the_law_itself(
    law: Law, gamma: float, beta: float, z: float, loss: Loss
) -> None:
    """The member is one of the atoms, as in a real batch."""
    rho, skewness = shape(law)
    for atom in law[1][:, 0]:
        d = loss.derivatives(gamma * atom + beta)
        found = 3.0 * regularizer.own_batch_excess(gamma, atom, 3.0, rho, skewness, d[0], d[1])
        wanted = excess_by_enumeration(loss, gamma, beta, atom, law)
        room = terms_of_excess(gamma, atom, rho, skewness, d) + gamma**2 * sum(map(abs, d))
        assert abs(found - wanted) <= 1e-4 * room + 1e-9


@pytest.mark.parametrize("kind", KINDS)
@given(law=laws3, z=members)
def test_shift_and_spread(kind: str, law: Law, z: float) -> None:
    rho, skewness = shape(law)
    here = {"z": z, "M": 11.0, "rho": rho, "skewness": skewness}
    for what, power in (("shift", 1), ("spread", 2)):
        name = f"own_batch_{what}{kind}"
        found = 11.0 * member(name)(**{a: here[a] for a in arguments(name)})
        wanted = coefficient(
            [expected(kind, z, law, M, lambda hat, k=power: (hat - z) ** k) for M in SIZES]
        )
        rare = 10 if kind == "_std_only" else 1  # batches of small deviation, at M = 40 still
        assert abs(found - wanted) < 2e-5 * rare * (1 + abs(z)) ** 3 * (4 + abs(rho))


@given(weights=st.lists(st.floats(0.05, 1.0), min_size=2, max_size=6), data=st.data())
def test_over_its_batch_a_member_has_variance_1(weights: list[float], data: st.DataObject) -> None:
    """Whatever the law: the means of shift, and of 2 z shift + spread, are 0; in the model not."""
    steps = [data.draw(st.floats(0.1, 2.0)) for _ in weights]
    law = standardized(weights, list(np.cumsum(steps)))
    (rho, skewness), (p, z) = shape(law), (law[0], law[1][:, 0])
    shift = regularizer.own_batch_shift(z, 1.0, rho, skewness)
    spread = regularizer.own_batch_spread(z, 1.0, rho, skewness)
    size = p @ (np.abs(z * shift) + spread)
    assert abs(p @ shift) < 1e-12 * size and abs(p @ (2 * z * shift + spread)) < 1e-12 * size
    noise = 2 * z * regularizer.noise_shift(1.0, z, 1.0, rho)
    model = p @ (noise + regularizer.noise_spread(1.0, z, 1.0, rho))
    assert model > 0.2 * (rho + 2) + 0.5


# -- planted errors, met by the same oracle -------------------------------------------------------

SKEWED = standardized([4, 3, 5], [0.0, 0.7, 2.0])
LOSS = Loss((0.9, -0.6, 0.5, 0.4, 0.3), 0.8)
CASES = [(0.8, 0.3, 1.2), (1.1, -0.4, -0.9), (0.6, 0.2, 0.4)]  # gamma, beta, z


@cache
def truths() -> list[float]:
    return [excess_by_enumeration(LOSS, *case, SKEWED) for case in CASES]


def own(gamma: float, z: float, rho: float, skewness: float, d: list[float]) -> float:
    return float(regularizer.own_batch_excess(gamma, z, 1.0, rho, skewness, d[0], d[1]))


def shifted(by: Callable[..., float]) -> Callable[..., float]:
    """Add to E[h_hat - h_bar], over gamma."""
    return lambda gamma, z, rho, skewness, d: own(gamma, z, rho, skewness, d) + gamma * d[
        0
    ] * by(z, rho, skewness)


def noise_model(gamma: float, z: float, rho: float, skewness: float, d: list[float]) -> float:
    first = d[0] * regularizer.noise_shift(gamma, z, 1.0, rho)
    return float(first + d[1] * regularizer.noise_spread(gamma, z, 1.0, rho) / 2)


WRONG: dict[str, Callable[..., float]] = {
    "the kurtosis that is not the excess": lambda g, z, rho, k, d: own(g, z, rho + 3, k, d),
    "the bias of sigma_B": shifted(lambda z, rho, k: -z * (rho + 6) / 8),
    "a member of its batch: the mean": shifted(lambda z, rho, k: z),
    "a member of its batch: the deviation": shifted(lambda z, rho, k: (z**3 - z) / 2),
    "the skewness": lambda g, z, rho, k, d: own(g, z, rho, 0.0, d),
    "the sign of the skewness": lambda g, z, rho, k, d: own(g, z, rho, -k, d),
    "the correlation of mean and deviation": shifted(lambda z, rho, k: -k / 2),
    "the unbiased deviation": shifted(lambda z, rho, k: -z / 2),
    "the noise model": noise_model,
    "the first-order term": lambda g, z, rho, k, d: own(g, z, rho, k, [0.0, d[1]]),
    "the second-order term": lambda g, z, rho, k, d: own(g, z, rho, k, [d[0], 0.0]),
}


def refuted(formula: Callable[..., float]) -> bool:
    rho, skewness = shape(SKEWED)
    for (gamma, beta, z), wanted in zip(CASES, truths(), strict=True):
        d = LOSS.derivatives(gamma * z + beta)
        room = terms_of_excess(gamma, z, rho, skewness, d) + gamma**2 * sum(map(abs, d))
        if not abs(formula(gamma, z, rho, skewness, d) - wanted) < 1e-4 * room:
            return True
    return False


def test_the_right_excess_is_not_refuted() -> None:
    assert not refuted(own)


@pytest.mark.parametrize("without", WRONG)
def test_a_wrong_excess_is_refuted(without: str) -> None:
    assert refuted(WRONG[without])


def test_every_slip_in_the_source_of_the_excess_is_refuted() -> None:
    planted = 0
    for _, error, f in mutants(regularizer.own_batch_excess):
        assert refuted(lambda g, z, r, k, d, f=f: 5.0 * f(g, z, 5.0, r, k, d[0], d[1])), error
        planted += 1
    assert planted > 40


# -- Gaussian h, to order 1/M^2 -------------------------------------------------------------------

SQUARED = (40, 56, 80, 112, 160, 224, 320)


def gaussian_excess(loss: Loss, gamma: float, beta: float, z: float, M: int) -> float:
    weights, mean, S = given_a_member(M)
    variance = (S + (M - 1) / M * (z - mean) ** 2) / M
    hat = (M - 1) / M * (z - mean) / np.sqrt(variance)
    return float((weights * (loss.at(gamma * hat + beta) - loss.at(gamma * z + beta))).sum())


def gaussian_coefficients(loss: Loss, gamma: float, beta: float, z: float) -> list[float]:
    """Return those of 1/M and 1/M^2."""
    values = [gaussian_excess(loss, gamma, beta, z, M) for M in SQUARED]
    return [coefficient(values, SQUARED, of) for of in (0, 1)]


def of_formula(function: Callable[..., Any], *args: Any) -> list[float]:
    """Return the coefficients of 1/M and 1/M^2 of a function with nothing else."""
    gamma, z, d = args
    f = [float(function(gamma, z, M, *d)) for M in (2.0, 4.0)]
    return [8 * f[1] - 2 * f[0], 8 * f[0] - 16 * f[1]]


@given(loss=losses, gamma=gammas, beta=betas, z=st.floats(-2.0, 2.0))
def test_a_gaussian_batch_to_second_order(
    loss: Loss, gamma: float, beta: float, z: float
) -> None:
    d = loss.derivatives(gamma * z + beta)
    found = of_formula(regularizer.own_batch_excess_gaussian, gamma, z, d)
    wanted = gaussian_coefficients(loss, gamma, beta, z)
    room = gamma * sum(abs(s) * gamma**k for k, s in enumerate(d)) * (1 + abs(z)) ** 3 + 0.05
    assert abs(found[0] - wanted[0]) < 1e-6 * room
    assert abs(found[1] - wanted[1]) < 1e-3 * room * (1 + abs(z)) ** 3
    first = regularizer.own_batch_excess(gamma, z, 1.0, 0.0, 0.0, d[0], d[1])
    assert found[0] == pytest.approx(first, rel=1e-9, abs=1e-12)


def test_every_slip_in_the_second_order_is_refuted() -> None:
    truth = [gaussian_coefficients(LOSS, *case) for case in CASES]

    def wrong(function: Callable[..., Any]) -> bool:
        for (gamma, beta, z), wanted in zip(CASES, truth, strict=True):
            d = LOSS.derivatives(gamma * z + beta)
            found = of_formula(function, gamma, z, d)
            if not (np.abs(np.subtract(found, wanted)) < (1e-6, 2e-4)).all():
                return True
        return False

    assert not wrong(regularizer.own_batch_excess_gaussian)
    slips = list(mutants(regularizer.own_batch_excess_gaussian))
    assert len(slips) > 100
    taken = [error for _, error, function in slips if not wrong(function)]
    assert not taken


# -- the pull on gamma ----------------------------------------------------------------------------


def pull(
    kind: str, weights: tuple[float, ...], case: tuple[float, float, float], law: Law
) -> float:
    """Differentiate numerically in gamma, with a y that is the mean of the model."""
    gamma, beta, z = case
    loss, h = Loss(weights).true_at(gamma * z + beta), 2e-3
    values = []
    for M in SIZES:
        p, hat = hats(kind, np.array([z]), law, M)
        added = [
            p @ (loss.at((gamma + k * h) * hat[:, 0] + beta) - loss.at((gamma + k * h) * z + beta))
            for k in (-2, -1, 1, 2)
        ]
        slope = (added[0] - 8 * added[1] + 8 * added[2] - added[3]) / (12 * h)
        values.append(slope / (2 * gamma))
    return coefficient(values)


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(
    weights=st.tuples(*[st.floats(-2.0, 2.0)] * 5), gamma=gammas, beta=betas, z=members, law=laws3
)
def test_the_pull_on_gamma(
    kind: str, weights: tuple[float, ...], gamma: float, beta: float, z: float, law: Law
) -> None:
    wanted = pull(kind, weights, (gamma, beta, z), law)
    found, room = decay(member(f"own_batch_decay{kind}"), weights, (gamma, beta, z), law)
    assert abs(found - wanted) < 3e-4 * room


def decay(
    function: Callable[..., Any],
    weights: tuple[float, ...],
    case: tuple[float, float, float],
    law: Law,
    names: list[str] | None = None,
) -> tuple[float, float]:
    """Return M times the decay, and how large its terms are."""
    gamma, beta, z = case
    rho, skewness = shape(law)
    d = Loss(weights).derivatives(gamma * z + beta)
    here = {"gamma": gamma, "z": z, "M": 5.0, "rho": rho, "skewness": skewness,
            "loss_curvature": d[1], "loss_third": d[2]}
    names = names or list(inspect.signature(function).parameters)
    found = 5.0 * float(function(*(here[a] for a in names)))
    room = (abs(d[1]) + gamma * abs(d[2]) + gamma**2 * abs(d[3])) * (1 + abs(z)) ** 4
    return found, room * (1 + abs(rho)) + 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_every_slip_in_the_pull_is_refuted(kind: str) -> None:
    function = member(f"own_batch_decay{kind}")
    cases = [*CASES, (0.9, 0.1, -1.5)]
    truth = [pull(kind, LOSS.weights, case, SKEWED) for case in cases]

    def wrong(mutant: Callable[..., Any]) -> bool:
        gaps = [
            abs(decay(mutant, LOSS.weights, case, SKEWED, arguments(function.__name__))[0] - wanted)
            for case, wanted in zip(cases, truth, strict=True)
        ]
        return not max(gaps) < 2e-4

    assert not wrong(function)
    slips = list(mutants(function))
    assert len(slips) > 25 and not [error for _, error, f in slips if not wrong(f)]


@given(law=laws3)
def test_the_pull_on_a_linear_student_is_half_of_the_bias(law: Law) -> None:
    """With y = gamma z + beta, E (y - h_hat)^2/2 pulls with (1 - E s)/2, s over all batches."""
    p, atoms = law
    values = []
    for M in SIZES:
        every = counts(len(p), M)
        weights = np.exp(multiplicities(len(p), M) + every @ np.log(p))
        variance = every @ atoms[:, 0] ** 2 / M - (every @ atoms[:, 0] / M) ** 2
        values.append((1 - weights @ np.sqrt(np.maximum(variance, 0.0))) / 2)
    rho, _ = shape(law)
    found = 9.0 * regularizer.own_batch_decay_linear(9.0, rho)
    assert found == pytest.approx(coefficient(values), rel=1e-4)
    doubled = 9.0 * regularizer.gamma_decay(9.0, rho, 1.0, 1.0)
    assert doubled == pytest.approx(2 * coefficient(values), rel=1e-4)
    wrong = 9.0 * regularizer.own_batch_decay_linear(9.0, rho + 3)
    assert wrong != pytest.approx(coefficient(values), rel=1e-2)
