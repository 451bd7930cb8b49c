"""Trajectories of the order parameters (Eq. 10 and Table 1), one or many in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory.dynamics import arguments, integration, systems
from bntheory.dynamics.members import Members, broadcast
from bntheory.dynamics.results import about, labelled

if TYPE_CHECKING:
    import xarray as xr

RESULTS = ("gamma", "R", "misalignment", "L", "online_error")


def trajectory(
    method: str,
    activation: Any = "relu",
    *,
    eta: Any,
    t: Any,
    R: Any = None,
    misalignment: Any = None,
    gamma: Any = None,
    L: Any = 1.0,
    zeta: Any = 0.0,
    slope: Any = None,
    rtol: float = 1e-8,
    atol: float = 0.0,
) -> xr.Dataset:
    """Integrate the order parameters in time, in the limit of many input neurons.

    Everything is dimensionless.  Where arguments are arrays, all combinations that broadcasting
    makes of them are integrated in one call: plain arrays broadcast by shape, labelled ones by the
    names of their dimensions, which the result keeps.

    Parameters
    ----------
    method : {"bn", "wn", "sgd"}
        Batch normalization as weight normalization with gamma decay, weight normalization, or plain
        SGD.
    activation : str, Activation, Expr or callable, default "relu"
        A module of :mod:`bntheory.formulas`, or a function of one's own: whatever
        :func:`bntheory.activations.of` takes, with closed forms.
    eta : float or array
        Learning rate; 0 < eta.
    t : float or 1-D array
        End time, for 201 times from 0; or the times themselves, increasing from 0 or later.  Time
        is counted in steps over N.
    R, misalignment : float or array
        Overlap of student and teacher at t = 0, -1 <= R <= 1; or, in its place, 1 - R, which near
        the fixed point keeps the digits that R loses.
    gamma : float or array, default 1
        Scale at t = 0; 0 < gamma.  Plain SGD has none: its L plays gamma.
    L : float or array, default 1
        Length of w over sqrt(N) at t = 0; 0 < L.
    zeta : float or array, default 0
        Strength of the decay of gamma, for ``bn``; 0 <= zeta.
    slope : float or array, optional
        Slope of leaky ReLU.
    rtol, atol : float
        Largest error of one step, relative to each of gamma, 1 - R and L, and absolute.  With
        ``atol = 0`` the error is relative to 1 - R down to 1e-16.

    Returns
    -------
    xarray.Dataset
        ``gamma`` (not for ``sgd``), ``R``, ``misalignment``, ``L`` and ``online_error`` over the
        dimensions of the arguments and ``t``.  R is the overlap of w; where ``gamma`` turns
        negative, as it may for R < 0, the student is that of -gamma and -R.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.
    RuntimeError
        If the solver gives up, with its reason.

    Notes
    -----
    Luo et al. 2019, Eq. (10); for plain SGD, Table 1.
    """
    system = systems.find(method, activation)
    times = arguments.times(t)
    rtol, atol = arguments.tolerances(rtol, atol)
    start = {"misalignment": arguments.misalignment(R, misalignment)}
    if method != "sgd":
        start = {"gamma": arguments.inside("gamma", 1.0 if gamma is None else gamma), **start}
    elif gamma is not None:
        raise ValueError("gamma is given, but plain SGD has none: its L plays gamma")
    start["L"] = arguments.inside("L", L)
    given = arguments.parameters(system, eta, zeta, slope)
    members = broadcast(start | given)
    if taken := sorted({"t", *RESULTS} & set(members.dims)):
        raise ValueError(f"an argument has the dimension {taken[0]!r}, the name of a result")
    held = {"zeta": 0.0 * members.values["eta"]} | members.values
    first, fixed = ([held[name] for name in names] for names in (system.state, system.parameters))
    if members.dims:
        state = integration.many(system, np.array(first), np.array(fixed), times, rtol, atol)
    else:
        state = integration.one(system, first, fixed, times, rtol, atol)
    return _dataset(system, members, times, state, rtol)


def _dataset(
    system: systems.System,
    members: Members,
    times: np.ndarray,
    state: np.ndarray,
    rtol: float,
) -> xr.Dataset:
    """Put the result into words: dimensions, coordinates, units and sources."""
    import xarray as xr

    found = dict(zip(system.state, state, strict=True))
    extra = [members.values[name] for name in system.extra]
    if members.dims:
        extra = [value[:, None] for value in extra]
    m = found["misalignment"]
    scale = found.get("gamma", found["L"])
    found["R"] = 1.0 - m
    found["online_error"] = system.error(np.abs(scale), np.where(scale < 0, 2 - m, m), *extra)
    names = [name for name in RESULTS if name in found]

    def variable(name: str) -> xr.Variable:
        source = system.error.source if name == "online_error" else system.rates.source
        return labelled(name, (*members.dims, "t"), members.shaped(found[name]), source)

    renamed = {name: f"{name}_start" for name in system.state}
    coords = members.coords | {"t": labelled("t", ("t",), times)}
    for name, array in members.arrays.items():
        label = renamed.get(name, name)
        coords[label] = labelled(name, array.dims, array.values)
    attributes = about(system, rtol=rtol, solver="LSODA, scipy.integrate.odeint")
    attributes |= {renamed.get(name, name): value for name, value in members.numbers.items()}
    return xr.Dataset({name: variable(name) for name in names}, coords, attributes)
