"""Trajectories against fixed steps with rates of their own, and what the theory says of them."""

from __future__ import annotations

from typing import Any

import motion
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from bntheory import __version__
from bntheory.dynamics import integration, systems, trajectory
from bntheory.formulas import relu

TIMES = [0.0, 0.5, 2.0, 6.0]
ETA, ZETA = 0.6, 0.3
START = {"R": 0.2, "gamma": 0.7, "L": 1.2}
SLOPES = {"leaky_relu": 0.1}


def reference(method: str, activation: str, step: float = 0.01) -> np.ndarray:
    """Return (gamma, R, L), or (R, L), at the times, by RK4."""
    integrals = motion.integrals_of(activation)
    if method == "sgd":
        rates, names = motion.plain(integrals, ETA), ("R", "L")
    else:
        rates = motion.surrogate(integrals, ETA, ZETA if method == "bn" else 0.0)
        names = ("gamma", "R", "L")
    return np.array(motion.walk(rates, [START[name] for name in names], TIMES, step)).T


def computed(method: str, activation: Any, **options: Any) -> xr.Dataset:
    """Return the trajectory that the reference stands for."""
    start = dict(START)
    if method == "sgd":
        del start["gamma"]
    zeta = ZETA if method == "bn" else 0.0
    return trajectory(method, activation, eta=ETA, zeta=zeta, t=TIMES, **(start | options))


def agrees(found: xr.Dataset, expected: np.ndarray, digits: float = 1e-7) -> bool:
    """Whether a data set has the order parameters that are expected."""
    names = [name for name in ("gamma", "R", "L") if name in found]
    return np.allclose([found[name] for name in names], expected, rtol=digits, atol=digits)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "linear", "erf"])
@pytest.mark.parametrize("method", ["bn", "wn", "sgd"])
def test_against_fixed_steps(method: str, activation: str) -> None:
    found = computed(method, activation, slope=SLOPES.get(activation))
    assert agrees(found, reference(method, activation))
    assert np.allclose(found.R + found.misalignment, 1.0, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("expression", "name"), [("x**3", "cube"), ("abs(x)", "abs")])
def test_an_activation_of_ones_own(expression: str, name: str) -> None:
    found = computed("bn", expression, L=2.5)
    rates = motion.surrogate(motion.integrals_of(name), ETA, ZETA)
    expected = motion.walk(rates, (START["gamma"], START["R"], 2.5), TIMES, 0.002)
    assert agrees(found, np.array(expected).T)
    assert found.attrs["activation"] == expression


def test_names_of_activations_are_found_as_elsewhere() -> None:
    leaky = computed("wn", "leaky_relu", slope=1.0)
    for name in ("linear", "identity", "x", lambda x: x):
        assert agrees(computed("wn", name), [leaky.gamma, leaky.R, leaky.L], 1e-6)
    assert systems.find("bn", "max(x, 0)") is systems.find("bn", "relu")


@pytest.mark.parametrize("method", ["bn", "wn", "sgd"])
def test_a_planted_error_is_noticed(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One rate, too large by a factor of 1.001."""
    expected = reference(method, "relu")
    assert agrees(computed(method, "relu"), expected)
    right = integration._of_floats

    def wrong(function: Any, parameters: Any, width: int) -> Any:
        rates = right(function, parameters, width)

        def planted(t: float, y: np.ndarray) -> Any:
            moved = rates(t, y)
            return (*moved[:-1], 1.001 * moved[-1]) if isinstance(moved[-1], float) else moved

        return planted

    monkeypatch.setattr(integration, "_of_floats", wrong)
    assert not agrees(computed(method, "relu"), expected)


# -- what the theory says ------------------------------------------------------------------------


@given(
    R=st.floats(-0.99, 0.99),
    gamma=st.floats(0.2, 2.0),
    zeta=st.floats(0.0, 2.0),
    L=st.floats(0.5, 2.0),
)
def test_to_first_order_in_eta_R_grows(R: float, gamma: float, zeta: float, L: float) -> None:
    eta = 1e-5
    t = np.linspace(0, 400 / eta, 60)
    run = trajectory("bn", R=R, gamma=gamma, L=L, eta=eta, zeta=zeta, t=t)
    assert (np.diff(run.R) > -eta).all() and run.R[-1] > 0.99
    assert np.isclose(run.gamma[-1], relu.bn_fixed_point(zeta), rtol=1e-3)
    assert np.allclose(run.L, L, rtol=0.1)


@given(eta=st.floats(0.01, 1.9), R=st.floats(-0.9, 0.999), L=st.floats(0.6, 2.0))
def test_L_never_shrinks_and_gamma_stays_positive(eta: float, R: float, L: float) -> None:
    run = trajectory("bn", R=R, L=L, eta=eta, zeta=0.5, t=40.0)
    assert (np.diff(run.L) >= -1e-9 * run.L[1:]).all()
    assert (run.gamma > 0).all() and (abs(run.R) <= 1).all()


@given(eta=st.floats(0.05, 1.8), R=st.floats(-0.5, 0.9))
def test_wn_is_bn_without_decay(eta: float, R: float) -> None:
    wn, bn = (trajectory(m, R=R, eta=eta, t=20.0, rtol=1e-9) for m in ("wn", "bn"))
    for name in ("gamma", "R", "L", "online_error"):
        assert np.array_equal(wn[name], bn[name])


@given(eta=st.floats(0.05, 1.5), R=st.floats(-0.5, 0.9))
def test_plain_sgd_and_wn_reach_the_teacher(eta: float, R: float) -> None:
    for method, scale in (("wn", "gamma"), ("sgd", "L")):
        run = trajectory(method, R=R, eta=eta, t=[600.0 / eta])
        assert abs(run[scale].item() - 1) < 1e-4 and run.misalignment.item() < 1e-6
        assert 0 <= run.online_error.item() < 1e-6


def test_with_decay_L_grows_like_the_fourth_root_of_time() -> None:
    """The claimed fixed point is at rest to first order only."""
    run = trajectory("bn", R=0.5, eta=0.5, zeta=0.25, t=[1e5, 1.6e6])
    assert np.isclose(run.L[1] / run.L[0], 2.0, rtol=5e-3)
    fall = (run.L[1] / run.L[0]) ** 2  # of eta / L^2, and so of 1 - R
    assert np.isclose(run.misalignment[0] / run.misalignment[1], fall, rtol=0.02)


def test_the_teacher_itself_does_not_move_without_decay() -> None:
    for method in ("wn", "sgd"):
        run = trajectory(method, R=1.0, eta=1.3, t=100.0)
        assert (
            (run.misalignment == 0).all() and (run.L == 1).all() and (run.online_error == 0).all()
        )


def test_larger_rates_than_the_largest_diverge() -> None:
    run = trajectory("sgd", R=0.1, eta=4.5, t=20.0)
    assert run.L[-1] > 1e3
    with pytest.raises(RuntimeError, match=r"gave up before t = 3000: \w+") as caught:
        trajectory("sgd", R=0.1, eta=8.0, t=3000.0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("activation", ["leaky_relu", "erf", "linear"])
def test_gamma_may_change_its_sign(activation: str) -> None:
    """A student that points away turns round by its scale; alone and among others."""
    start = {"gamma": 0.3, "R": -0.8, "L": 1.5}
    if activation == "leaky_relu":
        start["slope"] = 0.9
    t = [0.5, 3.0, 12.0]
    integrals = (
        motion.by_angle(0.9) if activation == "leaky_relu" else motion.integrals_of(activation)
    )
    rates = motion.surrogate(integrals, ETA, 0.1)
    expected = np.array(motion.walk(rates, (0.3, -0.8, 1.5), t, 0.02)).T
    assert expected[0, -1] < 0 < 0.5 < -expected[1, -1]
    run = trajectory("bn", activation, eta=ETA, zeta=0.1, t=t, **start)
    assert agrees(run, expected, 1e-6)
    many = trajectory("bn", activation, eta=[ETA, 0.1], zeta=0.1, t=t, **start)
    assert agrees(many.isel(member=0), expected, 1e-6)
    assert np.allclose(many.online_error[0], run.online_error, rtol=1e-6)
    assert (run.online_error >= 0).all() and run.online_error[-1] < 0.3


def test_stiff_starts() -> None:
    """A small L makes R fast; the solver changes to an implicit method."""
    run = trajectory("bn", R=0.1, L=1e-3, eta=0.5, zeta=0.3, t=1e5)
    assert np.isfinite(run.to_array()).all() and run.misalignment[-1] < 1e-3


# -- times and labels ----------------------------------------------------------------------------


def test_times() -> None:
    whole = trajectory("wn", R=0.1, eta=0.5, t=8.0)
    assert whole.sizes == {"t": 201} and whole.t[0] == 0 and whole.t[-1] == 8
    assert whole.R[0] == pytest.approx(0.1, abs=1e-15)
    late = trajectory("wn", R=0.1, eta=0.5, t=[4.0, 8.0])  # the start is that at t = 0
    for name in ("gamma", "R", "L"):
        assert np.allclose(late[name], whole[name].sel(t=[4.0, 8.0]), rtol=1e-6)


def test_labels() -> None:
    run = trajectory("bn", R=0.1, eta=0.5, zeta=0.25, t=1.0)
    assert list(run) == ["gamma", "R", "misalignment", "L", "online_error"]
    assert run.t.attrs["units"] == "steps / N"
    for name, variable in run.items():
        assert variable.attrs["units"] == "dimensionless" and variable.attrs["long_name"], name
        assert variable.attrs["source"].startswith("Luo et al. 2019, ")
        assert variable.dtype == np.float64
    assert "Eq. (10)" in run.R.attrs["source"]
    known = {"method": "bn", "activation": "relu", "eta": 0.5, "zeta": 0.25, "gamma_start": 1.0}
    assert known.items() <= run.attrs.items()
    assert run.attrs["library"] == f"bntheory {__version__}"
    assert list(trajectory("sgd", R=0.1, eta=0.5, t=1.0)) == [
        "R",
        "misalignment",
        "L",
        "online_error",
    ]


def test_online_error_is_that_of_the_formula() -> None:
    run = trajectory("bn", R=0.1, eta=0.5, zeta=0.25, t=20.0)
    assert np.allclose(run.online_error, relu.online_error(run.gamma, run.R), rtol=1e-10)


def test_files(tmp_path: Any) -> None:
    eta = xr.DataArray([0.1, 0.5], dims="eta", coords={"eta": [0.1, 0.5]})
    run = trajectory("bn", R=0.1, eta=eta, zeta=0.25, t=5.0)
    run.to_netcdf(tmp_path / "run.nc", engine="scipy")
    with xr.open_dataset(tmp_path / "run.nc", engine="scipy") as back:
        xr.testing.assert_identical(back.load(), run)
