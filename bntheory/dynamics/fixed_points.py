"""The fixed point (Prop. 1), its eigenvalues (Prop. 2) and where it is stable (Prop. 3, Table 1).

Everything is read off the generated rates and Jacobian at (gamma0, 1 - R = 0, L0), so it holds for
every activation function.  To first order in eta this point is at rest.  With decay I2 > 0 there:
what is left over of the rates is of second order, L keeps growing, and 1 - R settles at a small
value that falls as eta / L^2 does.  The paper neglects it, and so do ``lambda_R``, ``eta_max`` and
``stable``; ``eigenvalue`` is of the complete Jacobian.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory.dynamics import arguments, systems
from bntheory.dynamics.members import Members, broadcast
from bntheory.dynamics.results import about, labelled
from bntheory.dynamics.systems import System

if TYPE_CHECKING:
    import xarray as xr

TABLE = "Luo et al. 2019, Table 1"
SOURCES = {
    "gamma0": "Luo et al. 2019, Prop. 1",
    "R0": "Luo et al. 2019, Prop. 1",
    "L0": "Luo et al. 2019, Prop. 1",
    "eta_max": TABLE,
    "eta_eff": TABLE,
    "lambda_gamma": "Luo et al. 2019, Prop. 2",
    "lambda_R": "Luo et al. 2019, Prop. 2",
    "stable": "Luo et al. 2019, Prop. 3",
    "eigenvalue": "Luo et al. 2019, Prop. 2, with nothing neglected",
    "left_over": "Luo et al. 2019, Eq. (10) at the fixed point of Prop. 1",
}


#: What does not depend on the learning rate.
STILL = ("gamma0", "R0", "L0", "eta_max")


def fixed_point(
    method: str,
    activation: Any = "relu",
    zeta: Any = 0.0,
    *,
    eta: Any = None,
    L0: Any = None,
    slope: Any = None,
) -> xr.Dataset:
    """Return the fixed point where student and teacher are aligned, and how it attracts.

    Everything is dimensionless.  Arrays broadcast as in :func:`~bntheory.dynamics.trajectory`.

    Parameters
    ----------
    method : {"bn", "wn", "sgd"}
        As in :func:`~bntheory.dynamics.trajectory`.
    activation : str, Activation, Expr or callable, default "relu"
        As in :func:`~bntheory.dynamics.trajectory`.
    zeta : float or array, default 0
        Strength of the decay of gamma, for ``bn``; 0 <= zeta.
    eta : float or array, optional
        Learning rate; 0 < eta.  Without one, what depends on it is left out.
    L0 : float or array, default 1
        The free norm; 0 < L0.  For plain SGD it is not free, and 1.
    slope : float or array, optional
        Slope of leaky ReLU.

    Returns
    -------
    xarray.Dataset
        ``gamma0`` (not for ``sgd``), ``R0``, ``L0`` and ``eta_max``; with a learning rate also
        ``eta_eff``; ``lambda_gamma``, ``lambda_R`` and ``stable`` as in the paper; ``eigenvalue``
        of the complete Jacobian, by ``mode``; ``left_over``, the rates of the order parameters
        that are not zero after all.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.
    RuntimeError
        If gamma has no place to rest in (0, 1].

    Notes
    -----
    Luo et al. 2019, Prop. 1 to 3 and Table 1.
    """
    import xarray as xr

    system = systems.find(method, activation)
    values = arguments.parameters(system, 1.0 if eta is None else eta, zeta, slope)
    values["L0"] = arguments.inside("L0", 1.0 if L0 is None else L0)
    if method == "sgd" and np.any(values["L0"] != 1.0):
        raise ValueError("L0 is given, but that of plain SGD is not free, L0 = 1")
    members = broadcast(values)
    found = _local(system, members)
    dims = {"eigenvalue": ("mode",), "left_over": ("order_parameter",)}
    variables = {
        name: labelled(name, (*members.dims, *dims.get(name, ())), members.shaped(value), source)
        for name, source in SOURCES.items()
        if (value := found.get(name)) is not None and (eta is not None or name in STILL)
    }
    coords = members.coords | {
        name: labelled(name, array.dims, array.values) for name, array in members.arrays.items()
    }
    if eta is not None:
        names = ["R" if name == "misalignment" else name for name in system.state]
        coords["order_parameter"] = xr.Variable(("order_parameter",), names)
    given = members.numbers if eta is not None else dict(members.numbers, eta=None)
    numbers = {k: v for k, v in given.items() if k != "L0" and v is not None}
    variables = {name: value for name, value in variables.items() if name not in coords}
    return xr.Dataset(variables, coords, about(system) | numbers)


def eigenvalues(
    method: str,
    activation: Any,
    eta: Any,
    zeta: Any = 0.0,
    L0: Any = None,
    *,
    slope: Any = None,
) -> xr.DataArray:
    """Return the eigenvalues of the complete Jacobian at the fixed point.

    Parameters
    ----------
    method, activation, eta, zeta, L0, slope
        As in :func:`fixed_point`.

    Returns
    -------
    xarray.DataArray
        Over the dimensions of the arguments and ``mode``, the most negative real part first; real
        where all of them are.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.
    RuntimeError
        If gamma has no place to rest in (0, 1].

    Notes
    -----
    Luo et al. 2019, Prop. 2, which neglects I2 at the fixed point: ``lambda_gamma`` and
    ``lambda_R`` of :func:`fixed_point`.
    """
    found = fixed_point(method, activation, zeta, eta=eta, L0=L0, slope=slope)
    return found["eigenvalue"]


def stability_map(
    eta: Any, zeta: Any, activation: Any = "relu", *, L0: float = 1.0, slope: Any = None
) -> xr.Dataset:
    """Return where the fixed point of batch normalization is stable.

    Parameters
    ----------
    eta : 1-D array
        Learning rates; 0 < eta.
    zeta : 1-D array
        Strengths of the decay of gamma; 0 <= zeta.
    activation : str, Activation, Expr or callable, default "relu"
        As in :func:`~bntheory.dynamics.trajectory`.
    L0 : float, default 1
        The free norm; 0 < L0.
    slope : float, optional
        Slope of leaky ReLU.

    Returns
    -------
    xarray.Dataset
        ``lambda_gamma``, ``lambda_R``, ``eta_eff``, ``eta_max`` and ``stable``, which is where both
        eigenvalues are negative, over ``eta`` and ``zeta``.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.

    Notes
    -----
    Luo et al. 2019, Prop. 3 and Table 1.
    """
    import xarray as xr

    axes = {}
    for name, values in (("eta", eta), ("zeta", zeta)):
        flat = np.atleast_1d(arguments.inside(name, values))
        if flat.ndim > 1:
            raise ValueError(f"{name} has shape {flat.shape}, and is a 1-D array")
        axes[name] = xr.DataArray(flat, dims=name, coords={name: flat})
    found = fixed_point("bn", activation, axes["zeta"], eta=axes["eta"], L0=L0, slope=slope)
    wanted = found[["lambda_gamma", "lambda_R", "eta_eff", "eta_max", "stable"]]
    return wanted.transpose("eta", "zeta")


def _local(system: System, members: Members) -> dict[str, np.ndarray]:
    """Return everything about the fixed point, by name."""
    values = {name: np.atleast_1d(value) for name, value in members.values.items()}
    eta, L0 = values["eta"], values["L0"]
    values.setdefault("zeta", np.zeros_like(eta))
    extra = [values[name] for name in system.extra]
    has_scale = system.method != "sgd"
    scale = [_resting(system, values["zeta"], extra)] if has_scale else []
    further = [values["zeta"], *extra] if has_scale else extra

    def at(eta: np.ndarray, L: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rates and the Jacobian, the members last."""
        here = (*scale, np.zeros_like(eta), L, eta, *further)
        return np.array(system.rates(*here)), np.array(system.jacobian(*here))

    def lambda_R(eta: np.ndarray, L: np.ndarray) -> np.ndarray:
        """Return the entry of R without its term in I2, which is the rate of L over L."""
        rates, jacobian = at(eta, L)
        noise = rates[-1] / L if has_scale else 0.0
        return jacobian[-2, -2] + noise

    rates, jacobian = at(eta, L0)
    one = np.ones_like(eta)
    first, both = lambda_R(one, one), lambda_R(2 * one, one)  # a eta + b eta^2 at eta = 1, 2
    squared = (both - 2 * first) / 2
    gamma0 = scale[0] if has_scale else one
    rates[-2] *= -1  # of R and not of 1 - R
    found = {
        "R0": one,
        "L0": L0,
        "eta_max": gamma0 * (squared - first) / squared,
        "eta_eff": eta * gamma0 / L0**2,
        "lambda_gamma": jacobian[0, 0] if has_scale else jacobian[1, 1],
        "lambda_R": lambda_R(eta, L0),
        "eigenvalue": _sorted(np.linalg.eigvals(np.moveaxis(jacobian, -1, 0))),
        "left_over": rates.T,
    }
    if has_scale:
        found["gamma0"] = gamma0
    found["stable"] = (found["lambda_gamma"] < 0) & (found["lambda_R"] < 0)
    return found if members.dims else {name: value[0] for name, value in found.items()}


def _sorted(eigenvalues: np.ndarray) -> np.ndarray:
    order = np.argsort(eigenvalues.real, axis=-1)
    return np.take_along_axis(eigenvalues, order, axis=-1)


def _resting(system: System, zeta: np.ndarray, extra: list[np.ndarray]) -> np.ndarray:
    """Return gamma at rest: its closed form, or else the root of its rate nearest to 1."""
    if system.gamma0 is not None:
        return np.asarray(system.gamma0(zeta, *extra))
    different, where = np.unique(np.stack([zeta, *extra]), axis=1, return_inverse=True)
    roots = np.array([_root(system, *column) for column in different.T.tolist()])
    return roots[np.ravel(where)]


def _root(system: System, zeta: float, *extra: float) -> float:
    """Solve I1(gamma, 1) = zeta gamma^2, which for zeta = 0 has the solution 1."""
    from scipy.optimize import brentq

    if zeta == 0.0:
        return 1.0

    def rate(gamma: Any) -> Any:
        return system.rates(gamma, 0.0, 1.0, 1.0, zeta, *extra)[0]

    grid = np.geomspace(1.0, 1e-6, 400)
    rising = np.flatnonzero(rate(grid) > 0)
    if not rising.size or not rising[0]:
        raise RuntimeError(f"gamma has no place to rest in (0, 1] for zeta = {zeta:g}")
    first = rising[0]
    return float(brentq(rate, grid[first], grid[first - 1], xtol=1e-300, rtol=1e-15))
