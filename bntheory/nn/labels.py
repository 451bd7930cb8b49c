"""What was measured, as labelled arrays: names, units, errors, and how they go with M."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from torch import Tensor

from bntheory.nn.averages import Average
from bntheory.nn.contributions import Contributions
from bntheory.nn.moments import Moments

PAPER = "Luo et al. 2019, App. C.4"
LONG_NAMES = {
    "gamma": "scale of batch normalization",
    "gamma_squared": "sum over the channels of gamma^2",
    "channels": "number of channels",
    "skewness": "skewness of the layer's input",
    "excess_kurtosis": "excess kurtosis of the layer's input",
    "V_m": "M Var(mu_B)/sigma^2",
    "V_q": "4M Var(sigma_B)/sigma^2",
    "C": "2M Cov(mu_B, sigma_B)/sigma^2",
    "independent_entries": "entries, if independent, of as good a batch mean: M/V_m",
    "zeta": "gamma decay of the paper",
    "zeta_own_batch": "gamma decay with all terms of order 1/M",
    "from_mean": "gamma decay from the variance of mu_B",
    "from_std": "gamma decay from the variance of sigma_B",
    "from_skewness": "gamma decay from the covariance of mu_B and sigma_B",
    "from_membership": "gamma decay from the sample's part in its batch, and the bias of sigma_B",
    "loss_increase": "sum of gamma^2 zeta",
    "loss_increase_own_batch": "sum of gamma^2 zeta_own_batch",
    "loss_from_mean": "sum of gamma^2 from_mean",
    "loss_from_std": "sum of gamma^2 from_std",
    "loss_from_skewness": "sum of gamma^2 from_skewness",
    "loss_from_membership": "sum of gamma^2 from_membership",
    "pull": "slope in gamma of the sum of gamma^2 zeta_own_batch",
    "population_loss": "loss under population normalization",
}
SOURCES = {name: PAPER for name in ("zeta", "from_mean", "from_std", "loss_increase")}
#: How a result goes with the batch size M; the others do not depend on it.
POWERS = {"independent_entries": 1} | {
    name: -1 for name in LONG_NAMES if name.startswith(("zeta", "from_", "loss_", "pull"))
}
ERROR = "_standard_error"


#: What is the quotient of which loss and gamma^2.
_OF_CHANNEL = {
    "from_membership": "loss_from_membership",
    "zeta_own_batch": "loss_increase_own_batch",
}
_OF_LAYER = {"zeta": "loss_increase", "zeta_own_batch": "loss_increase_own_batch"}


def of_units(
    contributions: Contributions, moments: Mapping[str, Moments], batch_size: int
) -> xr.Dataset:
    """Return the results for each channel of each layer."""
    rows = []
    for name, layer in moments.items():
        gamma, V_m = _array(layer.gamma), _array(layer.V_m)
        averages = _averaged(contributions.units[name], batch_size)
        with np.errstate(divide="ignore"):
            entries = batch_size / V_m
        rows.append(
            {
                "gamma": gamma,
                "skewness": _array(layer.skewness),
                "excess_kurtosis": _array(layer.excess_kurtosis),
                "V_m": V_m,
                "V_q": _array(layer.V_q),
                "C": _array(layer.C),
                "independent_entries": entries,
                **_quotients(_OF_CHANNEL, averages, gamma**2),
                **averages,
            }
        )
    joined = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    channels = [len(row["gamma"]) for row in rows]
    coords = {
        "layer": ("unit", np.repeat(list(moments), channels)),
        "channel": ("unit", np.concatenate([np.arange(count) for count in channels])),
    }
    return _dataset("unit", joined, coords).set_index(unit=["layer", "channel"])


def of_layers(
    contributions: Contributions, moments: Mapping[str, Moments], batch_size: int
) -> xr.Dataset:
    """Return the sums over the channels of each layer."""
    rows = []
    for name, layer in moments.items():
        squared = _array((layer.gamma**2).sum())
        sums = _averaged(contributions.layers[name], batch_size)
        rows.append(
            {
                "channels": np.array(len(layer.gamma)),
                "gamma_squared": squared,
                **_quotients(_OF_LAYER, sums, squared),
                **sums,
            }
        )
    joined = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    return _dataset("layer", joined, {"layer": ("layer", list(moments))})


def of_model(contributions: Contributions, batch_size: int) -> xr.Dataset:
    """Return the sums over the layers, and the loss that they are added to."""
    averages = dict(contributions.total)
    loss = averages.pop("population_loss").mean
    return _dataset((), {"population_loss": _array(loss), **_averaged(averages, batch_size)}, {})


def at_batch_size(data: xr.Dataset, old: int, new: int) -> xr.Dataset:
    """Return results for another M."""

    def scaled(values: xr.DataArray) -> xr.DataArray:
        power = POWERS.get(str(values.name).removesuffix(ERROR))
        return values if power is None else values * (new / old) ** power

    return data.map(scaled, keep_attrs=True)


def _dataset(dims: Any, values: Mapping[str, np.ndarray], coords: Any) -> xr.Dataset:
    return xr.Dataset(
        {name: _labelled(name, dims, value) for name, value in values.items()}, coords
    )


def _labelled(name: str, dims: Any, values: np.ndarray) -> xr.Variable:
    """Return a variable with its long name, and its source where the paper has it."""
    quantity = name.removesuffix(ERROR)
    prefix = "" if name == quantity else "standard error of: "
    text = {"long_name": prefix + LONG_NAMES[quantity], "units": "dimensionless"}
    if quantity in SOURCES:
        text["source"] = SOURCES[quantity]
    return xr.Variable(dims, values, text)


def _averaged(averages: Mapping[str, Average], batch_size: int) -> dict[str, np.ndarray]:
    """Return means and standard errors for a batch size."""
    return {
        name + suffix: _array(value) / batch_size
        for name, average in averages.items()
        for suffix, value in (("", average.mean), (ERROR, average.standard_error))
    }


def _quotients(
    names: Mapping[str, str], losses: Mapping[str, np.ndarray], squared: np.ndarray
) -> dict[str, np.ndarray]:
    """Return losses over gamma^2, with their errors; nan where gamma is zero."""
    divisor = np.where(squared == 0, np.nan, squared)
    return {
        name + suffix: losses[loss + suffix] / divisor
        for name, loss in names.items()
        for suffix in ("", ERROR)
    }


def _array(values: Tensor) -> np.ndarray:
    return values.detach().cpu().numpy()
