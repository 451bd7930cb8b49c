"""Arguments that are broadcast against each other: the members of an ensemble."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Members:
    """Arguments that are broadcast against each other.

    Attributes
    ----------
    values : dict of str to float or ndarray
        Flat arrays of one size; numbers, if all arguments are numbers.
    dims, shape : tuple
        The dimensions of the members, none for numbers.
    numbers, arrays : dict
        The arguments that are numbers, and those that are arrays, with their own dimensions.
    coords : dict
        Coordinates that came with labelled arrays.
    """

    values: dict[str, Any]
    dims: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    numbers: dict[str, float] = field(default_factory=dict)
    arrays: dict[str, Any] = field(default_factory=dict)
    coords: dict[str, Any] = field(default_factory=dict)

    def shaped(self, flat: Any) -> np.ndarray:
        """Return a result whose first axis runs over the members in the shape of the arguments."""
        data = np.asarray(flat)
        return data.reshape(self.shape + data.shape[1:]) if self.dims else data


def broadcast(values: dict[str, Any]) -> Members:
    """Broadcast arguments: arrays by shape, labelled arrays by name.

    Dimensions of plain arrays are called ``member``, or ``member_0``, ``member_1``, ...

    Raises
    ------
    ValueError
        If they do not fit.
    """
    numbers = {name: value for name, value in values.items() if isinstance(value, float)}
    if len(numbers) == len(values):
        return Members(values, numbers=numbers)
    import xarray as xr

    try:
        arrays = _labelled({name: v for name, v in values.items() if name not in numbers})
        wide = xr.broadcast(*xr.align(*arrays.values(), join="exact", copy=False))
    except ValueError as reason:
        sizes = ", ".join(f"{name} {np.shape(v)}" for name, v in values.items() if np.ndim(v))
        detail = " ".join(str(reason).split())
        raise ValueError(f"the arguments do not broadcast: {sizes}; {detail}") from None
    template = wide[0]
    flat = dict(zip(arrays, (array.values.reshape(-1) for array in wide), strict=True))
    return Members(
        {
            name: np.full(template.size, value) if name in numbers else flat[name]
            for name, value in values.items()
        },
        tuple(map(str, template.dims)),
        template.shape,
        numbers,
        arrays,
        {str(name): coord.variable for name, coord in template.coords.items()},
    )


def _labelled(values: dict[str, Any]) -> dict[str, Any]:
    """Give names to the dimensions of plain arrays."""
    import xarray as xr

    plain = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    shape = np.broadcast_shapes(*(value.shape for value in plain.values()))
    dims = ["member"] if len(shape) == 1 else [f"member_{k}" for k in range(len(shape))]
    return {
        name: xr.DataArray(np.broadcast_to(value, shape), dims=dims) if name in plain else value
        for name, value in values.items()
    }
