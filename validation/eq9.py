"""How fast gamma^2, RL and L^2 move (Eq. 9).

Many students make some steps at so large an N that they stay where they are: what they move is
their average step.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Literal

import sympy as sp

import derivations
from bntheory import paper
from bntheory.notation import SYMBOLS
from bntheory.simulation import Run
from bntheory.simulation.order_parameters import order_parameters
from bntheory.verdict import Check
from validation.judging import average, described, judged, named

NEURONS, STEPS, REPLICAS = 10**9, 4000, 2000
MARGIN = 0.02  # relative
#: gamma, R, L, eta, zeta.
PLACES = ((0.7, 0.3, 1.2, 0.5, 0.2), (1.2, 0.8, 0.8, 1.0, 0.0), (0.8, -0.4, 1.0, 0.2, 0.5))
NAMES = ("dgamma2_dt", "dRL_dt", "dL2_dt")


def validate(run: Run) -> Iterator[Check]:
    """Measure the three rates for ReLU and erf at three places."""
    activations: tuple[Literal["relu", "erf"], ...] = ("relu", "erf")
    for activation in activations:
        for place in PLACES:
            values = dict(zip(("gamma", "R", "L", "eta", "zeta"), place, strict=True))
            system = f"{activation} student, {described(values)}"
            yield from named(system, at(run, activation=activation, **values))


def at(
    run: Run,
    *,
    activation: Literal["relu", "linear", "erf"] = "relu",
    gamma: float = 0.7,
    R: float = 0.3,
    L: float = 1.2,
    eta: float = 0.5,
    zeta: float = 0.2,
) -> Iterator[Check]:
    """Measure the three rates at one place."""
    N = run.neurons or NEURONS
    values: dict[str, Any] = {"gamma": gamma, "R": R, "L": L, "eta": eta, "zeta": zeta}
    seed = run.generator(f"eq9 {activation} {tuple(values.values())}").initial_seed()
    moved = order_parameters(
        "wn", activation, N=N, t=[0, STEPS / N], replicas=REPLICAS, seed=seed, device=run.device,
        **values,
    )  # fmt: skip
    squares = (moved.gamma**2, moved.R * moved.L, moved.L**2)
    derived, printed = _rates()
    for name, square in zip(NAMES, squares, strict=True):
        rates = (square[:, 1] - square[:, 0]).values * (N / STEPS)
        predicted = _evaluated(derived[name], activation, values)
        yield from judged(
            "student of one neuron",
            name,
            average(rates),
            MARGIN * abs(predicted),
            predicted,
            _evaluated(printed[name], activation, values),
            N=N,
        )


@cache
def _rates() -> tuple[dict[str, sp.Expr], dict[str, sp.Expr]]:
    """Return the rates as derived and as printed."""
    derived = {
        name: sp.sympify(text, locals=SYMBOLS)
        for name, text in derivations.derive("eq9").results.items()
    }
    return derived, {str(equation.lhs): equation.rhs for equation in paper.find("eq9").printed}


def _evaluated(rate: sp.Expr, activation: str, values: dict[str, Any]) -> float:
    """Put in numbers; the integrals are the generated formulas."""
    formulas = import_module(f"bntheory.formulas.{activation}")
    numbers = {
        SYMBOLS[name](SYMBOLS["gamma"], SYMBOLS["R"]): float(
            getattr(formulas, name)(values["gamma"], values["R"])
        )
        for name in ("I1", "I2", "I3")
    }
    return float(rate.subs(numbers).subs({SYMBOLS[name]: x for name, x in values.items()}))
