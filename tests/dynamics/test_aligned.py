"""Near R = 1: 1 - R relative to itself, against Runge-Kutta steps at 50 digits."""

from __future__ import annotations

from collections.abc import Sequence

import motion
import mpmath as mp
import numpy as np
import pytest

from bntheory.dynamics import trajectory

TIMES = [0.0, 0.05, 1.0, 4.0]
SMALL = [1e-14, 1e-11, 1e-8, 1e-5, 1e-2]


def exact(method: str, start: Sequence[float], eta: float, zeta: float = 0.0) -> np.ndarray:
    """Return (gamma, 1 - R, L), or (1 - R, L), at the times; ReLU."""
    with mp.workdps(50):
        state = [mp.mpf(x) for x in start]
        state[-2] = 1 - state[-2]
        numbers = map(mp.mpf, (eta, zeta))
        if method == "sgd":
            rates = motion.plain(motion.textbook, mp.mpf(eta))
        else:
            rates = motion.surrogate(motion.textbook, *numbers)
        found = motion.walk(rates, state, TIMES, 0.01)
        return np.array(
            [
                [float(1 - x) if k == len(s) - 2 else float(x) for k, x in enumerate(s)]
                for s in found
            ]
        ).T


@pytest.mark.parametrize("m", SMALL)
@pytest.mark.parametrize("zeta", [0.0, 0.3])
def test_bn(m: float, zeta: float) -> None:
    gamma, L, eta = 1.0, 1.1, 0.4
    run = trajectory("bn", misalignment=m, gamma=gamma, L=L, eta=eta, zeta=zeta, t=TIMES)
    expected = exact("bn", (gamma, m, L), eta, zeta)
    assert np.allclose(run.misalignment, expected[1], rtol=1e-6, atol=0)
    assert np.allclose([run.gamma, run.L], expected[[0, 2]], rtol=1e-7, atol=0)


@pytest.mark.parametrize("m", [1e-14, 1e-8, 1e-2])
def test_plain_sgd(m: float) -> None:
    for L in (1.0, 1.3):
        run = trajectory("sgd", misalignment=m, L=L, eta=0.4, t=TIMES)
        expected = exact("sgd", (m, L), 0.4)
        assert np.allclose(run.misalignment, expected[0], rtol=1e-6, atol=0)
        assert np.allclose(run.L, expected[1], rtol=1e-7, atol=0)


@pytest.mark.parametrize("m", [1e-14, 1e-2])
def test_many_at_once(m: float) -> None:
    run = trajectory("bn", misalignment=[m, 0.7], L=1.1, eta=0.4, zeta=[0.0, 0.3], t=TIMES)
    expected = exact("bn", (1.0, m, 1.1), 0.4)
    assert np.allclose(run.misalignment[0], expected[1], rtol=1e-6, atol=0)


@pytest.mark.parametrize("activation", ["relu", "erf", "linear", "leaky_relu"])
def test_down_to_rounding(activation: str) -> None:
    """By its rate, which near the teacher is constant, 1 - R falls below what R can resolve."""
    slope = 0.1 if activation == "leaky_relu" else None
    t = np.arange(0, 160, 4)
    run = trajectory("wn", activation, misalignment=1e-6, eta=0.3, slope=slope, t=t)
    m = run.misalignment.values
    seen = m > 1e-14
    assert 5 < seen.sum() < seen.size - 3
    rates = np.diff(np.log(m[seen]))
    assert np.allclose(rates[2:], rates[-1], rtol=2e-3)


def test_exactly_aligned() -> None:
    """1 - R = 0 is left where there is noise, along its rate."""
    start = trajectory("bn", misalignment=0.0, eta=0.5, zeta=0.25, t=[1e-9, 1e-6, 50.0], gamma=0.5)
    with mp.workdps(50):
        half = mp.mpf("0.5")
        rate = motion.surrogate(motion.textbook, half, half / 2)((half, mp.mpf(1), mp.mpf(1)))[1]
    assert np.allclose(
        start.misalignment[:2], [-float(rate) * 1e-9, -float(rate) * 1e-6], rtol=1e-5
    )
    close = trajectory("bn", misalignment=1e-14, eta=0.5, zeta=0.25, t=[50.0], gamma=0.5)
    assert np.allclose(start.misalignment[-1], close.misalignment[-1], rtol=1e-7)
