"""The stability map: growth rates measured over eta and zeta, and where theory has the boundary.

Proposition 3 is swept over learning rates and decays of weight normalization with gamma decay, at
L = 1.  A square is colored by the measured eigenvalue of R over eta; beyond the boundary it is
above 0.  The complete equations have their boundary where their eigenvalue is 0; Table 1, which
neglects I2 at the fixed point, has another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory.sweeps.axes import Axis
from bntheory.sweeps.dataset import read
from bntheory.sweeps.local import outcomes
from bntheory.sweeps.loop import Sweep, run

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

STATEMENT = "prop3"
#: The largest eigenvalue over eta that has a color of its own: what counts is the sign.
SHOWN = 0.5
ETAS = tuple(float(eta) for eta in np.linspace(0.6, 12.0, 20).round(10))
ZETAS = tuple(float(zeta) for zeta in np.linspace(0.0, 0.5, 11).round(10))


@dataclass(frozen=True)
class Boundary:
    """A prediction, and at how many squares the measured sign is what it says.

    Attributes
    ----------
    name : str
    form : {"derived", "printed"}
    right, decided : int
        Squares where the sign agrees, of those where the measurement decides it.
    """

    name: str
    form: str
    right: int
    decided: int


def make(output: Path, title: str, seed: int, device: str) -> list[Boundary]:
    """Measure what is missing, and draw the map; the data are the Zarr dataset beside it.

    Parameters
    ----------
    output : Path
        The picture.
    title : str
        Above it.
    seed : int
        Of the random numbers.
    device : {"cpu", "cuda"}
        Where the chains are sampled.

    Returns
    -------
    list of Boundary

    Raises
    ------
    bntheory.sweeps.dataset.Refused
        If there is another file where the data should be, or the data of other settings.
    bntheory.cli.RequestError
        If the picture cannot be written.
    """
    from bntheory.panels.drawing import save

    data = output.with_suffix(".zarr")
    axes = Axis("eta", ETAS), Axis("zeta", ZETAS)
    run(Sweep(STATEMENT, axes, seed, device, None), data, outcomes)
    measured = eigenvalues(read(data))
    save(draw(measured, title), output)
    return [
        judged(measured, "complete", "boundary of the complete equations", "derived"),
        judged(measured, "table", "boundary of Table 1", "printed"),
    ]


def eigenvalues(found: xr.Dataset) -> xr.Dataset:
    """Return the measured eigenvalue of R over eta, its standard error, and both predictions' eta.

    Returns
    -------
    xarray.Dataset
        ``rate`` and ``error`` over ``eta`` and ``zeta``; ``complete`` and ``table`` over ``zeta``.
    """
    import xarray as xr

    from bntheory.formulas import relu
    from validation import growth

    (check,) = np.flatnonzero((found.quantity == "lambda_R") & (found.form == "derived"))
    own = found.isel(check=int(check)).transpose("eta", "zeta")
    zetas = own.zeta.values
    return xr.Dataset(
        {
            "rate": own.measured / own.eta,
            "error": own.standard_error / own.eta,
            "complete": ("zeta", [growth.predicted("wn", float(zeta)) for zeta in zetas]),
            "table": ("zeta", relu.bn_eta_max(zetas) / relu.bn_fixed_point(zetas)),
        }
    )


def judged(measured: xr.Dataset, boundary: str, name: str, form: str) -> Boundary:
    """Count where the measured sign is what a boundary says."""
    from bntheory.verdict import Z

    decided = np.abs(measured.rate) > Z * measured.error
    says_unstable = measured.eta > measured[boundary]
    right = decided & ((measured.rate > 0) == says_unstable)
    return Boundary(name, form, int(right.sum()), int(decided.sum()))


def draw(measured: xr.Dataset, title: str) -> Figure:
    """Draw the map."""
    import matplotlib.style
    from matplotlib.figure import Figure

    from bntheory.panels.drawing import SIZE, STYLE

    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(SIZE, layout="constrained")
        axes = figure.subplots()
        colors: dict[str, Any] = {"cmap": "RdBu_r", "vmin": -SHOWN, "vmax": SHOWN}
        mesh = axes.pcolormesh(
            measured.zeta, measured.eta, measured.rate, shading="nearest", edgecolors="white",
            linewidth=0.3, **colors,
        )  # fmt: skip
        figure.colorbar(mesh, ax=axes, label="measured eigenvalue of R over η", extend="both")
        axes.plot(measured.zeta, measured.complete, "k-", label="boundary, complete equations")
        axes.plot(measured.zeta, measured.table, "k--", label="boundary, Table 1 (I₂ neglected)")
        axes.set(xlabel="decay ζ", ylabel="learning rate η at L = 1")
        axes.set_ylim(float(measured.eta.min()) - 0.2, float(measured.eta.max()) + 0.2)
        axes.set_title(title, loc="left", fontsize=10.5)
        legend = axes.legend(loc="lower right", frameon=True)
        legend.get_frame().set_alpha(0.9)
    return figure
