"""What a user gives: numbers, arrays and labelled arrays, each inside its domain."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bntheory.dynamics.systems import METHODS, System
from bntheory.formula import DOMAINS

#: As for the formulas, but for the learning rate: at 0 nothing moves.
_DOMAINS = {**DOMAINS, "eta": (0.0, math.inf, True)}


def inside(name: str, value: Any) -> Any:
    """Return a float, or an array of floats, each inside the domain of ``name``.

    Raises
    ------
    ValueError
        Naming the argument, the value and the domain.
    """
    if isinstance(value, (int, float)):
        value = float(value)
        if not _contains(name, value):
            raise ValueError(_complaint(name, value))
        return value
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {_short(value)} is not a number or an array of them") from None
    if not array.size:
        raise ValueError(f"{name} is an array without elements")
    low, high, _ = _DOMAINS[name]
    if not (array.min() > low and array.max() < high):  # at an end, or outside, or nan
        for element in array.flat:
            if not _contains(name, float(element)):
                raise ValueError(_complaint(name, float(element)))
    if not array.ndim:
        return float(array)
    return value.astype(np.float64) if hasattr(value, "dims") else array


def _contains(name: str, value: float) -> bool:
    low, high, left_open = _DOMAINS[name]
    return math.isfinite(value) and (low < value if left_open else low <= value) and value <= high


def _complaint(name: str, value: float) -> str:
    low, high, left_open = _DOMAINS[name]
    left = f"{low:g} {'<' if left_open else '<='} " if math.isfinite(low) else ""
    right = f" <= {high:g}" if math.isfinite(high) else ""
    domain = f", {left}{name}{right}" if left or right else ", the finite numbers"
    return f"{name} = {value:.12g} is outside its domain{domain}"


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 40 else text[:37] + "..."


def parameters(system: System, eta: Any, zeta: Any, slope: Any) -> dict[str, Any]:
    """Return what the rates take besides the state, by name.

    Raises
    ------
    ValueError
        If one is outside its domain, is missing, or is none of this system's.
    """
    values = {"eta": inside("eta", eta)}
    zeta = inside("zeta", zeta)
    if system.method == "bn":
        values["zeta"] = zeta
    elif np.any(zeta != 0):
        first = float(np.ravel(zeta)[np.flatnonzero(np.ravel(zeta))[0]])
        raise ValueError(f"zeta = {first:g}, but {METHODS[system.method]} has no decay, zeta = 0")
    if slope is not None and "slope" not in system.extra:
        raise ValueError(f"slope = {_short(slope)}, but {system.activation} has no slope")
    for name in system.extra:
        if name != "slope" or slope is None:
            raise ValueError(f"{system.activation} needs its {name}")
        values[name] = inside(name, slope)
    return values


def misalignment(R: Any, misalignment: Any) -> Any:
    """Return 1 - R from one of the two.

    Raises
    ------
    ValueError
        If both or neither is given, or if it is outside its domain.
    """
    if (R is None) == (misalignment is None):
        given = "neither is" if R is None else "both are"
        raise ValueError(f"give either R or misalignment, that is 1 - R; {given} given")
    return inside("misalignment", misalignment) if R is None else 1.0 - inside("R", R)


def times(t: Any) -> np.ndarray:
    """Return the times of the output; for an end time, 201 of them from 0.

    Raises
    ------
    ValueError
        If they are negative, not finite or not increasing.
    """
    try:
        array = np.asarray(t, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"t = {_short(t)} is not a time or an array of times") from None
    if array.ndim > 1 or not array.size:
        raise ValueError(f"t has shape {array.shape}, and is one time or a 1-D array of them")
    bad = array[~(np.isfinite(array) & (array >= 0))]
    if bad.size:
        raise ValueError(f"t = {float(np.ravel(bad)[0]):g} is outside its domain, 0 <= t")
    if array.ndim == 0:
        if array == 0:
            raise ValueError("t = 0 is outside its domain, 0 < t for an end time")
        return np.linspace(0.0, float(array), 201)
    steps = np.diff(array)
    if not (steps > 0).all():
        k = int(np.argmax(steps <= 0))
        raise ValueError(f"t is not increasing: {array[k]:g} comes before {array[k + 1]:g}")
    return array


def tolerances(rtol: Any, atol: Any) -> tuple[float, float]:
    """Return both tolerances as floats.

    Raises
    ------
    ValueError
        If the solver cannot work with them.
    """
    for name, value, low in (("rtol", rtol, 1e-13), ("atol", atol, 0.0)):
        if not (isinstance(value, (int, float)) and low <= value <= 0.1):
            raise ValueError(
                f"{name} = {_short(value)} is outside its domain, {low:g} <= {name} <= 0.1"
            )
    return float(rtol), float(atol)
