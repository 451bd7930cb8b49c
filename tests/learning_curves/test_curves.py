"""Learning curves over arrays: labels, values, drawings, and what is said where none is found."""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import matplotlib
import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from bntheory.formulas import generalization
from bntheory.learning_curves import THEORIES, NotConverged, capacity, continuation, curves
from bntheory.learning_curves import saddle_point as solve

matplotlib.use("Agg")

LOADS = np.array([0.4, 1.5, 2.8, 3.4])
NOISES = np.array([0.1, 0.5])
#: What each theory takes besides load and noise.
MORE: dict[str, dict[str, Any]] = {
    "sgd-linear": {},
    "wn-linear": {"ridge": np.array([0.1, 1.0])},
    "wn-optimum": {},
    "bn-linear": {"M": np.array([2.0, 16.0])},
    "sgd-relu": {},
    "rs-relu": {"ridge": np.array([0.0, 0.3])},
}
PLAIN = {"error", "error_typical", "train_error", "energy", "gamma", "R", "chi", "spread"}
SADDLE = PLAIN | {"replicon", "stable", "error_estimate", "converged"}


@cache
def spectrum(alpha: float, N: int = 300) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return singular values of one X, and what 400 teachers and labels have along them."""
    rng = torch.Generator().manual_seed(round(100 * alpha))
    X = torch.randn((round(N * alpha), N), generator=rng, dtype=torch.float64) / N**0.5
    values = torch.linalg.svdvals(X)[:, None]
    teachers, noise = torch.randn((2, N, 400), generator=rng, dtype=torch.float64)
    return values, teachers, noise[: len(values)]


def one(theory: str, alpha: float, S: float, more: dict[str, float]) -> float:
    """Return the error at one point; those of linear students by a solve."""
    if theory == "rs-relu":
        return solve(alpha, S, **more).error
    if theory == "sgd-relu":
        return (1 + one("sgd-linear", alpha / 2, S, {})) / 2
    values, teachers, noise = spectrum(alpha)
    ridge = {"wn-optimum": S}.get(theory, more.get("ridge", 0.0))
    shrinkage = 1 - 3 / (4 * more["M"]) if "M" in more else 1.0
    labels = values * teachers[: len(values)] + S**0.5 * noise
    w = torch.zeros_like(teachers)
    w[: len(values)] = shrinkage * values * labels / (values**2 + ridge)
    return float(((w - teachers) ** 2).mean())


def test_the_theories() -> None:
    assert set(THEORIES) == set(MORE)


@pytest.mark.parametrize("theory", MORE)
def test_labels_shape_and_sources(theory: str) -> None:
    run = curves(theory, alpha=LOADS, S=NOISES, **MORE[theory])
    names = ("alpha", "S", *MORE[theory])
    assert isinstance(run, xr.Dataset) and run.error.dims == names
    assert run.error.shape == (4, 2, *(2 for _ in MORE[theory]))
    assert set(run.data_vars) == (SADDLE if theory == "rs-relu" else {"error"})
    assert run.attrs["theory"] == theory and run.attrs["title"]
    assert "Luo et al. 2019" in run.attrs["source"] and run.attrs["library"].startswith("bntheory")
    for variable in (*run.data_vars.values(), *run.coords.values()):
        assert variable.attrs["long_name"] and variable.attrs["units"] == "dimensionless"
    assert all("Luo et al. 2019" in v.attrs["source"] for v in run.data_vars.values())
    for name, values in {"alpha": LOADS, "S": NOISES, **MORE[theory]}.items():
        np.testing.assert_array_equal(run[name].values, values)
    if theory == "rs-relu":
        assert run.converged.dtype == run.stable.dtype == bool and run.converged.all()
    for name, variable in run.data_vars.items():
        assert not np.isnan(variable.values.astype(float)).any(), name


@pytest.mark.parametrize("theory", MORE)
def test_values(theory: str) -> None:
    """All combinations; for linear students a solve at N = 300 is within 6 percent."""
    run = curves(theory, alpha=LOADS, S=NOISES, **MORE[theory])
    room = 1e-9 if theory == "rs-relu" else 0.06
    for i, alpha in enumerate(LOADS):
        for k, S in enumerate(NOISES):
            if not MORE[theory]:
                assert run.error.values[i, k] == pytest.approx(one(theory, alpha, S, {}), rel=room)
            for name, values in MORE[theory].items():
                wanted = [one(theory, alpha, S, {name: float(value)}) for value in values]
                assert run.error.values[i, k] == pytest.approx(wanted, rel=room)


def test_a_scalar_leaves_no_axis() -> None:
    run = curves("wn-linear", alpha=LOADS, S=0.25, ridge=0.1)
    assert run.error.dims == ("alpha",) and float(run.S) == 0.25 and run.ridge.ndim == 0
    assert curves("sgd-linear", alpha=0.5).error.ndim == 0
    assert float(curves("rs-relu", alpha=0.5, S=0.1).gamma) == solve(0.5, 0.1).gamma
    line = curves("rs-relu", alpha=1.0, S=NOISES, ridge=0.2)
    assert line.error.dims == ("S",) and line.alpha.ndim == 0
    infinite = curves("sgd-relu", alpha=[1.0, 2.0], S=0.5).error.values
    assert infinite.tolist() == [1.0, math.inf]


@pytest.mark.parametrize("theory", ["wn-linear", "rs-relu"])
@pytest.mark.parametrize("zeta", [0.02, np.array([0.02, 0.4])])
def test_a_decay_is_the_ridge_alpha_zeta(theory: str, zeta: Any) -> None:
    run = curves(theory, alpha=LOADS, S=0.25, zeta=zeta)
    assert "zeta" in run.coords and "ridge" not in run.coords
    for i, alpha in enumerate(LOADS):
        wanted = curves(theory, alpha=alpha, S=0.25, ridge=alpha * np.asarray(zeta)).error.values
        np.testing.assert_allclose(run.error.values[i], wanted, rtol=1e-10)


@given(st.permutations(range(12)), st.sampled_from([{"ridge": 0.0}, {"ridge": 0.2}, {"zeta": 0.1}]))
def test_loads_in_any_order(order: list[int], more: dict[str, float]) -> None:
    """Some are below capacity, some beyond it; one is there twice."""
    loads = np.append(np.linspace(0.2, 3.0, 11), 0.2)
    straight = curves("rs-relu", alpha=loads, S=0.25, **more)
    mixed = curves("rs-relu", alpha=loads[order], S=0.25, **more)
    for name in ("error", "gamma", "R", "energy", "train_error"):
        np.testing.assert_allclose(mixed[name].values, straight[name].values[order], rtol=1e-9)
    for i, alpha in enumerate(loads[:3]):
        assert straight.gamma.values[i] == pytest.approx(solve(alpha, 0.25, **more).gamma, rel=1e-9)


@pytest.mark.parametrize("ridge", [0.0, 1e-6, 1e-3, 0.3, 1e3])
@pytest.mark.parametrize("S", [0.02, 0.25, 4.0])
def test_many_loads_at_once_are_those_of_each(S: float, ridge: float) -> None:
    """Over six decades: on both sides of where the search starts, and of capacity."""
    loads = np.geomspace(1e-3, 1e3, 61)
    run = curves("rs-relu", alpha=loads, S=S, ridge=ridge)
    assert run.converged.all()
    for k, load in enumerate(loads):
        alone = solve(float(load), S, ridge=ridge)
        close = 1e-9 + alone.error_estimate + run.error_estimate.values[k]
        assert run.gamma.values[k] == pytest.approx(alone.gamma, rel=close)
        assert run.R.values[k] == pytest.approx(alone.R, rel=close)


def test_where_what_is_interpolated_is_far_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Newton's method is given up, or its solutions are none: the loads are solved in turn."""
    loads = np.linspace(0.3, 1.4, 40)
    wanted = curves("rs-relu", alpha=loads, S=0.25)
    module = importlib.import_module("bntheory.learning_curves.together")
    for name, value in (("ITERATIONS", 2), ("REACH", 0.0), ("DIFFERENCE", 1e-300)):
        with monkeypatch.context() as planted:
            planted.setattr(module, name, value)
            run = curves("rs-relu", alpha=loads, S=0.25)
        np.testing.assert_allclose(run.gamma, wanted.gamma, rtol=1e-10)


@pytest.mark.parametrize("S", [0.25, 1.0, 4.0])
def test_across_capacity(S: float) -> None:
    """There is a root, and no jump: 100 times nearer, a step is a tenth.  Training errors begin."""
    load, floor, largest = capacity(S), (1 + S) / 2, []
    for width in (1e-2, 1e-4, 1e-6):
        loads = load * (1 + width * np.linspace(-1, 1, 41)[np.arange(41) != 20])
        run = curves("rs-relu", alpha=loads, S=S)
        assert run.converged.all() and (run.error_estimate < 1e-8).all()
        steps = np.abs(np.diff(run.error.values)) / run.error.values.max()
        assert steps.argmax() == 19
        largest.append(steps.max())
        above = run.train_error.values - floor
        assert np.abs(above[:20]).max() < 1e-12 and (np.diff(above[20:]) > -1e-12).all()
    assert largest[1] < 0.25 * largest[0] and largest[2] < 0.15 * largest[1]


@given(
    st.lists(st.floats(0.05, 10.0), min_size=1, max_size=4),
    st.floats(0.01, 4.0),
    st.one_of(st.just(0.0), st.floats(-4, 3).map(lambda k: 10.0**k)),
)
def test_every_point_converges(loads: list[float], S: float, ridge: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = curves("rs-relu", alpha=loads, S=S, ridge=ridge)
    assert run.converged.all() and (run.error >= 0.5).all() and (np.abs(run.R) <= 1).all()


# -- where none is found -------------------------------------------------------------------------


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[float], bool]], None]:
    """Make the solver fail at some loads."""
    newton = continuation.newton

    def plant(bad: Callable[[float], bool]) -> None:
        def broken(system: Any, alpha: float, *args: Any, **more: Any) -> Any:
            return None if bad(alpha) else newton(system, alpha, *args, **more)

        monkeypatch.setattr(continuation, "newton", broken)

    return plant


def test_a_load_that_is_not_reached_is_nan_and_said_so(failing: Any) -> None:
    loads = [3.0, 0.5, 1.0, 2.0]
    whole = curves("rs-relu", alpha=loads, S=NOISES, ridge=0.2)
    failing(lambda alpha: alpha > 1.5)
    with pytest.warns(RuntimeWarning, match=r"nan at alpha = [23]: no saddle point") as seen:
        run = curves("rs-relu", alpha=loads, S=NOISES, ridge=0.2)
    assert len(seen) == 4
    assert run.converged.values.tolist() == [[False] * 2, [True] * 2, [True] * 2, [False] * 2]
    for name in SADDLE - {"converged", "stable"}:
        assert np.isnan(run[name].values[[0, 3]]).all(), name
        np.testing.assert_allclose(
            run[name].values[1:3], whole[name].values[1:3], rtol=1e-9, atol=1e-12
        )
    assert not run.stable.values[[0, 3]].any()
    with pytest.raises(NotConverged, match=r"from alpha = 1\.\d+ on toward 2$"):
        solve(2.0, 0.1, ridge=0.2)
    assert issubclass(NotConverged, RuntimeError)


def test_a_search_that_does_not_start(failing: Any) -> None:
    failing(lambda alpha: True)
    with pytest.raises(NotConverged, match=r"at the start of the search, alpha = 0.001"):
        solve(2.0, 0.1, ridge=0.2)
    with pytest.warns(RuntimeWarning, match=r"nan at alpha = 2: "):
        assert math.isnan(float(curves("rs-relu", alpha=2.0, S=0.1, ridge=0.2).error))


# -- drawings ------------------------------------------------------------------------------------


def test_a_line_for_each_other_argument() -> None:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    run = curves("wn-linear", alpha=LOADS, S=NOISES, ridge=[0.1, 1.0])
    lines = run.plot(ax, linestyle="--")
    assert len(lines) == len(ax.lines) == 4 and lines[0].get_linestyle() == "--"
    labels = [f"S = {S}, ridge = {ridge}" for S in ("0.1", "0.5") for ridge in ("0.1", "1")]
    assert [line.get_label() for line in lines] == labels
    np.testing.assert_array_equal(lines[1].get_xdata(), LOADS)
    np.testing.assert_array_equal(lines[1].get_ydata(), run.error.values[:, 0, 1])
    assert ax.get_xlabel() == "effective load, P/N" and ax.get_ylabel() == "generalization error"


def test_another_variable_on_the_current_axes() -> None:
    import matplotlib.pyplot as plt

    run = curves("rs-relu", alpha=[0.5, 1.0], S=0.25)
    plt.figure()
    (line,) = run.plot(variable="gamma", label="mine")
    assert line.axes is plt.gca() and line.get_label() == "mine"
    np.testing.assert_array_equal(line.get_ydata(), run.gamma.values)
    plt.close("all")
    with pytest.raises(ValueError, match="no variable 'size'; there are .*error"):
        run.plot(variable="size")
    with pytest.raises(ValueError, match="alpha is one number; a curve needs an array"):
        curves("sgd-linear", alpha=0.5).plot()


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"theory": "wn"}, r"no theory 'wn'; the theories are sgd-linear, wn-linear"),
        ({"alpha": [0.5, 0.0]}, r"alpha = 0 is outside its domain, 0 < alpha < inf"),
        ({"alpha": []}, r"alpha has shape \(0,\); it is one number or a 1-D array"),
        ({"alpha": [[1.0]]}, r"alpha has shape \(1, 1\)"),
        ({"alpha": "many"}, r"alpha = 'many' is not a number or an array of them"),
        ({"S": [0.1, -0.1]}, r"S = -0.1 is outside its domain, 0 <= S < inf"),
        ({"S": math.nan}, r"S = nan is outside its domain"),
        ({"ridge": -1.0}, r"ridge = -1 is outside its domain, 0 <= ridge"),
        ({"zeta": math.inf}, r"zeta = inf is outside its domain"),
        ({"ridge": 0.1, "zeta": 0.1}, r"zeta and ridge are given; give one of them"),
        ({"M": 16}, r"M is given, but wn-linear has none"),
        ({"theory": "sgd-relu", "ridge": 0.1}, r"ridge is given, but sgd-relu has none"),
        ({"theory": "bn-linear"}, r"bn-linear needs the batch size M"),
        ({"theory": "bn-linear", "M": 0.5}, r"M = 0.5 is outside its domain, 1 <= M"),
        ({"beta": 10.0}, r"beta and q belong to rs-relu, and wn-linear has none"),
        ({"q": 1.0}, r"beta and q belong to rs-relu"),
        ({"theory": "rs-relu", "beta": -1.0}, r"beta = -1 is outside its domain, 0 < beta"),
        ({"theory": "rs-relu", "q": -1.0}, r"q = -1 is outside its domain, 0 < q"),
        ({"theory": "rs-relu", "beta": 2.0}, r"beta = 2 with ridge = 0: .* bounded length"),
    ],
)
def test_arguments_outside_their_domain(given_: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        curves(**({"theory": "wn-linear", "alpha": 0.5} | given_))


def test_of_a_given_length() -> None:
    run = curves("rs-relu", alpha=[2.0, 3.0], S=0.25, q=0.8)
    assert run.gamma.values.tolist() == [0.8, 0.8] and run.converged.all()
    wanted = generalization.error_relu(0.8, run.R.values)
    np.testing.assert_allclose(run.error.values, wanted, rtol=1e-12)
