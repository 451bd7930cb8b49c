"""The order parameters of batch normalization in time, for N -> oo at fixed M."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory import __version__
from bntheory.batch_dynamics.arguments import batch_sizes, reduced
from bntheory.batch_dynamics.table import table
from bntheory.dynamics import arguments
from bntheory.dynamics.results import labelled

if TYPE_CHECKING:
    import xarray as xr

    from bntheory.batch_dynamics.table import Table


def rates(
    gamma: float, R: float, L: float, eta: float, M: int, activation: Any = "relu"
) -> tuple[float, float, float]:
    """Return dgamma/dt, dR/dt and dL/dt.

    Parameters
    ----------
    gamma, R, L : float
        Scale, overlap, -1 <= R <= 1, and length of w over sqrt(N), 0 < L.
    eta : float
        Learning rate; 0 < eta.
    M : int
        Samples of a batch; 4 <= M.
    activation : {"relu", "linear"}
        Of student and teacher.

    Returns
    -------
    tuple of float
        Per unit of time, which is steps over N.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.

    Examples
    --------
    >>> of_gamma, of_R, of_L = rates(1.0, 0.5, 1.0, eta=0.5, M=16)
    >>> print(f"{of_gamma:.4f} {of_R:.4f} {of_L:.4f}")
    -0.1010 0.1146 0.0020
    """
    (size,) = batch_sizes(M)
    values = {"gamma": gamma, "R": R, "L": L, "eta": eta}
    gamma, R, L, eta = (float(arguments.inside(name, value)) for name, value in values.items())
    known = table(reduced(activation), size)
    of_gamma, of_misalignment, of_L = map(float, _rates(known, size, eta, gamma, 1 - R, L))
    return of_gamma, -of_misalignment, of_L


def trajectory(
    M: int,
    activation: Any = "relu",
    *,
    eta: float,
    t: Any,
    R: float | None = None,
    misalignment: float | None = None,
    gamma: float = 1.0,
    L: float = 1.0,
    rtol: float = 1e-8,
) -> xr.Dataset:
    """Integrate the order parameters of batch normalization itself.

    Parameters
    ----------
    M : int
        Samples of a batch; 4 <= M.
    activation : {"relu", "linear"}
        Of student and teacher.
    eta : float
        Learning rate; 0 < eta.
    t : float or 1-D array
        End time, for 201 times from 0; or the times themselves, increasing.  Time is steps over N,
        and a step is made of M samples.
    R, misalignment : float
        Overlap of student and teacher at t = 0, or 1 - R in its place.
    gamma, L : float
        Scale, and length of w over sqrt(N), at t = 0.
    rtol : float
        Largest error of one step, relative to each of the three.

    Returns
    -------
    xarray.Dataset
        ``gamma``, ``R``, ``misalignment`` and ``L`` over ``t``.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.
    RuntimeError
        If the solver gives up, with its reason.

    Examples
    --------
    >>> run = trajectory(16, eta=0.5, R=0.1, t=[0.0, 40.0])
    >>> print(f"{float(run.gamma[-1]):.4f}")
    0.9537
    """
    import xarray as xr
    from scipy.integrate import solve_ivp

    (size,) = batch_sizes(M)
    eta = float(arguments.inside("eta", eta))
    start = [
        float(arguments.inside("gamma", gamma)),
        float(arguments.misalignment(R, misalignment)),
        float(arguments.inside("L", L)),
    ]
    rtol, _ = arguments.tolerances(rtol, 0.0)
    times = arguments.times(t)
    known = table(reduced(activation), size)
    solved = solve_ivp(
        lambda _, y: _rates(known, size, eta, *y.tolist()),
        (0.0, float(times[-1])),
        start,
        method="LSODA",
        t_eval=times,
        rtol=rtol,
        atol=rtol * 1e-6,
    )
    if not solved.success:
        raise RuntimeError(f"the solver gave up before t = {times[-1]:g}: {solved.message}")
    found = dict(zip(("gamma", "misalignment", "L"), solved.y, strict=True))
    found["R"] = 1 - found["misalignment"]
    about = {"title": "batch normalization", "library": f"bntheory {__version__}"}
    return xr.Dataset(
        {name: labelled(name, ("t",), values) for name, values in found.items()},
        {"t": labelled("t", ("t",), times)},
        about | {"M": size, "eta": eta},
    )


def _rates(
    known: Table, M: int, eta: float, gamma: float, misalignment: float, L: float
) -> tuple[float, float, float]:
    """Return the rates of gamma, 1 - R and L."""
    m = min(max(misalignment, 0.0), 2.0)
    angle = 2 * np.arcsin(np.sqrt(m / 2))
    B1, B2, alignment = known.at(angle, gamma)
    effective = eta * gamma / L**2
    noise = effective**2 * B2 / (2 * M)
    return eta * B1 / gamma, (1 - m) * noise - effective * m * (2 - m) * alignment, L * noise
