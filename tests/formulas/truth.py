"""What every generated function should return, from the model of :mod:`oracle` alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from oracle import Model, extrapolated, rest, resting_scale, slope_of_gamma

#: Moderate states: the model's own rounding and its finite differences stay below the tolerances.
RANGES = {
    "gamma": (0.3, 1.8),
    "R": (-0.97, 0.97),
    "L": (0.7, 1.6),
    "L0": (0.7, 1.6),
    "eta": (0.2, 1.2),
    "zeta": (0.05, 1.0),
    "misalignment": (0.03, 1.95),
    "slope": (0.1, 0.7),
}
STEPS = (0.04, 0.02, 0.01)


def tolerance(name: str) -> float:
    """Return how far a function may be from the model, in parts of 1 or of its largest entry."""
    if "jacobian" in name:
        return 1e-8
    return 3e-6 if "eta_" in name or "lambda_R" in name else 1e-9


def truth(activation: str, name: str, point: Mapping[str, float]) -> np.ndarray:
    """Return the values at a point, by argument name, as a flat array."""
    p, slope = dict(point), point.get("slope", 0.0)
    if "aligned" in name or "rates" in name or name in ("I1", "I2", "I3", "online_error"):
        gap = p["misalignment"] if "misalignment" in p else 1.0 - p["R"]
        return np.atleast_1d(_states(Model(activation, gap, slope), name, p))
    return np.atleast_1d(_at_rest(activation, name, p, slope))


def _states(model: Model, name: str, p: Mapping[str, float]) -> Any:
    method, what, *aligned = name.split("_") if name[0] in "bws" else ("", name, "")
    if not method:
        definition: Callable[[float], float] = getattr(model, name.removesuffix("_aligned"))
        return definition(p["gamma"])
    state = (p["gamma"], p["L"]) if method in ("bn", "wn") else (p["L"],)
    turn = (1, -1, 1) if method in ("bn", "wn") else (-1, 1)

    def rates(model: Model, *state: float) -> Any:
        if len(state) == 2:
            return model.bn_rates(*state, p["eta"], p.get("zeta", 0.0))
        return model.sgd_rates(*state, p["eta"])

    if what == "rates":
        return rates(model, *state) * (turn if aligned else 1)
    columns = []
    for k in range(len(state)):

        def along(h: float, k: int = k) -> Any:
            moved = list(state)
            moved[k] += h
            return rates(model, *moved)

        columns.append(_central(along, state[k]))

    def across(h: float) -> Any:
        gap = 2 * np.sin((model.theta + h) / 2) ** 2
        return rates(Model(model.name, gap, model.slope), *state)

    room = min(model.theta, np.pi - model.theta)
    columns.insert(len(state) - 1, _central(across, room) / np.sin(model.theta))
    return (np.array(columns).T * np.array(turn)[:, None]).ravel()


def _central(function: Callable[[float], Any], size: float) -> Any:
    chords = [(function(h) - function(-h)) / (2 * h) for h in (step * size for step in STEPS)]
    return extrapolated(chords, 4.0)


def _at_rest(activation: str, name: str, p: Mapping[str, float], slope: float) -> float:
    zeta, L0, eta = p.get("zeta", 0.0), p.get("L0", 1.0), p.get("eta", 1.0)
    if name == "bn_fixed_point":
        return resting_scale(activation, zeta, slope)
    if name == "bn_lambda_gamma":
        return slope_of_gamma(activation, eta, zeta, slope)
    method = name.split("_")[0]
    found = rest(activation, zeta, L0, slope, "sgd" if method == "sgd" else "bn")
    if name == "bn_lambda_R":
        return -eta * (found.A - eta * found.B)
    return found.eta_max if name.endswith("eta_max") else eta * found.per_eta
