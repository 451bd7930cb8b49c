"""gamma at rest and coupled neurons, against quadrature, samples and all batches."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from all_batches import KINDS, Law, coefficient, given_a_member, hats, members, standardized
from hypothesis import given, settings
from hypothesis import strategies as st
from planting import mutants
from regularizer_members import member
from scipy import stats

from bntheory.formulas import regularizer, relu

# -- gamma at rest --------------------------------------------------------------------------------


@cache
def rest_by_quadrature(M: int) -> float:
    """Return E[g(z) g(z_hat)]/E[g(z_hat)^2] of ReLU from the law of the others, given z.

    z_hat > 0 where z exceeds the mean of the others; E g(z_hat)^2 is 1/2 by symmetry.
    """
    t, of_t = np.polynomial.legendre.leggauss(70)
    _, _, S = given_a_member(M)
    of_S = given_a_member(M)[0].sum(axis=0)
    root, total = np.sqrt(M - 1), 0.0
    for start, stop in ((0.0, 9 / root), (9 / root, 10.0)):
        if stop <= start:
            continue
        z = start + (stop - start) * (t + 1) / 2
        high = np.minimum(z * root, 9.0)
        x = -9.0 + (high + 9.0)[:, None] * (t + 1) / 2  # the mean of the others, times the root
        d = z[:, None] - x / root
        inner = (d[..., None] / np.sqrt((S[0] + (M - 1) / M * d[..., None] ** 2) / M)) @ of_S
        inner = ((high + 9.0) / 2) * (inner * stats.norm.pdf(x) @ of_t)
        total += (stop - start) / 2 * float(of_t @ (z * stats.norm.pdf(z) * inner)) * (M - 1) / M
    return 2 * total


def test_gamma_at_rest_to_second_order() -> None:
    """What is left over falls as M^(-5/2), and no mutant's does."""
    sizes = (64, 256, 1024)
    exact = np.array([rest_by_quadrature(M) for M in sizes])

    def wrong(function: Callable[..., Any]) -> bool:
        gaps = np.abs([function(float(M)) for M in sizes] - exact)
        return not (gaps[1:] < 0.045 * gaps[:-1]).all()

    assert not wrong(regularizer.gamma_at_rest)
    assert abs(regularizer.gamma_at_rest(1024.0) - exact[-1]) < 1e-7
    slips = list(mutants(regularizer.gamma_at_rest))
    assert len(slips) > 20 and not [error for _, error, f in slips if not wrong(f)]
    assert wrong(regularizer.gamma_at_rest_paper) and wrong(regularizer.gamma_at_rest_mean_only)
    assert wrong(lambda M: regularizer.gamma_at_rest(M) + 0.02 / M**2)
    assert wrong(lambda M: regularizer.gamma_at_rest(M) - 0.01 / M**1.5)


def sampled_rest(kind: str, M: int) -> tuple[np.ndarray, np.ndarray]:
    """Return g(z) g(z_hat) and g(z_hat)^2, averaged over each of many batches."""
    z = np.random.default_rng(17 * M).standard_normal((1_000_000 // M, M))
    centered, divided = KINDS[kind]
    hat = z - z.mean(axis=1, keepdims=True) if centered else z
    hat = np.maximum(hat / z.std(axis=1, keepdims=True) if divided else hat, 0.0)
    return (np.maximum(z, 0) * hat).mean(axis=1), (hat**2).mean(axis=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("M", [12, 32])
def test_gamma_at_rest_is_that_of_sampled_batches(kind: str, M: int) -> None:
    both, own = sampled_rest(kind, M)

    def score(gamma: float) -> float:
        gaps = both - gamma * own
        return float(abs(gaps.mean()) / (gaps.std() / np.sqrt(len(gaps))))

    found = float(member(f"gamma_at_rest{kind}")(float(M)))
    assert score(found) < 4.5
    assert score(float(regularizer.gamma_at_rest_paper(float(M)))) > 9
    assert kind == "_mean_only" or score(2 - found) > 9


@pytest.mark.parametrize("M", [12, 30, 45, 200])
def test_gamma_at_rest_with_one_statistic_at_any_size(M: int) -> None:
    """The mean alone: an orthant integral.  The deviation alone: E z^2/s over E z^2/s^2."""
    r = np.sqrt(1 - 1 / M)  # of z and z - m, and the deviation of the latter
    x, of_x = np.polynomial.legendre.leggauss(200)
    z = 5.5 * (x + 1)
    mean, spread = r**2 * z, r * np.sqrt(1 - r**2)  # of z - m, given z
    t = mean / spread
    product = mean * stats.norm.cdf(t) + spread * stats.norm.pdf(t)
    both = 5.5 * of_x @ (z * stats.norm.pdf(z) * product)
    assert regularizer.gamma_at_rest_mean_only(M) == pytest.approx(2 * both / r**2, rel=1e-10)

    weights, others, S = given_a_member(M, 400)
    z, of_z = np.polynomial.hermite_e.hermegauss(60)
    z, of_z = z[:, None, None], of_z / of_z.sum()
    square = z**2 / ((S + (M - 1) / M * (z - others) ** 2) / M)
    own = of_z @ (weights * square).sum(axis=(1, 2))
    both = of_z @ (weights * np.abs(z) * np.sqrt(square)).sum(axis=(1, 2))
    found = regularizer.gamma_at_rest_std_only(M)
    assert found == pytest.approx(both / own, rel=1e-8)


@given(M=st.floats(1.5, 1e6))
def test_the_papers_gamma_at_rest(M: float) -> None:
    """Of the squared error of ReLU: its curvature is 2 where a neuron is active, half the time."""
    zeta = regularizer.gamma_decay(M, 0.0, 1.0, 1.0)
    found = regularizer.gamma_at_rest_paper(M)
    assert found == pytest.approx(relu.bn_fixed_point(zeta), rel=1e-12)
    assert found != pytest.approx(relu.bn_fixed_point(zeta / 2), rel=1e-8)


# -- two neurons ----------------------------------------------------------------------------------

PAIR_SIZES = (24, 34, 48, 66, 90)
PAIR = standardized([3, 2, 4, 3], [[0.0, 0.4], [1.0, 1.9], [2.2, 0.1], [0.6, 1.1]])


def coupling_by_enumeration(law: Law, z: tuple[float, float]) -> float:
    values = []
    for M in PAIR_SIZES:
        p, hat = hats("", np.array(z), law, M)
        values.append(float(p @ np.prod(hat - np.array(z), axis=1)))
    return coefficient(values, PAIR_SIZES)


def joint(law: Law) -> dict[str, float]:
    p, x, y = law[0], law[1][:, 0], law[1][:, 1]
    r = float(p @ (x * y))
    return {
        "correlation": r,
        "cokurtosis": float(p @ (x * y) ** 2) - 1 - 2 * r**2,
        "coskewness_12": float(p @ (x * y**2)),
        "coskewness_21": float(p @ (x**2 * y)),
    }


@settings(max_examples=10)
@given(
    weights=st.lists(st.integers(3, 6), min_size=4, max_size=4),
    places=st.permutations([0.0, 0.5, 1.3, 2.2]),
    z=st.tuples(members, members),
)
def test_the_coupling_of_two_neurons(
    weights: list[int], places: list[float], z: tuple[float, float]
) -> None:
    law = standardized(weights, list(zip([0.0, 0.8, 1.5, 2.4], places, strict=True)))
    moments = joint(law)
    wanted = 0.9 * 1.3 * 0.7 * coupling_by_enumeration(law, z)
    found = 8.0 * regularizer.neuron_coupling(0.9, 1.3, *z, 8.0, *moments.values(), 0.7)
    assert abs(found - wanted) < 3e-4 * (1 + abs(z[0])) ** 2 * (1 + abs(z[1])) ** 2


def test_every_slip_in_the_coupling_is_refuted() -> None:
    places = [(0.7, -1.1), (1.4, 0.5), (-0.3, -0.8)]
    truth = [0.9 * 1.3 * 0.7 * coupling_by_enumeration(PAIR, z) for z in places]
    moments = joint(PAIR)

    def wrong(function: Callable[..., Any], **other: float) -> bool:
        numbers = (moments | other).values()
        gaps = [
            abs(8.0 * function(0.9, 1.3, *z, 8.0, *numbers, 0.7) - wanted)
            for z, wanted in zip(places, truth, strict=True)
        ]
        return not max(gaps) < 5e-4

    assert not wrong(regularizer.neuron_coupling)
    swapped = {"coskewness_12": moments["coskewness_21"], "coskewness_21": moments["coskewness_12"]}
    assert wrong(regularizer.neuron_coupling, **swapped)
    assert wrong(regularizer.neuron_coupling, cokurtosis=moments["cokurtosis"] + 1)
    assert wrong(regularizer.neuron_coupling, correlation=-moments["correlation"])
    slips = list(mutants(regularizer.neuron_coupling))
    assert len(slips) > 30 and not [error for _, error, f in slips if not wrong(f)]
