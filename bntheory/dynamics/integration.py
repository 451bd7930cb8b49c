"""Integration of the order parameters by LSODA (Adams and BDF, Petzold 1983), through SciPy.

LSODA bounds the largest error among all components.  So many members integrated as one system each
keep the tolerance; their Jacobian is banded.  They share their steps, so members that move equally
fast are put together.  The tolerance is relative to 1 - R down to ``SMALLEST``: there the rounding
of gamma, through I2, moves 1 - R, and nothing could be resolved.

A student that points away from the teacher may turn by the sign of gamma.  The generated functions
are for gamma > 0; (gamma, R) and (-gamma, -R) are the same student, and the rates for gamma < 0 are
had from that.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bntheory.dynamics.systems import System

SMALLEST = 1e-16
STEPS = 100_000  # between two times of the output
TOGETHER = 2500  # members, whose state and intermediate results stay in the cache

Right = Callable[..., Any]


def one(
    system: System,
    start: Sequence[float],
    parameters: Sequence[float],
    t: np.ndarray,
    rtol: float,
    atol: float,
) -> np.ndarray:
    """Integrate one member from t = 0.

    Returns
    -------
    ndarray, shape (components, times)

    Raises
    ------
    RuntimeError
        If the solver gives up; the message gives its reason.
    """
    rates, jacobian = (
        _of_floats(f.math, tuple(parameters), len(start)) for f in (system.rates, system.jacobian)
    )
    return _bounded(_solve(rates, np.array(start), t, rtol, atol, Dfun=jacobian).T)


def many(
    system: System,
    start: np.ndarray,
    parameters: np.ndarray,
    t: np.ndarray,
    rtol: float,
    atol: float,
) -> np.ndarray:
    """Integrate many members from t = 0; they are the last axis of ``start`` and ``parameters``.

    Returns
    -------
    ndarray, shape (components, members, times)

    Raises
    ------
    RuntimeError
        If the solver gives up; the message gives its reason.
    """
    width, members = start.shape
    result = np.empty((width, members, t.size))
    chunks = -(-members // TOGETHER)
    for chunk in np.array_split(_by_speed(system, start, parameters), chunks):
        fixed = parameters[:, chunk]
        found = _solve(
            _stacked(system.rates.plain, fixed, width),
            start[:, chunk].T.ravel(),
            t,
            rtol,
            atol,
            Dfun=_banded(system.jacobian.plain, fixed, width),
            ml=width - 1,
            mu=width - 1,
        )
        result[:, chunk] = found.reshape(t.size, chunk.size, width).T
    return _bounded(result)


def _by_speed(system: System, start: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """Return the members in the order of the largest sum of a row of their Jacobians."""
    matrix = system.jacobian(*start, *parameters)
    return np.argsort(np.max([sum(np.abs(entry) for entry in row) for row in matrix], axis=0))


def _of_floats(function: Right, parameters: tuple[float, ...], width: int) -> Right:
    """Return a function of t and the state, for Python floats."""

    def of_three(t: float, y: np.ndarray) -> Any:
        gamma, m, L = y.tolist()
        if not 0.0 <= m <= 2.0:
            m = min(max(m, 0.0), 2.0)
        if gamma < 0.0:
            return _turned(function(-gamma, 2.0 - m, L, *parameters), -1.0)
        return function(gamma, m, L, *parameters)

    def of_two(t: float, y: np.ndarray) -> Any:
        m, L = y.tolist()
        return function(min(max(m, 0.0), 2.0), L, *parameters)

    return of_three if width == 3 else of_two


def _turned(moved: Any, sign: Any) -> Any:
    """Return rates, or the rows of their Jacobian, for gamma and R of the other sign."""
    signs = (sign, sign, 1.0)
    if not isinstance(moved[0], tuple):
        return tuple(s * rate for s, rate in zip(signs, moved, strict=True))
    return tuple(
        tuple(r * s * entry for s, entry in zip(signs, row, strict=True))
        for r, row in zip(signs, moved, strict=True)
    )


def _bounded(state: np.ndarray) -> np.ndarray:
    """Keep 1 - R, the last but one component, in its domain, which rounding may leave."""
    np.minimum(np.maximum(state[-2], 0.0, out=state[-2]), 2.0, out=state[-2])
    return state


def _of_columns(function: Right, y: np.ndarray, parameters: np.ndarray, width: int) -> Any:
    """Return rates or Jacobian of the stacked members, one array for each entry."""
    state = _bounded(np.ascontiguousarray(y.reshape(-1, width).T))
    if width == 2 or state[0].min() >= 0.0:
        return function(*state, *parameters)
    gamma, m, L = state
    sign = np.where(gamma < 0.0, -1.0, 1.0)
    moved = function(np.abs(gamma), np.where(gamma < 0.0, 2.0 - m, m), L, *parameters)
    return _turned(moved, sign)


def _stacked(function: Right, parameters: np.ndarray, width: int) -> Right:
    """Return the rates of the members, one after the other."""

    def rates(t: float, y: np.ndarray) -> np.ndarray:
        result = np.empty((y.size // width, width))
        for k, rate in enumerate(_of_columns(function, y, parameters, width)):
            result[:, k] = rate
        return result.ravel()

    return rates


def _banded(function: Right, parameters: np.ndarray, width: int) -> Right:
    """Return the Jacobian of the members by its diagonals, the highest first."""

    def bands(t: float, y: np.ndarray) -> np.ndarray:
        result = np.zeros((2 * width - 1, y.size))
        for i, row in enumerate(_of_columns(function, y, parameters, width)):
            for j, entry in enumerate(row):
                result[i - j + width - 1, j::width] = entry
        return result

    return bands


def _solve(
    rates: Right, start: np.ndarray, t: np.ndarray, rtol: float, atol: float, **options: Any
) -> np.ndarray:
    """Integrate from t = 0, and give the state at the times ``t``."""
    from scipy.integrate import ODEintWarning, odeint

    late = t[0] > 0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", ODEintWarning)
        try:
            found = odeint(
                rates,
                start,
                np.concatenate([[0.0], t]) if late else t,
                rtol=rtol,
                atol=max(atol, rtol * SMALLEST),
                tfirst=True,
                mxstep=STEPS,
                **options,
            )
        except ODEintWarning as reason:
            raise _failure(t, str(reason).partition(" Run with")[0].rstrip(".")) from None
        except (ArithmeticError, ValueError) as reason:
            raise _failure(t, f"the rates cannot be computed, {reason}") from None
    if not np.isfinite(found).all():
        raise _failure(t, "the state is not finite")
    state: np.ndarray = found[1:] if late else found
    return state


def _failure(t: np.ndarray, reason: str) -> RuntimeError:
    return RuntimeError(f"the solver gave up before t = {t[-1]:g}: {reason}")
