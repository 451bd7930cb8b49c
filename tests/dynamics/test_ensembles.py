"""Many trajectories in one call: each as it is alone, and under its own name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from bntheory.dynamics import integration, trajectory
from bntheory.formulas import relu

T = np.array([0.0, 1.0, 10.0, 40.0])
ALL = ["gamma", "R", "misalignment", "L", "online_error"]


def drawn(method: str, activation: str, size: int, seed: int = 0) -> dict[str, Any]:
    """Draw arguments; rates and starts of very different speed."""
    rng = np.random.default_rng(seed)
    values = {
        "eta": 10 ** rng.uniform(-3, 0.3, size),
        "R": rng.uniform(-0.9, 0.999, size),
        "L": rng.uniform(0.5, 2.0, size),
    }
    if method != "sgd":
        values["gamma"] = rng.uniform(0.2, 2.0, size)
    if method == "bn":
        values["zeta"] = rng.uniform(0.0, 2.0, size) * (rng.random(size) > 0.3)
    if activation == "leaky_relu":
        values["slope"] = rng.uniform(0.0, 0.5, size)
    return values


def alone(method: str, activation: str, values: dict[str, Any], k: int) -> xr.Dataset:
    own = {name: float(value[k]) for name, value in values.items()}
    return trajectory(method, activation, t=T, **own)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "erf"])
@pytest.mark.parametrize("method", ["bn", "wn", "sgd"])
def test_each_member_as_alone(method: str, activation: str) -> None:
    values = drawn(method, activation, 40)
    run = trajectory(method, activation, t=T, **values)
    assert run.sizes == {"member": 40, "t": 4}
    for k in range(0, 40, 3):
        single = alone(method, activation, values, k)
        for name in single:
            assert np.allclose(run[name][k], single[name], rtol=3e-6, atol=0), (k, name)


def test_the_tolerance_is_that_of_every_member() -> None:
    """The error of the worst member falls with the tolerance, whatever the others are."""
    values = drawn("bn", "relu", 60, seed=3)
    best = trajectory("bn", t=T, rtol=1e-12, **values)
    for rtol in (1e-6, 1e-8, 1e-10):
        run = trajectory("bn", t=T, rtol=rtol, **values)
        for name in ("gamma", "misalignment", "L"):
            assert abs(run[name] / best[name] - 1).max() < 300 * rtol, (name, rtol)


def test_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    values = drawn("bn", "relu", 30)
    whole = trajectory("bn", t=T, **values)
    monkeypatch.setattr(integration, "TOGETHER", 7)
    parts = trajectory("bn", t=T, **values)
    for name in ALL:
        assert np.allclose(parts[name], whole[name], rtol=1e-6, atol=0)


def test_a_stiff_member_keeps_its_tolerance() -> None:
    """So that the solver goes over to its implicit method, and needs the banded Jacobian."""
    values = {"eta": [0.01, 50.0, 0.5], "zeta": [0.0, 3.0, 0.3], "L": [1.0, 1.0, 1e-2]}
    run = trajectory("bn", R=0.1, t=[50.0, 500.0], **{k: np.array(v) for k, v in values.items()})
    for k in range(3):
        own = {name: value[k] for name, value in values.items()}
        single = trajectory("bn", R=0.1, t=[50.0, 500.0], **own)
        for name in ALL:
            assert np.allclose(run[name][k], single[name], rtol=1e-5, atol=0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_banded_jacobian(sign: float) -> None:
    """Against differences of the stacked rates, for gamma of both signs."""
    rng = np.random.default_rng(1)
    y, parameters = rng.uniform(0.2, 0.9, 12), rng.uniform(0.1, 0.5, (2, 4))
    y[3] *= sign
    rates = integration._stacked(relu.bn_rates_aligned.plain, parameters, 3)
    bands = integration._banded(relu.bn_jacobian_aligned.plain, parameters, 3)(0.0, y)
    alone = integration._of_floats(relu.bn_jacobian_aligned.math, tuple(parameters[:, 1]), 3)
    matrix = np.array(alone(0.0, y[3:6]))
    for j in range(12):
        step = np.eye(12)[j] * 1e-6
        column = (rates(0.0, y + step) - rates(0.0, y - step)) / 2e-6
        for i in range(12):
            inside = abs(i - j) <= 2
            assert column[i] == pytest.approx(bands[i - j + 2, j] if inside else 0.0, abs=1e-8)
            if 3 <= min(i, j) and max(i, j) < 6:
                assert column[i] == pytest.approx(matrix[i - 3, j - 3], abs=1e-8)


# -- names ---------------------------------------------------------------------------------------


def test_labelled_arguments_make_a_grid() -> None:
    eta = xr.DataArray([0.1, 0.5, 1.0], dims="eta", coords={"eta": [0.1, 0.5, 1.0]})
    zeta = xr.DataArray([0.0, 0.5], dims="decay")
    run = trajectory("bn", R=0.1, eta=eta, zeta=zeta, t=T)
    assert run.sizes == {"eta": 3, "decay": 2, "t": 4}
    assert run.zeta.dims == ("decay",) and run.eta.attrs["units"] == "dimensionless"
    single = trajectory("bn", R=0.1, eta=0.5, zeta=0.5, t=T)
    found = run.sel(eta=0.5).isel(decay=1)
    assert np.allclose(found.misalignment, single.misalignment, rtol=3e-7)
    assert run.attrs["L_start"] == 1.0 and "eta" not in run.attrs


def test_plain_arrays_broadcast_by_shape() -> None:
    run = trajectory("wn", R=np.array([[0.1], [0.5]]), eta=np.array([0.1, 0.2, 0.3]), t=T)
    assert run.sizes == {"member_0": 2, "member_1": 3, "t": 4}
    assert np.allclose(run.R[..., 0], [[0.1] * 3, [0.5] * 3])
    assert run.misalignment_start.dims == ("member_0", "member_1")


def test_lists_and_integers() -> None:
    run = trajectory("wn", R=[0, 0.5], eta=1, t=[0, 1])
    assert run.sizes == {"member": 2, "t": 2} and run.attrs["eta"] == 1.0


def test_one_member_and_many() -> None:
    one = trajectory("wn", R=[0.3], eta=0.5, t=T)
    many = trajectory("wn", R=np.full(5000, 0.3), eta=0.5, t=T)
    assert one.sizes == {"member": 1, "t": 4}
    assert np.allclose(many.R, one.R.values, rtol=1e-7)
