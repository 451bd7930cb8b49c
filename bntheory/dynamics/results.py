"""How results are labelled: names, units, sources, and what they were computed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bntheory import __version__
from bntheory.dynamics.systems import METHODS, System

if TYPE_CHECKING:
    import xarray as xr

LONG_NAMES = {
    "t": "time",
    "gamma": "scale of batch normalization",
    "R": "overlap of student and teacher, the cosine of their angle",
    "misalignment": "1 - R",
    "L": "length of w over sqrt(N)",
    "online_error": "generalization error, E[(g(v) - g(u))^2]/2",
    "eta": "learning rate",
    "zeta": "strength of the decay of gamma",
    "slope": "slope of the activation function on the negative side",
    "gamma0": "gamma at the fixed point",
    "R0": "R at the fixed point",
    "L0": "L at the fixed point",
    "eta_max": "largest stable effective learning rate",
    "eta_eff": "effective learning rate",
    "lambda_gamma": "eigenvalue that belongs to gamma, L for plain SGD",
    "lambda_R": "eigenvalue that belongs to R, I2 at the fixed point neglected",
    "eigenvalue": "eigenvalue of the complete Jacobian of (gamma, 1 - R, L)",
    "left_over": "rate left over at the fixed point, to second order in eta",
    "stable": "whether both eigenvalues are negative",
}
RATES = {"lambda_gamma", "lambda_R", "eigenvalue", "left_over"}


def labelled(name: str, dims: Any, data: Any, source: str | None = None) -> xr.Variable:
    """Return a variable with its long name and units, and its source where it has one."""
    import xarray as xr

    units = "steps / N" if name == "t" else "N / steps" if name in RATES else "dimensionless"
    text = {"long_name": LONG_NAMES[name], "units": units}
    if source is not None:
        text["source"] = source
    return xr.Variable(dims, data, text)


def about(system: System, **more: Any) -> dict[str, Any]:
    """Return the attributes of a data set."""
    return {
        "title": METHODS[system.method],
        "method": system.method,
        "activation": system.activation,
        "library": f"bntheory {__version__}",
        **more,
    }
