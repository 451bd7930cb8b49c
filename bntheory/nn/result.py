"""The gamma decay of a model: what was measured, and how it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import xarray as xr

from bntheory import __version__
from bntheory.nn import labels, table
from bntheory.nn.arguments import whole_number
from bntheory.nn.contributions import Contributions
from bntheory.nn.moments import Moments


class LossIncrease(NamedTuple):
    """What batch normalization adds to the loss: by the paper's terms, and by all of order 1/M."""

    zeta: float
    zeta_own_batch: float


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredDecay:
    """What batch normalization adds to the loss of a model, to order 1/M.

    Shows as a table, one line for each layer.  Names ending in ``_standard_error`` hold the error
    of what they are named after.

    Attributes
    ----------
    units : xarray.Dataset
        For each channel, ``sel(layer=..., channel=...)``: the scale ``gamma``, the moments of the
        layer's input, the coefficients ``zeta``, ``zeta_own_batch`` and ``from_...``, and what they
        add to the loss, ``loss_...``; and ``pull``, if asked for.  Where gamma is zero,
        ``from_membership`` and ``zeta_own_batch`` are nan and ``loss_from_membership`` is not.
    layers : xarray.Dataset
        For each layer the sums over its channels, ``loss_...``, and these over the sum of gamma^2,
        ``zeta`` and ``zeta_own_batch``.
    total : xarray.Dataset
        For the model the sums over its layers, ``loss_...``, and its loss under population
        normalization, ``population_loss``.
    batch_size : int
        M.
    """

    units: xr.Dataset
    layers: xr.Dataset
    total: xr.Dataset
    batch_size: int

    @classmethod
    def of(
        cls,
        contributions: Contributions,
        moments: Mapping[str, Moments],
        batch_size: int,
        **settings: Any,
    ) -> MeasuredDecay:
        """Return the results of a measurement."""
        total = labels.of_model(contributions, batch_size)
        about = {"title": "gamma decay", "library": f"bntheory {__version__}", **settings}
        return cls(
            labels.of_units(contributions, moments, batch_size).assign_attrs(about),
            labels.of_layers(contributions, moments, batch_size).assign_attrs(about),
            total.assign_attrs(about),
            batch_size,
        )

    @property
    def loss_increase(self) -> LossIncrease:
        """The sum of gamma^2 zeta over all channels, for ``zeta`` and for ``zeta_own_batch``."""
        names = ("loss_increase", "loss_increase_own_batch")
        return LossIncrease(*(float(self.total[name]) for name in names))

    def at(self, batch_size: int) -> MeasuredDecay:
        """Return the same for another batch size: all terms go as 1/M.

        Raises
        ------
        TypeError, ValueError
            If ``batch_size`` is no integer or less than 2.
        """
        new = whole_number("batch_size", batch_size, 2)
        return MeasuredDecay(
            labels.at_batch_size(self.units, self.batch_size, new),
            labels.at_batch_size(self.layers, self.batch_size, new),
            labels.at_batch_size(self.total, self.batch_size, new),
            new,
        )

    def to_xarray(self) -> xr.Dataset:
        """Return the results for each channel."""
        return self.units

    def to_dataframe(self) -> Any:
        """Return the results as a pandas DataFrame, a row for each layer and channel."""
        return self.units.to_dataframe()

    def plot(self, ax: Any = None) -> Any:
        """Draw zeta of each layer, the paper's beside the one with all terms.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; without it, on a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            With a bar for each layer and form, and its standard error.
        """
        axes = _new_axes() if ax is None else ax
        names = {"zeta": "paper, App. C.4", "zeta_own_batch": "all terms of order $1/M$"}
        for side, (name, label) in zip((-0.2, 0.2), names.items(), strict=True):
            axes.bar(
                [place + side for place in range(self.layers.sizes["layer"])],
                self.layers[name],
                yerr=self.layers[name + labels.ERROR],
                width=0.4,
                label=label,
            )
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set_xticks(range(self.layers.sizes["layer"]), self.layers["layer"].values, rotation=90)
        axes.set_ylabel(rf"$\zeta$ at $M = {self.batch_size}$")
        axes.legend()
        return axes

    def __repr__(self) -> str:
        paper, own_batch = self.loss_increase
        return (
            f"MeasuredDecay(batch_size={self.batch_size}, layers={self.layers.sizes['layer']}, "
            f"channels={self.units.sizes['unit']}, "
            f"loss_increase=(zeta={paper:.4g}, zeta_own_batch={own_batch:.4g}))"
        )

    def __str__(self) -> str:
        return table.text(self)

    def _repr_html_(self) -> str:
        return table.html(self)


def _new_axes() -> Any:
    import matplotlib.pyplot as plt  # type: ignore[import-not-found]

    return plt.subplots(layout="constrained")[1]
