"""Steps and rates against SGD of explicit vectors, its gradients taken by finite differences."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from network import NAMES, G, Weights, inputs, value

from bntheory.notation import SYMBOLS, dot

parameters = st.tuples(
    st.floats(0.3, 2.0),
    st.floats(-0.95, 0.95),
    st.floats(0.5, 2.0),
    st.floats(0.1, 3.0),
    st.floats(0.0, 1.0),
    st.integers(0, 10**6),
)


def seen(weights: Weights, x: np.ndarray, activation: str) -> dict[str, float]:
    """Return what a derived step depends on, for one example."""
    g, slope = G[activation]
    (u,), (v,) = weights.fields(x)
    gamma, R, L = weights.order_parameters
    delta = float(slope(u) * (g(v) - g(u)))
    return {"u": u, "v": v, "delta": delta, "gamma": gamma, "R": R, "L": L, "N": weights.size}


def near_kink(numbers: dict[str, float]) -> bool:
    return abs(numbers["u"]) < 1e-2


@pytest.mark.parametrize("activation", NAMES)
@given(parameters)
def test_one_step_of_the_order_parameters(
    derived: Callable[..., Any], activation: str, drawn: tuple[Any, ...]
) -> None:
    """gamma^2, RL and L^2 before and after one explicit step, against (8) as derived."""
    gamma, R, L, eta, zeta, seed = drawn
    weights = Weights.draw(N := 12, gamma, R, L, seed)
    x = np.random.default_rng(seed + 1).standard_normal((1, N)) / np.sqrt(N)
    numbers = seen(weights, x, activation) | {"eta": eta, "zeta": zeta}
    assume(not near_kink(numbers))
    (gamma_after,), (R_after,), (L_after,) = weights.steps(x, activation, eta, zeta)

    moved = {
        "Delta_gamma2": gamma_after**2 - gamma**2,
        "Delta_RL": R_after * L_after - R * L,
        "Delta_L2": L_after**2 - L**2,
    }
    step = derived("eq8", None)
    squared = {dot(SYMBOLS["x"], SYMBOLS["x"]): float(x[0] @ x[0])}
    for name, change in moved.items():
        got = value(step[name].subs(squared), **numbers)
        assert got == pytest.approx(change, rel=1e-5, abs=1e-8), name


@pytest.mark.parametrize("activation", NAMES)
@given(parameters)
def test_one_step_of_the_weights(
    derived: Callable[..., Any], activation: str, drawn: tuple[Any, ...]
) -> None:
    """(5) as derived is SGD on the loss as printed: twice the gradient of the halved loss."""
    gamma, R, L, eta, zeta, seed = drawn
    weights = Weights.draw(N := 12, gamma, R, L, seed)
    x = np.random.default_rng(seed + 1).standard_normal((1, N)) / np.sqrt(N)
    numbers = seen(weights, x, activation) | {"eta": eta, "zeta": zeta}
    assume(not near_kink(numbers))
    along_w, along_upsilon = (-2 * eta * grad for grad in weights.gradients(x, activation, zeta))

    squared = {dot(SYMBOLS["w"], SYMBOLS["w"]): float(weights.w @ weights.w)}
    step = derived("eq5", None)
    parts = {name: step["Delta_w"].expand().coeff(SYMBOLS[name]) for name in ("x", "w")}
    got = sum(
        value(parts[name].subs(squared), **numbers) * vector
        for name, vector in (("x", x[0]), ("w", weights.w))
    )
    np.testing.assert_allclose(got, along_w[0], rtol=1e-5, atol=1e-7)
    in_gamma = float(along_upsilon[0]) * np.sqrt(N)  # d/dgamma = sqrt(N) d/dupsilon
    assert value(step["Delta_gamma"].subs(squared), **numbers) == pytest.approx(
        in_gamma, rel=1e-5, abs=1e-7
    )


# -- rates ---------------------------------------------------------------------------------------

NEURONS, SAMPLES = 400, 40_000
STATE = {"gamma": 0.7, "R": 0.45, "L": 0.8}
SHORT = {**STATE, "L": 0.4}  # for plain SGD, whose scale is L
ETA, ZETA = 1.0, 0.4
MEASURED = {"bn": (STATE, ZETA, False), "wn": (STATE, 0.0, False), "sgd": (SHORT, 0.0, True)}


@cache
def measured(activation: str, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Return N times the mean change of (gamma, R, L) in one step, and its standard error."""
    state, zeta, plain = MEASURED[method]
    weights = Weights.draw(NEURONS, state["gamma"], state["R"], state["L"])
    start = np.array(weights.order_parameters)
    changes = np.concatenate(
        [
            np.array(weights.steps(x, activation, ETA, zeta, plain)).T - start
            for x in inputs(NEURONS, SAMPLES, chunk=5_000)
        ]
    )
    changes *= NEURONS
    return changes.mean(axis=0), changes.std(axis=0, ddof=1) / np.sqrt(len(changes))


def agree(mean: np.ndarray, error: np.ndarray, rates: list[float]) -> np.ndarray:
    """Whether rates lie within the error bar and a correction of order 1/N, entry by entry."""
    return np.abs(mean - rates) < 4.5 * error + 8 / NEURONS * np.abs(rates)


def refused(mean: np.ndarray, error: np.ndarray, rates: list[float]) -> bool:
    """Whether the same measurement refuses rates that are half as large again."""
    return not agree(mean, error, [1.5 * rate for rate in rates]).any()


@pytest.mark.parametrize("id", ["eq10", "drift", "eq6"])
@pytest.mark.parametrize("activation", NAMES)
def test_rates_are_those_of_many_steps(
    derived: Callable[..., Any], activation: str, id: str
) -> None:
    """dgamma/dt, dR/dt and dL/dt."""
    mean, error = measured(activation, "bn")
    rates = [value(r, **STATE, eta=ETA, zeta=ZETA) for r in derived(id, activation)["bn_rates"]]
    assert agree(mean, error, rates).all()
    assert refused(mean, error, rates)


@pytest.mark.parametrize("activation", NAMES)
def test_rates_of_weight_normalization(derived: Callable[..., Any], activation: str) -> None:
    mean, error = measured(activation, "wn")
    rates = [value(r, **STATE, eta=ETA) for r in derived("table1-wn", activation)["wn_rates"]]
    assert agree(mean, error, rates).all()
    assert refused(mean, error, rates)


@pytest.mark.parametrize("id", ["table1-sgd", "drift"])
@pytest.mark.parametrize("activation", NAMES)
def test_rates_of_plain_sgd(derived: Callable[..., Any], activation: str, id: str) -> None:
    mean, error = (entry[1:] for entry in measured(activation, "sgd"))
    here = {name: SHORT[name] for name in ("R", "L")}
    rates = [value(r, **here, eta=ETA) for r in derived(id, activation)["sgd_rates"]]
    assert agree(mean, error, rates).all()
    assert refused(mean, error, rates)
