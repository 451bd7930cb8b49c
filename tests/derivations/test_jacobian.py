"""The Jacobian of Prop. 2 against finite differences of the rates in closed form.

Prop. 2 differentiates open functions and puts in what is known of them at the fixed point; here the
rates of each activation are differentiated as numbers.  Slopes in R are one-sided, from below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from network import NAMES, function, value
from scipy.optimize import brentq

H = mp.mpf(10) ** -24  # with 60 digits carried
INTEGRALS = {"I1": "eq13", "I2": "eq15", "I3": "eq14"}


def slopes(f: Callable[..., Any], place: tuple[Any, ...]) -> np.ndarray:
    """Return the derivatives of f in (gamma, R, ...), from below in each."""
    there = np.array(f(*place), dtype=object)
    columns = []
    for k in range(len(place)):
        below = [z - H * (n == k) for n, z in enumerate(place)]
        columns.append((there - np.array(f(*below), dtype=object)) / H)
    return np.array(columns).T


@pytest.fixture(params=[0.55, 0.85])
def gamma0(request: pytest.FixtureRequest) -> float:
    return request.param


def decay_at(derived: Callable[..., Any], activation: str, gamma0: float) -> float:
    """Return the decay at which gamma rests at ``gamma0``, from the rate of gamma itself."""
    order = ("gamma", "R", "L", "eta", "zeta")
    rates = function(derived("eq10", activation)["bn_rates"], order, {})
    return brentq(lambda zeta: float(rates(mp.mpf(gamma0), 1, 1, 1, zeta)[0]), 0, 10, xtol=1e-15)


@pytest.mark.parametrize("activation", NAMES)
def test_entries_are_slopes_of_the_rates(
    derived: Callable[..., Any], activation: str, gamma0: float
) -> None:
    eta, L0, zeta = 0.6, 1.3, decay_at(derived, activation, gamma0)
    rates = function(
        derived("eq10", activation)["bn_rates"], ("gamma", "R", "L"), {"eta": eta, "zeta": zeta}
    )
    with mp.workdps(60):
        place = (mp.mpf(gamma0), mp.mpf(1), mp.mpf(L0))
        measured = slopes(rates, place).astype(float)
        numbers = {"eta": eta, "zeta": zeta, "L0": L0, "gamma0": gamma0}
        for name, id in INTEGRALS.items():
            f = function(derived(id, activation)[name], ("gamma", "R"), {})
            ((of_gamma, of_R),) = slopes(lambda *z, f=f: [f(*z)], place[:2])
            numbers |= {f"{name}_gamma": float(of_gamma), f"{name}_R": float(of_R)}
        noise = f_at(derived, activation, place[:2])
    jacobian = derived("prop2", None)["jacobian"]
    found = [
        [value(put(entry, noise), **used(entry, numbers)) for entry in row]
        for row in jacobian.tolist()
    ]
    np.testing.assert_allclose(found, measured, rtol=1e-9, atol=1e-10)


def f_at(derived: Callable[..., Any], activation: str, place: tuple[Any, ...]) -> float:
    return float(function(derived("eq15", activation)["I2"], ("gamma", "R"), {})(*place))


def put(entry: Any, noise: float) -> Any:
    """Put the number in for I2(gamma0, 1)."""
    from bntheory.notation import I2

    return entry.replace(I2, lambda *_: noise)


def used(entry: Any, numbers: dict[str, float]) -> dict[str, float]:
    return {
        name: number
        for name, number in numbers.items()
        if name in {s.name for s in entry.free_symbols}
    }


@pytest.mark.parametrize("activation", NAMES)
def test_eigenvalues_belong_to_gamma_and_to_R(
    derived: Callable[..., Any], activation: str, gamma0: float
) -> None:
    """With I2 and its slope in gamma neglected: NumPy's eigenvalues, told apart by eigenvectors.

    The one of gamma has its eigenvector along gamma; that of R has R in its eigenvector.
    """
    zeta = decay_at(derived, activation, gamma0)
    numbers = {"eta": 0.6, "zeta": zeta, "gamma0": gamma0, "L0": 1.3, "I2_gamma": 0.0}
    stability = derived("prop3", activation)
    numbers |= {
        name: value(stability[name], gamma0=gamma0) for name in ("I1_gamma", "I1_R", "I2_R", "I3_R")
    }
    jacobian = np.array(
        [
            [value(put(entry, 0), **used(put(entry, 0), numbers)) for entry in row]
            for row in derived("prop2", None)["jacobian"].tolist()
        ]
    )
    found, vectors = np.linalg.eig(jacobian)
    of_R = next(k for k in range(3) if abs(vectors[1, k]) > 1e-6)
    of_gamma = next(k for k in range(3) if abs(vectors[0, k]) > 1 - 1e-12)
    general = derived("prop2", None)
    for k, id, name in ((of_gamma, general, "lambda_gamma"), (of_R, general, "lambda_R")):
        assert value(id[name], **used(id[name], numbers)) == pytest.approx(found[k], rel=1e-9)
    for k, name in ((of_gamma, "bn_lambda_gamma"), (of_R, "bn_lambda_R")):
        assert value(stability[name], **numbers) == pytest.approx(found[k], rel=1e-9)


@pytest.mark.parametrize("activation", NAMES)
def test_slopes_at_the_fixed_point(
    derived: Callable[..., Any], activation: str, gamma0: float
) -> None:
    """Those of Prop. 3, by finite differences of I1, I2, I3 in closed form."""
    stability = derived("prop3", activation)
    with mp.workdps(60):
        place = (mp.mpf(gamma0), mp.mpf(1))
        for name, id in INTEGRALS.items():
            f = function(derived(id, activation)[name], ("gamma", "R"), {})
            ((of_gamma, of_R),) = slopes(lambda *z, f=f: [f(*z)], place)
            wanted = {f"{name}_gamma": of_gamma, f"{name}_R": of_R}
            for slope in wanted.keys() & stability.results.keys():
                assert value(stability[slope], gamma0=gamma0) == pytest.approx(
                    float(wanted[slope]), rel=1e-9
                ), slope


@pytest.mark.parametrize("activation", NAMES)
def test_the_two_rates_of_prop_2_are_those_of_its_eigenvalue(
    derived: Callable[..., Any], activation: str, gamma0: float
) -> None:
    """lambda_R changes sign where eta_eff = eta_max, as eta grows."""
    zeta = decay_at(derived, activation, gamma0)
    general, stability = derived("prop2", None), derived("prop3", activation)
    here = {"zeta": zeta, "gamma0": gamma0, "L0": 0.7}
    speed = brentq(lambda eta: value(stability["bn_lambda_R"], eta=eta, **here) / eta, 1e-3, 1e3)
    slopes_here = {name: value(stability[name], gamma0=gamma0) for name in ("I1_R", "I2_R", "I3_R")}
    largest = value(general["eta_max"], zeta=zeta, gamma0=gamma0, **slopes_here)
    assert value(general["eta_eff"], eta=speed, gamma0=gamma0, L0=0.7) == pytest.approx(largest)
