"""Errors that no step can see, since both of its routes start from them, meet the network.

A wrong definition (a sign of delta, a loss without its square, a wrong law of the fields) leads to
a derivation whose links all hold.  What catches it is the system itself: Monte Carlo of the fields
as they are defined, and SGD of explicit vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
from mutants import parts
from network import G, Weights, inputs, value, z_score

from bntheory.activations import ACTIVATIONS
from bntheory.calculus.gaussian import NormalPair
from bntheory.notation import SYMBOLS, dot, g
from derivations import eq5, eq8, eq10, eq13, eq14, eq15, model, online_error, table1_sgd

GAMMA, R, L, ETA, ZETA = 0.7, 0.45, 0.8, 1.0, 0.4
LIMIT = 4.5


def of_fields(activation: str, name: str) -> np.ndarray:
    """Return a sample of delta u, delta^2, delta v or half the squared difference."""
    rng = np.random.default_rng(11)
    p, z = rng.standard_normal((2, 200_000))
    u, v = GAMMA * p, R * p + np.sqrt(1 - R * R) * z
    f, slope = G[activation]
    delta = slope(u) * (f(v) - f(u))
    return {
        "I1": delta * u,
        "I2": delta**2,
        "I3": delta * v,
        "online_error": (f(v) - f(u)) ** 2 / 2,
    }[name]


MODULES = {"I1": eq13, "I2": eq15, "I3": eq14, "online_error": online_error}
signal = model.signal


def swapped(activation: Any) -> sp.Expr:
    """A signal with the derivative taken at the teacher's field."""
    return signal(activation).subs({model.u: model.v, model.v: model.u}, simultaneous=True)


INTEGRALS = {
    "delta with the wrong sign": ("signal", lambda a: -signal(a), "I1", "relu"),
    "delta with the wrong sign, I3": ("signal", lambda a: -signal(a), "I3", "erf"),
    "delta without its derivative": (
        "signal",
        lambda a: a(model.v) - a(model.u),
        "I1",
        "leaky_relu",
    ),
    "delta with a plus": (
        "signal",
        lambda a: a.derivative(model.u) * (a(model.v) + a(model.u)),
        "I2",
        "relu",
    ),
    "fields exchanged": ("signal", swapped, "I3", "relu"),
    "another scale": (
        "FIELDS",
        NormalPair(model.u, model.v, model.gamma**2, model.R),
        "I1",
        "linear",
    ),
    "another correlation": (
        "FIELDS",
        NormalPair(model.u, model.v, model.gamma, model.R**2),
        "online_error",
        "erf",
    ),
}


@pytest.mark.parametrize("name", ["I1", "I2", "I3", "online_error"])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "linear", "erf"])
def test_the_right_definition_meets_the_sample(activation: str, name: str) -> None:
    derivation = MODULES[name].derive(ACTIVATIONS[activation])
    wanted = value(derivation[name], gamma=GAMMA, R=R)
    assert abs(z_score(of_fields(activation, name), wanted)) < LIMIT


@pytest.mark.parametrize("error", INTEGRALS)
def test_a_wrong_integrand_disagrees_with_the_sample(
    monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    attribute, wrong, name, activation = INTEGRALS[error]
    monkeypatch.setattr(MODULES[name], attribute, wrong)
    derivation = MODULES[name].derive.__wrapped__(ACTIVATIONS[activation])
    found = value(derivation[name], gamma=GAMMA, R=R)
    assert abs(z_score(of_fields(activation, name), found)) > 2 * LIMIT


def test_a_wrong_law_that_both_routes_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """For erf the closed form and its quadrature take the covariance from one place."""

    def halved(self: NormalPair) -> sp.Matrix:
        c = self.scale * self.correlation / 2
        return sp.Matrix([[self.scale**2, c], [c, 1]])

    monkeypatch.setattr(NormalPair, "covariance", property(halved))
    found = value(eq13.derive.__wrapped__(ACTIVATIONS["erf"])["I1"], gamma=GAMMA, R=R)
    assert abs(z_score(of_fields("erf", "I1"), found)) > 2 * LIMIT


# -- one step ------------------------------------------------------------------------------------

N = 12


@pytest.fixture(scope="module")
def example() -> tuple[Weights, np.ndarray, dict[str, float]]:
    """Weights, an input, and the numbers on which a derived step depends."""
    weights = Weights.draw(N, GAMMA, R, L, seed=2)
    x = np.random.default_rng(4).standard_normal((1, N)) / np.sqrt(N)
    (u,), (v,) = weights.fields(x)
    f, slope = G["erf"]
    delta = float(slope(u) * (f(v) - f(u)))
    return (
        weights,
        x,
        {
            "u": u,
            "v": v,
            "delta": delta,
            "gamma": GAMMA,
            "R": R,
            "L": L,
            "N": N,
            "eta": ETA,
            "zeta": ZETA,
        },
    )


def step_of_gamma(derivation: Any, example: tuple[Any, ...]) -> float:
    """Return Delta gamma of (5), with the activation put in where delta is not named."""
    weights, _, numbers = example
    f, slope = G["erf"]
    expr = derivation["Delta_gamma"].subs(
        dot(SYMBOLS["w"], SYMBOLS["w"]), float(weights.w @ weights.w)
    )
    expr = expr.replace(g, lambda z: sp.Float(float(f(value(z, **numbers)))))
    expr = expr.replace(SYMBOLS["g_prime"], lambda z: sp.Float(float(slope(value(z, **numbers)))))
    return value(expr, **numbers)


difference = g(dot(model.w_star, model.x)) - g(model.student_field)
LOSSES = {
    "right": difference**2 + model.zeta * model.gamma**2,
    "without the square": difference + model.zeta * model.gamma**2,
    "halved": difference**2 / 2 + model.zeta * model.gamma**2,
    "with a plus": (difference + 2 * g(model.student_field)) ** 2 + model.zeta * model.gamma**2,
    "with the wrong sign of the decay": difference**2 - model.zeta * model.gamma**2,
    "with decay linear in gamma": difference**2 + model.zeta * model.gamma,
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_wrong_loss_disagrees_with_a_step(
    monkeypatch: pytest.MonkeyPatch, example: tuple[Any, ...], loss: str
) -> None:
    weights, x, _ = example
    monkeypatch.setattr(eq5, "loss", LOSSES[loss])
    derivation = eq5.derive.__wrapped__()
    _, along_upsilon = weights.gradients(x, "erf", ZETA)
    wanted = -2 * ETA * float(along_upsilon[0]) * np.sqrt(N)
    agrees = step_of_gamma(derivation, example) == pytest.approx(wanted, rel=1e-6)
    assert bool(agrees) is (loss == "right")
    assert derivation.passed  # every link holds: it is the start that is wrong


@pytest.mark.parametrize("wrong", [False, True])
def test_a_wrong_overlap_disagrees_with_a_step(
    monkeypatch: pytest.MonkeyPatch, example: tuple[Any, ...], wrong: bool
) -> None:
    """|w|^2 = N L in the place of N L^2."""
    weights, x, numbers = example
    if wrong:
        square = {dot(model.w, model.w): model.N * model.L}
        monkeypatch.setattr(eq8, "ORDER_PARAMETERS", {**model.ORDER_PARAMETERS, **square})
    derivation = eq8.derive.__wrapped__()
    squared = {dot(SYMBOLS["x"], SYMBOLS["x"]): float(x[0] @ x[0])}
    found = value(derivation["Delta_L2"].subs(squared), **numbers)
    _, _, (length,) = weights.steps(x, "erf", ETA, ZETA)
    assert (found == pytest.approx(length**2 - L**2, rel=1e-5)) is not wrong


# -- rates ---------------------------------------------------------------------------------------


def mean_step(activation: str, plain: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return N times the mean change of (gamma, R, L) in a step, and its standard error."""
    neurons = 200
    weights = Weights.draw(neurons, GAMMA, R, L)
    start = np.array(weights.order_parameters)
    changes = (
        np.concatenate(
            [
                np.array(weights.steps(x, activation, ETA, 0 if plain else ZETA, plain)).T - start
                for x in inputs(neurons, 20_000)
            ]
        )
        * neurons
    )
    return changes.mean(axis=0), changes.std(axis=0) / np.sqrt(len(changes))


def one_term(expr: sp.Expr, rates: Any) -> sp.Expr:
    """A chain rule that knows of one variable only."""
    symbol = max(rates, key=str)
    return sp.diff(expr, symbol) * rates[symbol]


@pytest.mark.parametrize(
    ("module", "rule"),
    [
        (eq10, "right"),
        (eq10, "twice"),
        (eq10, "one term"),
        (table1_sgd, "right"),
        (table1_sgd, "twice"),
    ],
)
def test_a_wrong_chain_rule_disagrees_with_many_steps(
    monkeypatch: pytest.MonkeyPatch, module: Any, rule: str
) -> None:
    right = module.chain_rule
    rules: dict[str, Callable[..., Any]] = {
        "right": right,
        "twice": lambda *args: 2 * right(*args),
        "one term": one_term,
    }
    monkeypatch.setattr(module, "chain_rule", rules[rule])
    derivation = module.derive.__wrapped__(ACTIVATIONS["linear"])
    plain = module is table1_sgd
    numbers = {"gamma": GAMMA, "R": R, "L": L, "eta": ETA, "zeta": ZETA}
    rates = [value(r, **numbers) for r in parts(derivation["sgd_rates" if plain else "bn_rates"])]
    mean, error = (entry[1:] if plain else entry for entry in mean_step("linear", plain))
    near = np.abs(mean - rates) < LIMIT * error + 0.05 * np.abs(rates)
    assert near.all() == (rule == "right")
