"""B1, B2 and B3: by quadrature, by explicit batches, and by Student's distribution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln
from student_t import aligned, alignment

from bntheory.activations import ERF, LINEAR, RELU
from bntheory.batch_dynamics import averages as module
from bntheory.batch_dynamics import sampled
from bntheory.batch_dynamics.averages import averages
from bntheory.batch_dynamics.table import table

NAMES = ("B1", "B2", "B3")
PLACES = [(RELU, 5, 0.6), (RELU, 16, -0.3), (RELU, 16, 1.0), (LINEAR, 8, 0.4), (RELU, 40, 0.97)]


def misses(activation: Any, M: int, R: float, found: Any) -> list[float]:
    """By how many standard errors explicit batches are off."""
    batches = sampled(activation.name, 0.8, R, M, samples=2**11)
    return [
        float((batches[name] - value) / (batches[f"{name}_error"] + 1e-12))
        for name, value in zip(NAMES, found, strict=True)
    ]


@pytest.mark.parametrize(("activation", "M", "R"), PLACES)
def test_explicit_batches_agree(activation: Any, M: int, R: float) -> None:
    """Sixteen scramblings: |t| of 15 degrees of freedom is below 5 but for one in 5000."""
    found = averages(activation, R, M).at(0.8)
    assert np.abs(misses(activation, M, R, found)).max() < 5


@pytest.mark.parametrize(("activation", "M", "R"), [PLACES[1], PLACES[4]])
@pytest.mark.parametrize("name", NAMES)
def test_explicit_batches_find_a_few_percent(activation: Any, M: int, R: float, name: str) -> None:
    found = averages(activation, R, M)
    wrong = replace(found, **{name: 1.04 * getattr(found, name)})
    assert np.abs(misses(activation, M, R, wrong.at(0.8))).max() > 5


@pytest.mark.parametrize("M", [4, 5, 16, 64, 1024])
def test_without_an_integral_over_the_deviation(M: int) -> None:
    found = averages(RELU, 1.0, M)
    assert found.error < 2e-6
    for gamma in (0.5, 1.0, 1.3):
        B1, B2, _ = found.at(gamma)
        assert (B1, B2) == pytest.approx(aligned(gamma, M), abs=1e-9)
    for R in (-0.9, 0.2, 0.99):
        assert averages(RELU, R, M).at(1.0)[2] == pytest.approx(alignment(R, M), abs=1e-9)


def test_a_weight_of_pairs_that_is_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = module.nodes
    monkeypatch.setattr(
        module, "nodes", lambda M, n: replace(right(M, n), of_pair=1.001 * right(M, n).of_pair)
    )
    assert averages(RELU, 1.0, 16).at(1.0)[1] != pytest.approx(aligned(1.0, 16)[1], abs=1e-5)


@pytest.mark.parametrize(("activation", "M", "R"), PLACES[:2])
def test_slopes(activation: Any, M: int, R: float) -> None:
    slope, step = averages(activation, R, M, slope=True), 1e-4
    up, down = (averages(activation, R + s * step, M) for s in (1, -1))
    for name in NAMES:
        quotient = (getattr(up, name) - getattr(down, name)) / (2 * step)
        assert getattr(slope, name) == pytest.approx(quotient, abs=1e-6)


@pytest.mark.parametrize("M", [4, 16, 64])
def test_slopes_where_student_and_teacher_are_aligned(M: int) -> None:
    """From one side: difference quotients at three distances, extrapolated."""
    slope = averages(RELU, 1.0, M, slope=True)
    at = [averages(RELU, 1 - k * 2e-5, M) for k in range(4)]
    for name in NAMES:
        a, b, c, d = (getattr(each, name) for each in at)
        quotient = (11 * a - 18 * b + 9 * c - 2 * d) / (6 * 2e-5)
        assert getattr(slope, name) == pytest.approx(quotient, abs=2e-3)


@given(st.integers(4, 200), st.floats(-1, 1), st.floats(0.2, 2))
def test_the_identity(M: int, R: float, gamma: float) -> None:
    """By what is known of chi-square."""
    logs = gammaln(M / 2) - gammaln((M - 1) / 2)
    std, inverse = (2 / M) ** 0.5 * np.exp(logs), (M / 2) ** 0.5 * np.exp(
        gammaln((M - 2) / 2) - gammaln((M - 1) / 2)
    )
    across = (1 - R * R) * (1 - 2 / M)
    expected = (gamma * (R * std - gamma), across * M / (M - 3), across * inverse)
    assert averages(LINEAR, R, M).at(gamma) == pytest.approx(expected, rel=1e-10, abs=1e-13)


@given(st.floats(0, np.pi), st.floats(0.3, 1.5))
def test_the_table(angle: float, gamma: float) -> None:
    known = table(RELU, 16)
    B1, B2, B3 = averages(RELU, float(np.cos(angle)), 16).at(gamma)
    found = known.at(angle, gamma) * [1, 1, np.sin(angle) ** 2]
    assert found == pytest.approx([B1, B2, B3], abs=20 * known.error + 1e-9)


def test_many_samples_are_the_paper() -> None:
    """As M grows B1 -> I1 and B3 -> I3 - R I1/gamma; B2 has lost two squares of I2."""
    from bntheory.formulas import relu

    gamma, R = 0.7, 0.5
    B1, B2, B3 = averages(RELU, R, 4096).at(gamma)
    I1, I2, I3 = (float(f(gamma, R)) for f in (relu.I1, relu.I2, relu.I3))
    assert B1 == pytest.approx(I1, abs=1e-3)
    assert B3 == pytest.approx(I3 - R * I1 / gamma, abs=1e-3)
    assert B2 < I2 - (I1 / gamma) ** 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"M": 3}, "M = 3 is outside its domain, 4 <= M"),
        ({"M": 8.0}, "M = 8.0 is not a whole number"),
        ({"R": 1.5}, "R = 1.5 is outside its domain"),
        ({"gamma": 0.0}, "gamma = 0 is outside its domain"),
        ({"samples": 100}, "samples = 100 is not a power of 2"),
        ({"scramblings": 1}, "scramblings = 1 is outside its domain, 2 <="),
        ({"activation": "leaky_relu"}, "has a free parameter"),
    ],
)
def test_refused(change: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"activation": "erf", "gamma": 0.8, "R": 0.5, "M": 8} | change
    with pytest.raises(ValueError, match=said):
        sampled(given.pop("activation"), **given)


def test_any_activation_is_sampled_and_repeats() -> None:
    first, again = (sampled(ERF, 0.8, 0.6, 8, samples=2**8) for _ in "12")
    assert first.equals(again)
