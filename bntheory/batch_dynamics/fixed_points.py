"""Where batch normalization in batches of M comes to rest, how fast, and how fast it may learn.

With the effective rate e = eta gamma/L^2 the rates of ``derive bn-dynamics`` are

    dgamma/dt = eta B1/gamma,    dR/dt = e B3 - R e^2 B2/(2 M).

For the identity B2 = 0 at R = 1, which is a fixed point for every e.  For ReLU it is not: student
and teacher have their kinks at different places, where h = mu_B and where h = 0, so that B2 > 0:
R = 1 is left at the rate e^2 B2/(2 M), and L grows.  At a given e, gamma and R rest where B1 = 0
and B3 = R e B2/(2 M), the nearer to 1 the smaller e is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory import __version__
from bntheory.batch_dynamics.arguments import batch_sizes, effective_rate, reduced
from bntheory.batch_dynamics.averages import Averages, averages

if TYPE_CHECKING:
    import xarray as xr

SOURCE = "derive bn-dynamics"
#: What is as good as 0, where the balance of the identity is.
ROUNDING = 1e-12
LONG_NAMES = {
    "gamma0": "gamma at rest at R = 1",
    "lambda_gamma": "slope of dgamma/dt in gamma there, over eta",
    "pull": "slope of dR/dt in R there, over the effective rate, as it goes to 0",
    "noise": "B2 there, which drives L",
    "eta_max": "effective rate at which the slope of dR/dt in R is 0",
    "error": "how far off the quadrature may be",
}


def fixed_point(M: Any, activation: Any = "relu") -> xr.Dataset:
    """Return where gamma rests at R = 1, and the largest stable rate.

    Parameters
    ----------
    M : int or 1-D array of int
        Samples of a batch; 4 <= M.
    activation : {"relu", "linear"}
        Of student and teacher.

    Returns
    -------
    xarray.Dataset
        Over ``M``: ``gamma0``; ``lambda_gamma``, over eta; ``pull``, lambda_R over eta_eff as that
        goes to 0; ``noise``, B2; ``eta_max``, the effective rate eta gamma0/L0^2 at which lambda_R
        is 0; ``error``, an estimate of that of the quadrature.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.
    """
    import xarray as xr

    sizes = batch_sizes(M)
    student = reduced(activation)
    rows = [
        _at_alignment(averages(student, 1.0, m), averages(student, 1.0, m, slope=True), m)
        for m in sizes
    ]
    variables = {
        name: ("M", [row[name] for row in rows], {"long_name": text, "source": SOURCE})
        for name, text in LONG_NAMES.items()
    }
    about = {"activation": student.name, "library": f"bntheory {__version__}"}
    found = xr.Dataset(variables, {"M": ("M", sizes)}, about)
    return found if np.ndim(M) else found.isel(M=0)


def _at_alignment(here: Averages, slope: Averages, M: int) -> dict[str, float]:
    """Return everything about R = 1: B1 is gamma times what is linear in gamma."""
    _, up, down = here.B1
    gamma0 = float(-up / down)
    _, noise, _ = here.at(gamma0)
    _, noise_slope, pull = slope.at(gamma0)
    return {
        "gamma0": gamma0,
        "lambda_gamma": float(down),
        "pull": float(pull),
        "noise": float(noise),
        "eta_max": float(2 * M * pull / (noise + noise_slope)),
        "error": max(here.error, slope.error),
    }


def resting(eta_eff: Any, M: int, activation: Any = "relu") -> xr.Dataset:
    """Return where gamma and R rest at a given effective rate.

    Parameters
    ----------
    eta_eff : float or 1-D array
        eta gamma/L^2; 0 <= eta_eff.
    M : int
        Samples of a batch; 4 <= M.
    activation : {"relu", "linear"}
        Of student and teacher.

    Returns
    -------
    xarray.Dataset
        ``gamma`` and ``misalignment``, 1 - R, over ``eta_eff``: the rest nearest to R = 1 to which
        R returns from below.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, its value and the domain.
    """
    import xarray as xr

    from bntheory.batch_dynamics.table import table

    (size,) = batch_sizes(M)
    rates = np.atleast_1d(effective_rate(eta_eff))
    known = table(reduced(activation), size)
    rows = np.array([_resting(known, size, float(rate)) for rate in rates])
    found = xr.Dataset(
        {
            name: ("eta_eff", values, {"long_name": f"{text} at rest", "source": SOURCE})
            for name, text, values in zip(
                ("gamma", "misalignment"), ("gamma", "1 - R"), rows.T, strict=True
            )
        },
        {"eta_eff": ("eta_eff", rates)},
        {"M": size, "library": f"bntheory {__version__}"},
    )
    return found if np.ndim(eta_eff) else found.isel(eta_eff=0)


def _resting(known: Any, M: int, rate: float) -> tuple[float, float]:
    """Return gamma and 1 - R at rest, the R nearest to 1."""
    from scipy.optimize import brentq

    def gamma_at(angle: float) -> float:
        _, up, down = known.B1(angle)
        return float(-up / down)

    def balance(angle: float) -> float:
        gamma = gamma_at(angle)
        _, noise, alignment = known.at(angle, gamma)
        return float(alignment * np.sin(angle) ** 2 - np.cos(angle) * rate * noise / (2 * M))

    angles = np.concatenate([[0.0], np.geomspace(1e-8, np.pi / 2, 400)])
    signs = np.array([balance(angle) for angle in angles])
    counts = np.flatnonzero(np.abs(signs) > ROUNDING * (1 + rate))
    if signs[counts[0]] > 0:
        return gamma_at(0.0), 0.0
    up = counts[signs[counts] > 0][0]  # there is one: at R = 0 nothing pulls against the alignment
    angle = brentq(balance, angles[up - 1], angles[up], xtol=1e-14)
    return gamma_at(angle), float(2 * np.sin(angle / 2) ** 2)
