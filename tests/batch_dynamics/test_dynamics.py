"""Fixed points, rest and trajectories, against simulation and differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from student_t import aligned

from bntheory.batch_dynamics import fixed_point, rates, resting, trajectory
from bntheory.formulas import relu
from bntheory.simulation.order_parameters import order_parameters


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_the_fixed_point_by_differences(activation: str) -> None:
    M, L, eta = 16, 1.3, 4.0
    found = fixed_point(M, activation)
    gamma0 = float(found.gamma0)
    assert rates(gamma0, 1.0, L, eta, M, activation)[0] == pytest.approx(0, abs=1e-7)
    up, down = (rates(gamma0 + d, 1.0, L, eta, M, activation)[0] for d in (1e-4, -1e-4))
    assert (up - down) / 2e-4 == pytest.approx(eta * float(found.lambda_gamma), rel=1e-5)

    def lambda_R(effective: float) -> float:
        eta = effective * L**2 / gamma0
        at, near, next = (
            rates(gamma0, R, L, eta, M, activation)[1] for R in (1.0, 1 - 1e-5, 1 - 2e-5)
        )
        return (3 * at - 4 * near + next) / 2e-5

    largest = float(found.eta_max)
    assert lambda_R(0.8 * largest) < 0 < lambda_R(1.2 * largest)
    small = 1e-3
    assert lambda_R(small) / small == pytest.approx(float(found.pull), rel=2e-3)


def test_the_largest_rate_of_many_samples() -> None:
    """With M samples the noise of a step is that of one over M: twice the paper's, M times."""
    found = fixed_point([64, 256, 1024])
    per_sample = (found.eta_max / found.M).values
    assert per_sample == pytest.approx(float(relu.wn_eta_max()), rel=0.02)
    assert (found.error < 1e-4).all()


def test_noise_at_alignment() -> None:
    found = fixed_point([4, 16, 64])
    for M in (4, 16, 64):
        here = found.sel(M=M)
        B1, B2 = aligned(float(here.gamma0), M)
        assert B1 == pytest.approx(0, abs=1e-7)
        assert float(here.noise) == pytest.approx(B2, rel=1e-5)
    assert (fixed_point([4, 16, 64], "linear").noise == 0).all()


def test_rest_at_an_effective_rate() -> None:
    """There the rates of gamma and R vanish, and R is 1 only as the rate goes to 0."""
    found = resting([0.0, 0.5, 8.0], 16)
    for rate in (0.5, 8.0):
        here = found.sel(eta_eff=rate)
        gamma, R = float(here.gamma), 1 - float(here.misalignment)
        of_gamma, of_R, of_L = rates(gamma, R, 1.0, rate / gamma, 16)
        assert of_gamma == pytest.approx(0, abs=1e-9)
        assert of_R == pytest.approx(0, abs=1e-9)
        assert of_L > 0
    assert found.misalignment.values[0] == 0
    assert (np.diff(found.misalignment) > 0).all()
    assert float(resting(1e4, 16).misalignment) > 0.9


def test_the_identity_rests_aligned_up_to_its_largest_rate() -> None:
    largest = float(fixed_point(16, "linear").eta_max)
    below, above = resting([0.99 * largest, 1.01 * largest], 16, "linear").misalignment.values
    assert below == 0
    assert above == pytest.approx(0.01, rel=0.2)


@pytest.mark.parametrize(("M", "eta"), [(4, 1.0), (16, 6.0)])
def test_the_trajectory_is_that_of_the_process(M: int, eta: float) -> None:
    """At N = 10^5; 24 replicas, and 1/N in addition to their standard errors."""
    N, t = 10**5, [0.0, 0.5, 2.0]
    run = trajectory(M, eta=eta, R=0.2, gamma=0.8, L=1.1, t=t)
    process = order_parameters(
        "bn", N=N, M=M, eta=eta, R=0.2, gamma=0.8, L=1.1, t=t, replicas=24, threads=2
    )
    for name in ("gamma", "R", "L"):
        mean, spread = process[name].mean("replica"), process[name].std("replica", ddof=1)
        off = np.abs(run[name] - mean) / (spread / 24**0.5 + 20 / N)
        assert float(off.max()) < 5, name
        assert float((np.abs(1.05 * run[name] - mean) / (spread / 24**0.5 + 20 / N)).max()) > 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"M": 2}, "M = 2 is outside its domain, 4 <= M"),
        ({"M": [4, 8]}, "too many values|not"),
        ({"eta": 0.0}, "eta = 0 is outside its domain"),
        ({"R": None}, "give either R or misalignment"),
        ({"L": -1.0}, "L = -1 is outside its domain"),
        ({"activation": "erf"}, "activation = erf: the averages are reduced for relu, linear"),
        ({"rtol": 1.0}, "rtol = 1.0 is outside its domain"),
        ({"t": [1.0, 0.5]}, "t is not increasing"),
    ],
)
def test_refused(change: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"M": 8, "eta": 1.0, "R": 0.5, "t": 1.0} | change
    with pytest.raises(ValueError, match=said):
        trajectory(given.pop("M"), given.pop("activation", "relu"), **given)


@pytest.mark.parametrize("rate", [-1.0, np.nan, [[1.0]]])
def test_rates_that_are_refused(rate: Any) -> None:
    with pytest.raises(ValueError, match="eta_eff"):
        resting(rate, 16)
