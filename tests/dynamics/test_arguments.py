"""Bad input: one line that names the argument, its value and its domain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from bntheory.dynamics import eigenvalues, fixed_point, stability_map, trajectory

GOOD: dict[str, Any] = {"method": "bn", "R": 0.1, "eta": 0.5, "zeta": 0.1, "t": 1.0}
LABELLED = xr.DataArray([0.1, 0.2], dims="eta", coords={"eta": [1.0, 2.0]})
INF = float("inf")

BAD: list[tuple[dict[str, Any], str]] = [
    ({"R": 1.5}, "R = 1.5 is outside its domain, -1 <= R <= 1"),
    ({"R": -1.0000001}, "R = -1.0000001 is outside"),
    ({"R": [0.1, 0.2, -3.0]}, "R = -3 is outside"),
    ({"R": float("nan")}, "R = nan is outside"),
    ({"R": None, "misalignment": -1e-9}, "misalignment = -1e-09 is outside its domain, 0 <= mis"),
    ({"misalignment": 0.1}, "give either R or misalignment, that is 1 - R; both are given"),
    ({"R": None}, "neither is given"),
    ({"gamma": 0.0}, "gamma = 0 is outside its domain, 0 < gamma"),
    ({"gamma": -2}, "gamma = -2 is outside"),
    ({"L": 0}, "L = 0 is outside its domain, 0 < L"),
    ({"L": INF}, "L = inf is outside"),
    ({"eta": 0.0}, "eta = 0 is outside its domain, 0 < eta"),
    ({"eta": -0.1}, "eta = -0.1 is outside"),
    ({"eta": np.array([[0.1, np.nan]])}, "eta = nan is outside"),
    ({"eta": "fast"}, "eta = 'fast' is not a number"),
    ({"eta": 1j}, "eta = 1j is not a number"),
    ({"eta": []}, "eta is an array without elements"),
    ({"zeta": -0.5}, "zeta = -0.5 is outside its domain, 0 <= zeta"),
    ({"method": "wn"}, "zeta = 0.1, but weight normalization has no decay"),
    ({"method": "sgd", "zeta": 0.0, "gamma": 1.0}, "plain SGD has none"),
    ({"method": "BN2"}, "no method 'BN2'; did you mean bn?"),
    ({"method": "adam"}, "no method 'adam'; the methods are bn, wn, sgd"),
    ({"method": ["bn"]}, "no method ['bn']"),
    ({"activation": "rellu"}, "no activation 'rellu'; did you mean relu"),
    ({"activation": "tanh"}, "no closed form"),
    ({"activation": "leaky_relu"}, "leaky_relu needs its slope"),
    ({"slope": 0.1}, "slope = 0.1, but relu has no slope"),
    ({"activation": "leaky_relu", "slope": "steep"}, "slope = 'steep' is not a number"),
    ({"t": [2.0, 1.0]}, "t is not increasing: 2 comes before 1"),
    ({"t": [1.0, 1.0]}, "t is not increasing: 1 comes before 1"),
    ({"t": [-1.0, 1.0]}, "t = -1 is outside its domain, 0 <= t"),
    ({"t": [0.0, INF]}, "t = inf is outside"),
    ({"t": 0.0}, "t = 0 is outside its domain, 0 < t"),
    ({"t": []}, "t has shape (0,)"),
    ({"t": [[1.0]]}, "t has shape (1, 1)"),
    ({"t": "long"}, "t = 'long' is not a time"),
    ({"rtol": 0.0}, "rtol = 0.0 is outside its domain, 1e-13 <= rtol <= 0.1"),
    ({"atol": -1.0}, "atol = -1.0 is outside"),
    ({"R": [0.1, 0.2], "eta": [0.1, 0.2, 0.3]}, "do not broadcast: misalignment (2,), eta (3,)"),
    ({"R": LABELLED, "eta": LABELLED.assign_coords(eta=[1.0, 3.0])}, "do not broadcast"),
    ({"R": xr.DataArray([0.1], dims="R")}, "has the dimension 'R', the name of a result"),
]


@pytest.mark.parametrize(("change", "text"), BAD, ids=[text[:40] for _, text in BAD])
def test_trajectory(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError) as caught:
        trajectory(**(GOOD | change))
    assert text in str(caught.value) and "\n" not in str(caught.value)


def test_good() -> None:
    assert trajectory(**GOOD).sizes == {"t": 201}
    for R in (1.0, -1.0, np.float32(0.5), np.int64(0), xr.DataArray(0.5)):
        assert np.isfinite(trajectory(**(GOOD | {"R": R})).to_array()).all()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: fixed_point("bn", zeta=-1.0), "zeta = -1 is outside"),
        (lambda: fixed_point("sgd", L0=2.0), "L0 is given"),
        (lambda: fixed_point("wn", L0=0.0), "L0 = 0 is outside its domain, 0 < L0"),
        (lambda: eigenvalues("bn", "relu", 0.0), "eta = 0 is outside"),
        (lambda: eigenvalues("sgdm", "relu", 1.0), "did you mean sgd?"),
        (lambda: stability_map([[0.1]], [0.1]), "eta has shape (1, 1)"),
        (lambda: stability_map([0.1], [-0.1]), "zeta = -0.1 is outside"),
    ],
)
def test_fixed_points(call: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert text in str(caught.value) and "\n" not in str(caught.value)
