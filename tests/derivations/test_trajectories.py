"""Fixed points, their speeds and their stability, measured on trajectories of the rates."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, pi, sqrt
from typing import Any

import mpmath as mp
import pytest
from network import NAMES, G, function, value
from scipy.integrate import quad
from scipy.optimize import brentq
from trajectories import DIGITS, crossing, integrate

ORDER, PLAIN = ("gamma", "R", "L"), ("R", "L")
ZETAS = (0.15, 0.6)
NEAR = mp.mpf(10) ** -10  # distances from the fixed point that count as small


def aligned(activation: str, gamma: float, power: int) -> float:
    """Return E[delta u] (power 1) or E[delta^2] (power 2) at R = 1, where u = gamma v."""
    g, slope = G[activation]

    def height(v: float) -> float:
        delta = float(slope(gamma * v) * (g(v) - g(gamma * v)))
        part = delta * gamma * v if power == 1 else delta**2
        return part * exp(-v * v / 2) / sqrt(2 * pi)

    return quad(height, -12, 0)[0] + quad(height, 0, 12)[0]


def resting_scale(activation: str, zeta: float) -> float:
    """Return gamma0, from I1(gamma0, 1) = zeta gamma0^2 by quadrature and a root finder."""
    return brentq(lambda c: aligned(activation, c, 1) / c**2 - zeta, 0.05, 1, xtol=1e-13)


def moving(
    derived: Callable[..., Any], id: str, activation: str, order: tuple[str, ...], **fixed: float
) -> Callable[..., Any]:
    """Return rates as a function of eta that gives a function of the state."""
    derivation = derived(id, activation)
    name = "sgd_rates" if order == PLAIN else "wn_rates" if id == "table1-wn" else "bn_rates"
    rates = function(derivation[name], ("eta", *order), fixed)
    return lambda eta: lambda *state: rates(mp.mpf(eta), *map(mp.mpf, state))


@pytest.mark.parametrize("zeta", ZETAS)
@pytest.mark.parametrize("activation", NAMES)
def test_the_fixed_point_is_where_trajectories_end(
    derived: Callable[..., Any], activation: str, zeta: float
) -> None:
    """Small eta, from far away; and the printed balance I1 = zeta gamma^2 by quadrature."""
    eta = 1e-5
    rates = moving(derived, "eq10", activation, ORDER, zeta=zeta)(eta)
    gamma, R, L = integrate(rates, (0.9, 0.2, 1.0), 80 / eta, 200)
    fixed_point = derived("prop1", activation).results
    if "bn_fixed_point" in fixed_point:
        assert value(fixed_point["bn_fixed_point"], zeta=zeta) == pytest.approx(gamma, rel=1e-3)
    else:
        assert value(fixed_point["bn_decay"], gamma0=float(gamma)) == pytest.approx(zeta, rel=2e-3)
    assert value(fixed_point["R0"]) == pytest.approx(R, abs=1e-3)
    assert float(gamma) == pytest.approx(resting_scale(activation, zeta), rel=1e-3)
    assert float(L) == pytest.approx(1, abs=2e-3)  # L0 is arbitrary: it stays where it was


@pytest.mark.parametrize("zeta", ZETAS)
@pytest.mark.parametrize("activation", NAMES)
def test_what_is_left_over_at_the_fixed_point(
    derived: Callable[..., Any], activation: str, zeta: float
) -> None:
    """The rates themselves there, with I2(gamma0, 1) by quadrature: gamma rests, R and L do not."""
    gamma0, L0, eta = resting_scale(activation, zeta), 1.3, 0.7
    noise = aligned(activation, gamma0, 2)
    wanted = [
        0.0,
        -(eta**2) * gamma0**2 * noise / (2 * L0**4),
        eta**2 * gamma0**2 * noise / (2 * L0**3),
    ]
    got = [
        value(e, gamma0=gamma0, zeta=zeta, L0=L0, eta=eta)
        for e in derived("prop1", activation)["left_over"]
    ]
    assert got == pytest.approx(wanted, rel=1e-6, abs=1e-9)
    assert value(derived("prop3", activation)["noise"], gamma0=gamma0) == pytest.approx(
        noise, rel=1e-7
    )


@pytest.mark.parametrize("zeta", ZETAS)
@pytest.mark.parametrize("activation", NAMES)
def test_speeds_of_return(derived: Callable[..., Any], activation: str, zeta: float) -> None:
    """lambda_gamma and lambda_R as rates of exponential decay, at an eta that is all but zero."""
    eta, L0 = 1e-13, 1.2
    gamma0 = resting_scale(activation, zeta)
    rates = moving(derived, "eq10", activation, ORDER, zeta=zeta)(eta)
    stability = derived("prop3", activation)
    here = {"eta": eta, "zeta": zeta, "gamma0": gamma0, "L0": L0}
    time = 0.5 / eta

    with mp.workdps(DIGITS):
        aside = mp.mpf("1e-4")
        after = [integrate(rates, (gamma0 + k * aside, 1, L0), time, 40)[0] for k in (1, -1)]
        speed = mp.log((after[0] - after[1]) / (2 * aside)) / time
        assert value(stability["bn_lambda_gamma"], **here) == pytest.approx(float(speed), rel=1e-3)

        after = 1 - integrate(rates, (gamma0, 1 - NEAR, L0), time, 40)[1]
        speed = mp.log(after / NEAR) / time
        assert value(stability["bn_lambda_R"], **here) == pytest.approx(float(speed), rel=1e-3)


@pytest.mark.parametrize("L0", [0.7, 1.5])
@pytest.mark.parametrize("activation", NAMES)
def test_speed_of_return_without_decay_at_a_finite_rate(
    derived: Callable[..., Any], activation: str, L0: float
) -> None:
    """Without decay the fixed point is exact for every eta: so is lambda_R."""
    eta = 0.4 * L0**2
    rates = moving(derived, "eq10", activation, ORDER, zeta=0)(eta)
    time = 0.2 / eta
    with mp.workdps(DIGITS):
        after = 1 - integrate(rates, (1, 1 - NEAR, L0), time, 20)[1]
        speed = float(mp.log(after / NEAR) / time)
    here = {"eta": eta, "zeta": 0.0, "gamma0": 1.0, "L0": L0}
    assert value(derived("prop3", activation)["bn_lambda_R"], **here) == pytest.approx(
        speed, rel=1e-3
    )


# -- the largest learning rates ------------------------------------------------------------------


@pytest.mark.parametrize("activation", NAMES)
def test_largest_rate_of_weight_normalization(derived: Callable[..., Any], activation: str) -> None:
    """Where 1 - R begins to grow; in eta / L^2, at another L."""
    L0, rates = 0.8, moving(derived, "table1-wn", activation, ORDER)

    def grows(eta_eff: Any) -> bool:
        eta = eta_eff * L0**2
        with mp.workdps(DIGITS):
            return bool(1 - integrate(rates(eta), (1, 1 - NEAR, L0), 2 / eta, 12)[1] > NEAR)

    measured = crossing(grows, 0.2, 20, steps=16)
    derivation = derived("table1-wn", activation)
    assert value(derivation["wn_eta_max"]) == pytest.approx(measured, rel=1e-3)
    assert value(derivation["wn_eta_eff"], eta=0.3, L0=2.0) == pytest.approx(0.3 / 4)


@pytest.mark.parametrize("activation", NAMES)
def test_largest_rate_of_plain_sgd(derived: Callable[..., Any], activation: str) -> None:
    rates = moving(derived, "table1-sgd", activation, PLAIN)

    def grows(eta: Any) -> bool:
        with mp.workdps(DIGITS):
            return bool(1 - integrate(rates(eta), (1 - NEAR, 1), 2 / eta, 12)[0] > NEAR)

    measured = crossing(grows, 0.2, 20, steps=16)
    derivation = derived("table1-sgd", activation)
    assert value(derivation["sgd_eta_max"]) == pytest.approx(measured, rel=1e-3)
    assert value(derivation["sgd_eta_eff"], eta=0.3) == pytest.approx(0.3)


@pytest.mark.parametrize("zeta", ZETAS)
@pytest.mark.parametrize("activation", NAMES)
def test_largest_rate_of_batch_normalization(
    derived: Callable[..., Any], activation: str, zeta: float
) -> None:
    """Where the slope of dR/dt in R at the fixed point changes sign.

    With decay dR/dt is not zero there: Table 1 leaves that remainder out, Prop. 4 as derived here
    keeps it.  The remainder is I2(gamma0, 1), by quadrature.
    """
    gamma0, L0 = resting_scale(activation, zeta), 1.1
    noise = aligned(activation, gamma0, 2)
    rates = moving(derived, "eq10", activation, ORDER, zeta=zeta)
    tiny = mp.mpf(10) ** -16

    def slope(eta_eff: Any, complete: bool) -> Any:
        with mp.workdps(DIGITS):
            eta = eta_eff * L0**2 / gamma0
            there, below = (rates(eta)(gamma0, 1 - k * tiny, L0)[1] for k in (0, 1))
            total = (there - below) / tiny
            return total + (0 if complete else eta**2 * gamma0**2 / (2 * L0**4) * noise)

    def measured(complete: bool) -> float:
        return crossing(lambda eta_eff: slope(eta_eff, complete) > 0, 0.2, 200, steps=40)

    here = {"zeta": zeta, "gamma0": gamma0}
    printed, complete = measured(False), measured(True)
    row, gain = derived("table1-bn", activation), derived("prop4", activation)
    assert value(row["bn_eta_max"], **here) == pytest.approx(printed, rel=1e-5)
    assert value(gain["eta_max_complete"], **here) == pytest.approx(complete, rel=1e-5)
    without = value(derived("table1-wn", activation)["wn_eta_max"])
    assert value(gain["gain"], **here) == pytest.approx(printed - without, rel=1e-4)
    assert value(gain["gain_in_eta"], **here) == pytest.approx(
        (printed / gamma0) / without, rel=1e-5
    )
    assert value(row["bn_eta_eff"], eta=0.3, L0=2.0, **here) == pytest.approx(0.3 * gamma0 / 4)


@pytest.mark.parametrize("zeta", ZETAS)
def test_relu_rests_where_the_paper_has_it(zeta: float) -> None:
    """The oracle of this file, against Prop. 1 as printed."""
    assert resting_scale("relu", zeta) == pytest.approx(1 / (2 * zeta + 1), rel=1e-9)
