"""The functions of generalization, against quadrature, random matrices and brute force."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from label_plane import panels, plane
from oracle import Model, activation
from scipy.optimize import brentq

from bntheory.formulas import generalization
from bntheory.testing import scales

CONTRACT = {
    "error_linear": ("gamma", "R"),
    "error_relu": ("gamma", "R"),
    "error_linear_relu_teacher": ("gamma", "R"),
    "error_relu_relu_teacher": ("gamma", "R"),
    "sgd_linear": ("alpha", "S"),
    "sgd_relu": ("alpha", "S"),
    "resolvent": ("alpha", "ridge"),
    "wn_linear": ("alpha", "ridge", "S"),
    "batch_linear": ("alpha", "M", "S"),
    "free_energy_relu": ("gamma", "R", "q", "alpha", "beta", "S"),
    "order_parameters_relu": ("alpha", "a", "S"),
    "equilibrium_error_relu": ("alpha", "a", "S"),
    "rs_energy_relu": ("gamma", "R", "chi", "alpha", "ridge", "S"),
    "rs_slopes_relu": ("gamma", "R", "chi", "alpha", "ridge", "S"),
    "rs_interpolation_relu": ("gamma", "R", "alpha", "S"),
    "rs_response_relu": ("gamma", "R", "alpha", "S"),
    "capacity_relu": ("angle",),
}
loads = st.floats(0.05, 8.0)
noises = st.one_of(st.just(0.0), st.floats(0.0, 4.0))
overlaps = st.floats(-0.95, 0.95)
lengths = st.floats(0.1, 3.0)
responses = st.floats(-1.5, 1.5).map(lambda k: 10.0**k)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_table_of_the_contract() -> None:
    assert tuple(generalization.__all__) == tuple(CONTRACT)
    for name, names in CONTRACT.items():
        function = getattr(generalization, name)
        for version in (function, function.torch, function.mp, function.math):
            assert tuple(inspect.signature(version).parameters) == names


# -- errors as integrals over two fields ---------------------------------------------------------

PAIRS = {
    "error_linear": ("linear", "linear"),
    "error_relu": ("relu", "linear"),
    "error_linear_relu_teacher": ("linear", "relu"),
    "error_relu_relu_teacher": ("relu", "relu"),
}


@pytest.mark.parametrize("name", PAIRS)
@given(gamma=scales(), R=st.floats(-1.0, 1.0))
def test_error_of_a_student_and_a_teacher(name: str, gamma: float, R: float) -> None:
    g, g_star = (activation(who)[0] for who in PAIRS[name])
    wanted = Model.at("relu", R).mean(lambda u, v: (g_star(v) - g(u)) ** 2, gamma)
    found = getattr(generalization, name)(gamma, R)
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-10 * (1 + gamma) ** 2)


# -- linear algebra ------------------------------------------------------------------------------


def draw(P: int, N: int, S: float, replicas: int) -> tuple[Any, Any, Any]:
    """Return X, 40 teachers for each X, and their labels."""
    rng = torch.Generator().manual_seed(P + N)
    X = torch.randn((replicas, P, N), generator=rng, dtype=torch.float64) / N**0.5
    teachers = torch.randn((replicas, N, 40), generator=rng, dtype=torch.float64)
    noise = torch.randn((replicas, P, 40), generator=rng, dtype=torch.float64)
    return X, teachers, X @ teachers + S**0.5 * noise


def extrapolated(measure: Callable[[int], Any], N: int) -> tuple[float, float]:
    """Return 2 f(2 N) - f(N), without the term in 1/N, and its standard error."""
    small, large = measure(N), measure(2 * N)
    errors = [float(row.std() / len(row) ** 0.5) for row in (2 * large, small)]
    return float(2 * large.mean() - small.mean()), float(np.hypot(*errors))


@pytest.mark.parametrize("alpha", [0.6, 1.8])
@pytest.mark.parametrize(("M", "S"), [(2, 0.5), (1, 0.0)])
def test_batches_shrink_least_squares(alpha: float, M: int, S: float) -> None:
    """By 1 - 3/(4 M)."""

    def errors(N: int) -> Any:
        X, teachers, y = draw(round(alpha * N), N, S, 30)
        w = (1 - 3 / (4 * M)) * (torch.linalg.pinv(X) @ y)
        return ((w - teachers) ** 2).mean((1, 2))

    found, error = extrapolated(errors, 60)
    wanted = generalization.batch_linear(alpha, M, S)
    assert abs(found - wanted) < 5 * error + 10 * wanted / 60**2
    assert error < 0.03 * wanted
    assert abs(found - generalization.sgd_linear(alpha, S)) > 5 * error


@pytest.mark.parametrize("alpha", [0.8, 1.2, 3.0])
@pytest.mark.parametrize("S", [0.0, 0.5])
def test_the_argument_of_the_paper_on_random_samples(alpha: float, S: float) -> None:
    """A linear fit of the samples with positive labels, and the error as a ReLU student."""

    def errors(N: int) -> Any:
        rng = np.random.default_rng(N)
        found = []
        for _ in range(16000 // N):
            X = rng.standard_normal((round(alpha * N), N)) / N**0.5
            teacher = rng.standard_normal(N)
            teacher *= np.sqrt(N) / np.linalg.norm(teacher)
            y = X @ teacher + np.sqrt(S) * rng.standard_normal(len(X))
            fit = torch.linalg.pinv(torch.from_numpy(X[y > 0])) @ torch.from_numpy(y[y > 0])
            z = rng.standard_normal((2, 1000))  # fresh samples, in the plane of both
            w = fit.numpy()
            own = np.sqrt(max(w @ w / N - (w @ teacher / N) ** 2, 0.0))
            student = np.maximum(w @ teacher / N * z[0] + own * z[1], 0.0)
            found.append(((student - z[0]) ** 2).mean())
        return torch.tensor(found)

    found, error = extrapolated(errors, 40)
    wanted = generalization.sgd_relu(alpha, S)
    assert abs(found - wanted) < 5 * error + 20 * wanted / 40**2
    assert error < 0.08 * wanted


@pytest.mark.parametrize(("S", "at_one"), [(0.0, 0.0), (1e-3, np.inf), (0.5, np.inf)])
def test_as_many_samples_as_weights(S: float, at_one: float) -> None:
    """The limit of the errors nearby: noise is fitted with weights that grow without end."""
    near = 1 + 1e-9 * np.array([-1.0, 0.0, 1.0])
    for found in (generalization.sgd_linear(near, S), generalization.wn_linear(near, 0.0, S)):
        assert found[1] == at_one
        assert found[[0, 2]] == pytest.approx([S * 1e9, S * 1e9], rel=1e-6, abs=3e-9)


def test_both_sides_of_the_pole() -> None:
    """At 2 inf with noise, 1/2 without; and no warning."""
    alpha = np.array([1.0, 2.0 - 1e-9, 2.0, 2.0 + 1e-9, 1e9])
    noisy = generalization.sgd_relu(alpha, 0.5)
    assert noisy[2] == np.inf and noisy[[1, 3]] == pytest.approx([5e8, 5e8], rel=1e-5)
    assert noisy[[0, 4]] == pytest.approx([1.0, 0.5], rel=1e-8)
    assert generalization.sgd_relu(alpha, 0.0) == pytest.approx([0.75, 0.5, 0.5, 0.5, 0.5])
    assert generalization.sgd_relu(2.0, 0.0) == 0.5
    at_one = generalization.batch_linear(1.0, 4.0, np.array([0.0, 0.5]))
    assert at_one.tolist() == [9 / 256, np.inf]


@pytest.mark.parametrize("backend", ["math", "mp"])
def test_the_pole_in_numbers_that_divide_by_zero(backend: str) -> None:
    assert getattr(generalization.sgd_relu, backend)(2.0, 0.5) == np.inf


# -- the free energy of Proposition 5 ------------------------------------------------------------


@given(
    st.floats(0.2, 1.5),
    overlaps,
    st.floats(1.05, 1.5),
    loads,
    st.floats(0.3, 10.0),
    st.floats(0, 1),
)
def test_free_energy_by_the_argument_of_the_paper(
    gamma: float, R: float, longer: float, alpha: float, beta: float, S: float
) -> None:
    """Labels above 0: the inner integral as a sum over the whole line.  Below: an output of 0."""
    q = gamma * longer
    spread = q**2 - gamma**2
    y, m, weights = plane(gamma, R, S, 12)
    h3, by3 = panels(-25.0, 25.0, 80)
    above = y[:, 0] > 0
    gap = (m - y)[above][:, :, None]
    exponent = -beta * (gap + np.sqrt(spread) * h3) ** 2 / 2 - h3**2 / 2
    top = exponent.max(-1)
    inner = top + np.log(np.exp(exponent - top[:, :, None]) @ by3 / np.sqrt(2 * np.pi))
    mean = (weights[above] * inner).sum() - beta * (weights * y**2)[~above].sum() / 2
    one_replica = np.linalg.det([[1.0, gamma * R], [gamma * R, q**2]])
    entropy = (np.log(spread) + one_replica / spread - 1) / 2  # log of a determinant, n -> 0
    found = generalization.free_energy_relu(gamma, R, q, alpha, beta, S)
    assert found == pytest.approx(entropy + alpha * mean, rel=1e-6, abs=1e-6 * alpha)


@pytest.mark.parametrize("alpha", [0.4, 1.0, 1.7])
@pytest.mark.parametrize("S", [0.0, 0.25, 2.0])
@pytest.mark.parametrize("beta", [3.0, 1e4])
def test_where_the_free_energy_is_stationary(alpha: float, S: float, beta: float) -> None:
    """Found by its differences at fixed q, against the order parameters at the a of that point."""
    q, h = 1.2 * np.sqrt(alpha / 2 + alpha * S / (2 - alpha)), mp.mpf(10) ** -12
    rest = [mp.mpf(x) for x in (q, alpha, beta, S)]

    def slope(*ends: tuple[Any, Any]) -> float:
        up, down = (generalization.free_energy_relu.mp(gamma, R, *rest) for gamma, R in ends)
        return float((up - down) / (2 * h))

    def best_R(part: float) -> float:
        gamma = q * mp.sqrt(part)
        return brentq(lambda R: slope((gamma, R + h), (gamma, R - h)), -20.0, 20.0, xtol=1e-13)

    def in_gamma(part: float) -> float:
        gamma, R = q * mp.sqrt(part), best_R(part)
        return slope((gamma + h, R), (gamma - h, R))

    with mp.workdps(40):
        part = brentq(in_gamma, 0.01, 0.999, xtol=1e-12)
        gamma, R = q * np.sqrt(part), best_R(part)
    width = beta * (q**2 - gamma**2)
    a = (1 + width) / width
    square, overlap = generalization.order_parameters_relu(alpha, a, S)
    assert square == pytest.approx(gamma**2, rel=1e-8)
    assert overlap == pytest.approx(gamma * R, rel=1e-8)
    error = generalization.equilibrium_error_relu(alpha, a, S)
    assert error == pytest.approx(1 - gamma * R + gamma**2 / 2, rel=1e-8)
    if beta == 1e4:
        assert error == pytest.approx(generalization.sgd_relu(alpha, S), rel=0.01)


@given(loads, st.floats(1.0, 4.0), noises)
def test_order_parameters_are_where_there_are_any(alpha: float, a: float, S: float) -> None:
    square, overlap = generalization.order_parameters_relu(alpha, a, S)
    error = generalization.equilibrium_error_relu(alpha, a, S)
    if not alpha < 2 * a * a:
        assert np.isnan([square, overlap, error]).all()
        return
    assert error == pytest.approx(generalization.error_relu(1.0, 0.0) + square / 2 - overlap - 0.5)
    assert 0 <= overlap**2 <= square * (1 + 1e-12)  # |R| <= 1


def test_nan_outside() -> None:
    for a, alpha in ((1.0, 2.0), (1.5, 4.5), (0.99, 0.5), (np.nan, 0.5), (1.0, 0.0)):
        assert np.isnan(generalization.order_parameters_relu(alpha, a, 0.1)).all()
        assert np.isnan(generalization.equilibrium_error_relu(alpha, a, 0.1))
    inside = {"gamma": 1.0, "R": 0.5, "q": 1.5, "alpha": 1.0, "beta": 2.0, "S": 0.1}
    inside |= {"chi": 0.5, "ridge": 0.1, "M": 4.0, "a": 1.0, "angle": 0.5}
    outside = {"gamma": (0.0, -1.0), "R": (1 + 1e-12, -1.5), "alpha": (0.0, -1.0), "S": (-1e-9,)}
    outside |= {"q": (0.0, 1.0, 0.9), "beta": (0.0, -2.0), "chi": (0.0,), "ridge": (-1e-9,)}
    outside |= {"M": (0.9,), "a": (0.99,), "angle": (-0.1, 1.6)}
    for name, names in CONTRACT.items():
        function = getattr(generalization, name)
        here = {argument: inside[argument] for argument in names}
        value = np.array(function(**here))
        assert not np.isnan(value).any()
        for argument in names:
            for bad in (*outside[argument], np.nan):
                both = np.array(function(**(here | {argument: np.array([here[argument], bad])})))
                assert np.isnan(both[..., 1]).all(), (name, argument, bad)
                np.testing.assert_allclose(both[..., 0], value, rtol=1e-14)


# -- backends ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTRACT)
@given(data=st.data())
def test_backends_agree(name: str, data: st.DataObject) -> None:
    of = {
        "gamma": lengths,
        "R": overlaps,
        "q": st.floats(3.01, 5.0),
        "alpha": loads.filter(lambda x: x not in (1, 2)),
        "S": noises,
    }
    of |= {"ridge": st.floats(1e-3, 4.0), "beta": st.floats(0.1, 50.0), "chi": responses}
    of |= {"M": st.floats(1.0, 100.0), "a": st.floats(2.01, 4.0), "angle": st.floats(0.0, 1.57)}
    point = [data.draw(of[argument]) for argument in CONTRACT[name]]
    function = getattr(generalization, name)
    with mp.workdps(40):
        exact = np.atleast_1d(np.array(function.mp(*map(mp.mpf, point)), dtype=object))
        exact = np.array([float(entry) for entry in exact])
    tensors = [torch.tensor([x, x], dtype=torch.float64) for x in point]
    wide = function.torch(*tensors)
    wide = np.array([entry[1].item() for entry in (wide if isinstance(wide, tuple) else (wide,))])
    size = 1 + point[0] ** 2 + max(point, default=1.0) + np.abs(exact).max()
    for found in (function(*point), function.math(*point), wide):
        assert np.abs(np.atleast_1d(found) - exact).max() < 1e-10 * size
