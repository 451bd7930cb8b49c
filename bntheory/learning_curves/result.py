"""A learning curve as a labelled result that can be plotted."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from bntheory import __version__

LONG_NAMES = {
    "alpha": "effective load, P/N",
    "S": "variance of the teacher's noise",
    "zeta": "decay of gamma, in the loss as written",
    "ridge": "ridge beside X^T X",
    "M": "batch size",
    "error": "generalization error",
    "error_typical": "generalization error of a student drawn at random",
    "train_error": "mean squared error of the samples",
    "energy": "training energy per weight",
    "gamma": "length of the centre of the students, over sqrt(N)",
    "R": "overlap of the centre with the teacher",
    "chi": "response, beta (q^2 - gamma^2)",
    "spread": "q^2 - gamma^2",
    "replicon": "replicon, positive where replica symmetry is stable",
    "stable": "whether replica symmetry is stable",
    "error_estimate": "error of gamma and R",
    "converged": "whether a saddle point was found",
}


class LearningCurves(xr.Dataset):
    """Learning curves over the load and whatever else was given as an array."""

    __slots__ = ()

    def plot(  # type: ignore[override]  # xarray has an accessor of this name
        self, ax: Any = None, variable: str = "error", **style: Any
    ) -> list[Any]:
        """Draw a variable against the load, one line for each other argument.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; the current axes without one.
        variable : str
            ``error`` by default.
        **style
            For ``matplotlib.axes.Axes.plot``.

        Returns
        -------
        list of matplotlib.lines.Line2D

        Raises
        ------
        ValueError
            If there is no such variable, or the load is one number.
        """
        import matplotlib.pyplot as plt

        if variable not in self.data_vars:
            known = ", ".join(map(str, self.data_vars))
            raise ValueError(f"no variable {variable!r}; there are {known}")
        if "alpha" not in self[variable].dims:
            raise ValueError("alpha is one number; a curve needs an array of them")
        target = plt.gca() if ax is None else ax
        values = self[variable]
        others = [str(name) for name in values.dims if name != "alpha"]
        lines: list[Any] = []
        for place in product(*(range(values.sizes[name]) for name in others)):
            chosen = values.isel(dict(zip(others, place, strict=True)))
            label = ", ".join(f"{name} = {float(chosen[name]):g}" for name in others)
            named = {"label": label or str(self.attrs["title"])} | style
            lines += target.plot(chosen["alpha"].values, chosen.values, **named)
        target.set_xlabel(LONG_NAMES["alpha"])
        target.set_ylabel(LONG_NAMES[variable])
        return lines


def labelled(
    theory: str, title: str, source: str, given: dict[str, np.ndarray], found: dict[str, np.ndarray]
) -> LearningCurves:
    """Return a data set with names, units and sources."""
    dims = [name for name, values in given.items() if values.ndim]
    coords = {
        name: xr.Variable((name,) if values.ndim else (), values, _words(name))
        for name, values in given.items()
    }
    variables = {
        name: xr.Variable(dims, values, _words(name) | {"source": source})
        for name, values in found.items()
    }
    attributes = {
        "title": title,
        "theory": theory,
        "source": source,
        "library": f"bntheory {__version__}",
    }
    return LearningCurves(variables, coords, attributes)


def _words(name: str) -> dict[str, str]:
    return {"long_name": LONG_NAMES[name], "units": "dimensionless"}
