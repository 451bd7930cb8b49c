"""The replica-symmetric energy of a ReLU student, against brute force and differences."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_plane import least_cost, plane

from bntheory.formulas import generalization

loads = st.floats(0.05, 8.0)
noises = st.one_of(st.just(0.0), st.floats(0.0, 4.0))
overlaps = st.floats(-0.95, 0.95)
lengths = st.floats(0.1, 3.0)
responses = st.floats(-1.5, 1.5).map(lambda k: 10.0**k)


@given(lengths, overlaps, responses, loads, st.floats(0.0, 3.0), noises)
def test_energy_by_brute_force(
    gamma: float, R: float, chi: float, alpha: float, ridge: float, S: float
) -> None:
    y, m, weights = plane(gamma, R, S, 36)
    mean = (weights * least_cost(y, m, chi)).sum()
    wanted = alpha * mean + ridge * gamma**2 / 2 - gamma**2 * (1 - R**2) / (2 * chi)
    size = alpha * mean + ridge * gamma**2 / 2 + gamma**2 / (2 * chi)
    found = generalization.rs_energy_relu(gamma, R, chi, alpha, ridge, S)
    assert abs(found - wanted) < 1e-5 * size


@given(lengths, overlaps, responses, loads, st.floats(0.0, 3.0), noises)
def test_slopes_by_differences(
    gamma: float, R: float, chi: float, alpha: float, ridge: float, S: float
) -> None:
    """At 40 digits."""
    point = (gamma, R, chi, alpha, ridge, S)
    slopes = generalization.rs_slopes_relu(*point)
    with mp.workdps(40):
        exact = [mp.mpf(x) for x in point]
        for k, slope in enumerate(slopes):
            h = exact[k] * mp.mpf(10) ** -12 if exact[k] else mp.mpf(10) ** -12
            up, down = (
                generalization.rs_energy_relu.mp(*exact[:k], exact[k] + s * h, *exact[k + 1 :])
                for s in (1, -1)
            )
            size = (gamma**2 / chi + alpha * (1 + S)) * (1 + 1 / abs(point[k] or 1))
            assert abs(slope - (up - down) / (2 * h)) < 1e-9 * (size + abs(slope))


@given(lengths, overlaps, loads, noises)
def test_the_shortest_student_by_differences(
    gamma: float, R: float, alpha: float, S: float
) -> None:
    """D is the mean squared distance of a field from what its label allows."""

    def D(gamma: float, R: float) -> float:
        y, m, weights = plane(gamma, R, S, 120)  # the kink at m = 0 is inside panels
        allowed = np.where(y > 0, y, np.minimum(m, 0.0))
        return float((weights * (m - allowed) ** 2).sum())

    h = 1e-3
    in_gamma = (D(gamma * (1 + h), R) - D(gamma * (1 - h), R)) / (2 * h * gamma)
    in_R = (D(gamma, R + h) - D(gamma, R - h)) / (2 * h)
    length, overlap = generalization.rs_interpolation_relu(gamma, R, alpha, S)
    room = 1e-4 * (gamma**2 + alpha * (1 + S))
    assert length == pytest.approx(gamma**2 * (1 - R**2) - alpha * D(gamma, R), abs=room)
    # of gamma^2/2 - gamma^2 (1 - R^2)/(2 X) + alpha D/(2 X), times X
    assert overlap == pytest.approx(gamma * R + alpha * in_R / (2 * gamma), abs=room / gamma)
    response = generalization.rs_response_relu(gamma, R, alpha, S)
    wanted = 1 - R**2 - alpha * in_gamma / (2 * gamma)
    assert response == pytest.approx(wanted, abs=room / gamma**2)


def test_capacity_at_its_ends() -> None:
    assert generalization.capacity_relu(0.0) == (2.0, 0.0)
    small = np.array([1e-3, 1e-2])
    load, noise = generalization.capacity_relu(small)
    assert 2 - load == pytest.approx(2 * small / np.pi, rel=1e-2)
    assert (0 < noise).all() and (noise < small**2).all()
    load, noise = generalization.capacity_relu(np.pi / 2 - small)
    assert load - 4 / 3 == pytest.approx(8 * small / (9 * np.pi), rel=1e-2)
    assert noise * small == pytest.approx(2 / (3 * np.pi), rel=3e-2)
    grid = np.linspace(0.0, np.pi / 2, 500)
    load, noise = generalization.capacity_relu(grid)
    assert (np.diff(load) < 0).all() and (np.diff(noise) > 0).all()
