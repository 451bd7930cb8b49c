"""The fixed point, its eigenvalues and the map of stability."""

from __future__ import annotations

import motion
import mpmath as mp
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from bntheory.dynamics import eigenvalues, fixed_point, stability_map, trajectory
from bntheory.formulas import leaky_relu, relu

ACTIVATIONS = [("relu", None), ("linear", None), ("leaky_relu", 0.1), ("erf", None)]


@pytest.mark.parametrize(("activation", "slope"), ACTIVATIONS)
@given(zeta=st.floats(0.0, 3.0), eta=st.floats(0.01, 1.0), L0=st.floats(0.5, 2.0))
def test_at_rest_to_first_order(
    activation: str, slope: float | None, zeta: float, eta: float, L0: float
) -> None:
    """gamma exactly; R and L but for terms in eta^2."""
    found = fixed_point("bn", activation, zeta, eta=eta, L0=L0, slope=slope)
    rest = found.left_over.sel(order_parameter=["gamma", "R", "L"]).values
    assert abs(rest[0]) < 1e-14
    small = fixed_point("bn", activation, zeta, eta=eta / 100, L0=L0, slope=slope)
    assert np.allclose(small.left_over[1:], rest[1:] / 1e4, rtol=1e-9, atol=1e-25)
    assert (rest[2] > 0) == (zeta > 0) or rest[2] < 1e-20
    gamma0 = found.gamma0.item()
    if gamma0 > 1e-2:
        I1, _, I3 = motion.integrals_of(activation)(gamma0, 1.0)
        assert I1 == pytest.approx(zeta * gamma0**2, abs=1e-12)
        assert I3 == pytest.approx(I1 / gamma0, abs=1e-11)


@given(zeta=st.floats(0.0, 3.0), eta=st.floats(0.01, 5.0), L0=st.floats(0.5, 2.0))
def test_the_closed_forms_of_the_paper(zeta: float, eta: float, L0: float) -> None:
    for module, slope in ((relu, ()), (leaky_relu, (0.3,))):
        name = module.__name__.rpartition(".")[2]
        found = fixed_point("bn", name, zeta, eta=eta, L0=L0, slope=slope[0] if slope else None)
        for quantity, expected in {
            "gamma0": module.bn_fixed_point(zeta, *slope),
            "eta_max": module.bn_eta_max(zeta, *slope),
            "eta_eff": module.bn_eta_eff(eta, zeta, L0, *slope),
            "lambda_gamma": module.bn_lambda_gamma(eta, zeta, *slope),
            "lambda_R": module.bn_lambda_R(eta, zeta, L0, *slope),
        }.items():
            scale = max(1.0, eta) ** 2 / L0**4
            assert found[quantity].item() == pytest.approx(expected, rel=1e-11, abs=1e-13 * scale)


@pytest.mark.parametrize(("activation", "slope"), ACTIVATIONS)
def test_the_other_rows_of_table_1(activation: str, slope: float | None) -> None:
    wn = fixed_point("wn", activation, eta=0.4, L0=1.3, slope=slope)
    sgd = fixed_point("sgd", activation, eta=0.4, slope=slope)
    assert wn.gamma0 == 1 and wn.R0 == sgd.R0 == sgd.L0 == 1
    assert wn.eta_max.item() == pytest.approx(sgd.eta_max.item(), rel=1e-12)
    assert wn.eta_eff.item() == pytest.approx(0.4 / 1.3**2) and sgd.eta_eff == 0.4
    assert np.abs(wn.left_over).max() < 1e-15 and np.abs(sgd.left_over).max() < 1e-15
    assert "gamma0" not in sgd


def test_without_a_learning_rate() -> None:
    assert list(fixed_point("bn", "erf", [0.1, 0.2])) == ["gamma0", "R0", "L0", "eta_max"]


def test_no_place_to_rest() -> None:
    with pytest.raises(RuntimeError, match="no place to rest"):
        fixed_point("bn", "x**3", 50.0)


# -- eigenvalues ---------------------------------------------------------------------------------


@pytest.mark.parametrize("zeta", [0.0, 0.25, 2.0])
def test_against_differences(zeta: float) -> None:
    """One-sided in R, which ends at 1; with mpmath at 50 digits the step can be tiny."""
    eta, L0 = 0.5, 1.2
    with mp.workdps(50):
        at = [mp.mpf(relu.bn_fixed_point(zeta)), mp.mpf(1), mp.mpf(L0)]
        rates = motion.surrogate(motion.textbook, mp.mpf(eta), mp.mpf(zeta))
        columns = []
        for k in range(3):
            h = mp.mpf("1e-20")
            moved = [x - h if j == k else x for j, x in enumerate(at)]
            columns.append([(a - b) / h for a, b in zip(rates(at), rates(moved), strict=True)])
        matrix = np.array(columns, dtype=float).T
    expected = np.sort(np.linalg.eigvals(matrix).real)
    found = eigenvalues("bn", "relu", eta, zeta, L0)
    assert np.allclose(found, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(("activation", "slope"), ACTIVATIONS)
def test_without_decay_the_complete_ones_are_those_of_the_paper(
    activation: str, slope: float | None
) -> None:
    for method in ("wn", "sgd"):
        found = fixed_point(method, activation, eta=0.7, slope=slope)
        pair = [found.lambda_gamma.item(), found.lambda_R.item()]
        known = np.sort([*pair, *([0.0] if method == "wn" else [])])
        assert np.allclose(found.eigenvalue, known, rtol=1e-9, atol=1e-12)


# -- stability -----------------------------------------------------------------------------------


def test_map() -> None:
    eta, zeta = np.linspace(0.05, 12.0, 40), np.linspace(0.0, 2.0, 30)
    found = stability_map(eta, zeta, L0=1.1)
    assert found.sizes == {"eta": 40, "zeta": 30}
    assert set(found) == {"lambda_gamma", "lambda_R", "eta_eff", "eta_max", "stable"}
    assert (found.stable == (found.eta_eff < found.eta_max)).all()
    assert found.stable.dtype == bool and 0 < found.stable.mean() < 1
    assert np.allclose(found.eta_max, relu.bn_eta_max(found.zeta))
    low = stability_map(eta, zeta, "erf")
    assert (low.stable == (low.eta_eff < low.eta_max)).all()


@pytest.mark.parametrize(("activation", "slope"), ACTIVATIONS)
@pytest.mark.parametrize("method", ["wn", "sgd"])
def test_both_sides_of_the_boundary(method: str, activation: str, slope: float | None) -> None:
    """Trajectories that start close to the teacher come closer, or leave, at the rate lambda_R."""
    largest = fixed_point(method, activation, slope=slope).eta_max.item()
    for share in (0.9, 0.99, 1.01, 1.1):
        eta = share * largest
        found = fixed_point(method, activation, eta=eta, slope=slope)
        run = trajectory(
            method, activation, misalignment=1e-9, eta=eta, slope=slope, t=[1.0, 8.0], rtol=1e-11
        )
        growth = np.log(run.misalignment[1] / run.misalignment[0]).item() / 7
        assert (growth < 0) == found.stable.item() == (share < 1)
        assert growth == pytest.approx(found.lambda_R.item(), rel=2e-2, abs=1e-3)


def test_with_decay_the_difference_of_neighbours_tells() -> None:
    """The point is not at rest, but a small difference in 1 - R grows by the entry of R."""
    zeta, eta, h = 0.5, 2.0, 1e-6
    found = fixed_point("bn", "relu", zeta, eta=eta)
    pair = trajectory(
        "bn",
        misalignment=[0.0, h],
        gamma=found.gamma0.item(),
        eta=eta,
        zeta=zeta,
        t=[1e-5],
        rtol=1e-12,
    )
    growth = (pair.misalignment[1] - pair.misalignment[0]).item() / h - 1
    noise = found.left_over.sel(order_parameter="L").item() / found.L0.item()
    assert growth / 1e-5 == pytest.approx(found.lambda_R.item() - noise, rel=2e-2)


def test_labels(tmp_path: object) -> None:
    found = fixed_point("bn", zeta=xr.DataArray([0.1, 0.2], dims="zeta"), eta=0.3)
    assert found.gamma0.dims == ("zeta",) and found.eigenvalue.dims == ("zeta", "mode")
    for name, variable in found.items():
        assert variable.attrs["source"].startswith("Luo et al. 2019"), name
        assert variable.attrs["units"] in ("dimensionless", "N / steps")
    found.to_netcdf(f"{tmp_path}/rest.nc", engine="scipy")
    with xr.open_dataset(f"{tmp_path}/rest.nc", engine="scipy") as back:
        xr.testing.assert_equal(back.load(), found)
