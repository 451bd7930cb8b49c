"""The spectrum of X^T X: roots of quadratics, and the formulas made from them.

Random Gaussian matrices and their exact linear solves are the oracle of the formulas; the printed
form at 60 digits is the oracle of their digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from bntheory.calculus.spectrum import positive_root, steady_root
from bntheory.formulas.generalization import resolvent, sgd_linear, wn_linear

DIGITS = 1e-12

# -- roots ---------------------------------------------------------------------------------------

x = sp.Symbol("x")
a, c = sp.symbols("a c", positive=True)
b = sp.Symbol("b", real=True)
GENERAL = a * x**2 + b * x - c

exponents = st.integers(-60, 60).map(lambda k: sp.Rational(2) ** k)


@given(exponents, st.tuples(exponents, st.sampled_from([-1, 0, 1])), exponents)
def test_the_root_is_positive_and_a_root(
    at_a: sp.Rational, size_and_sign: tuple[sp.Rational, int], at_c: sp.Rational
) -> None:
    """By the sign of the quadratic just below and above, in exact rational arithmetic."""
    point = {a: at_a, b: size_and_sign[0] * size_and_sign[1], c: at_c}
    for form in (positive_root, steady_root):
        value = sp.Rational(str(sp.N(form(GENERAL, x).subs(point), 40, maxn=1000)))
        assert value > 0
        near = [
            GENERAL.subs(point).subs(x, value * (1 + side))
            for side in (-1, 1)
            for side in [side * sp.Rational(1, 10**30)]
        ]
        assert near[0] < 0 < near[1]


@given(st.floats(-12, 12), st.floats(-12, 12), st.sampled_from([-1.0, 1.0]))
@example(-0.5, -12.0, 1.0)
@example(0.5, -12.0, -1.0)
def test_the_steady_form_loses_no_digits(log_b: float, log_c: float, sign: float) -> None:
    """In floats, for any sign and size of b; the plain form loses all of them."""
    form = sp.lambdify((a, b, c), steady_root(GENERAL, x), "math")
    at_b, at_c = sign * 10**log_b, 10**log_c
    with mp.workdps(60):
        wanted = max(mp.polyroots([1, mp.mpf(at_b), -mp.mpf(at_c)], maxsteps=500, extraprec=400))
        assert abs(form(1.0, at_b, at_c) / wanted - 1) < 1e-14
    plain = sp.lambdify((a, b, c), positive_root(GENERAL, x), "math")
    assert plain(1.0, 1e9, 1e-3) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("wrong", [-a * x**2 + b * x - c, a * x**2 + b * x + c, b * x**2 + x - c])
def test_the_signs_have_to_be_known(wrong: sp.Expr) -> None:
    for form in (positive_root, steady_root):
        with pytest.raises(ValueError, match=r"is no a x\^2"):
            form(wrong, x)


# -- random matrices -----------------------------------------------------------------------------

LOADS = (0.3, 1.0, 2.5)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small matrices on many threads wait for each other, where other tests run beside."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def samples(N: int, alpha: float, replicas: int) -> torch.Tensor:
    rng = torch.Generator().manual_seed(N + round(10 * alpha))
    size = (replicas, round(alpha * N), N)
    return torch.randn(size, generator=rng, dtype=torch.float64) / N**0.5


@cache
def eigenvalues(N: int, alpha: float, replicas: int) -> torch.Tensor:
    """Return the spectra of X^T X, one row for each X."""
    X = samples(N, alpha, replicas)
    return torch.linalg.eigvalsh(X.mT @ X).clip(min=0.0)


def without_finite_size(measure: Callable[[int], torch.Tensor], N: int) -> tuple[float, float]:
    """Return 2 f(2 N) - f(N), without the term in 1/N, and its standard error."""
    small, large = (measure(size) for size in (N, 2 * N))
    parts = [float(row.std() / len(row) ** 0.5) for row in (2 * large, small)]
    return float(2 * large.mean() - small.mean()), float(np.hypot(*parts))


@pytest.mark.parametrize("alpha", LOADS)
@pytest.mark.parametrize("ridge", [0.03, 0.5, 20.0])
def test_resolvent_of_random_matrices(alpha: float, ridge: float) -> None:
    """The trace over N of the inverses fluctuates as 1/N; what is left over goes as 1/N^2."""
    found, error = without_finite_size(
        lambda N: (1 / (eigenvalues(N, alpha, 6400 // N) + ridge)).mean(1), 200
    )
    assert abs(found - resolvent(alpha, ridge)) < 5 * error + 2 * found / 200**2 / ridge
    assert error < 5e-3 * found


def test_resolvent_of_one_large_matrix() -> None:
    (values,) = eigenvalues(1500, 0.7, 1)
    for ridge in (0.1, 1.0):
        found = float((1 / (values + ridge)).mean())
        assert found == pytest.approx(resolvent(0.7, ridge), rel=5 / 1500)


def trained(N: int, alpha: float, ridge: float, S: float) -> torch.Tensor:
    """Return |w - w*|^2/N of students that solve the linear equations, a mean for each X."""
    X = samples(N, alpha, 4000 // N)
    rng = torch.Generator().manual_seed(N)
    shape = (len(X), N + X.shape[1], 50)
    teachers, noise = torch.randn(shape, generator=rng, dtype=torch.float64).split(
        [N, X.shape[1]], dim=1
    )
    y = X @ teachers + S**0.5 * noise
    if ridge:
        eye = torch.eye(N, dtype=torch.float64)
        w = torch.linalg.solve(X.mT @ X + ridge * eye, X.mT @ y)
    else:
        w = torch.linalg.pinv(X) @ y  # from w = 0, gradient descent goes to the shortest
    return ((w - teachers) ** 2).mean((1, 2))


@pytest.mark.parametrize("alpha", LOADS)
@pytest.mark.parametrize(("ridge", "S"), [(0.0, 0.25), (0.05, 0.25), (0.05, 0.0), (2.0, 1.5)])
def test_error_of_students_that_are_solved_for(alpha: float, ridge: float, S: float) -> None:
    if ridge == 0 and alpha == 1:  # inf
        return
    found, error = without_finite_size(lambda N: trained(N, alpha, ridge, S), 100)
    assert abs(found - wn_linear(alpha, ridge, S)) < 5 * error + 10 * found / 100**2
    assert error < 0.03 * found
    if ridge == 0:
        assert abs(found - sgd_linear(alpha, S)) < 5 * error + 10 * found / 100**2


# -- digits --------------------------------------------------------------------------------------


def printed(alpha: float, ridge: float, S: float) -> tuple[Any, Any]:
    """Return G and the error as the paper prints them, the slopes by differences: 60 digits."""
    with mp.workdps(150):
        load, noise = mp.mpf(alpha), mp.mpf(S)

        def G(z: Any) -> Any:
            ends = [mp.sqrt(z + (1 + side * mp.sqrt(load)) ** 2) for side in (1, -1)]
            return (1 - load - z + ends[0] * ends[1]) / (2 * z)

        at = mp.mpf(ridge)
        step = at * mp.mpf(10) ** -50
        points = [(z, G(z)) for z in (at - step, at + step)]
        slope = (points[1][1] - points[0][1]) / (2 * step)
        of_product = (points[1][0] * points[1][1] - points[0][0] * points[0][1]) / (2 * step)
        return G(at), noise * of_product - at**2 * slope


near_one = st.tuples(st.floats(-15, -1), st.sampled_from([-1, 1])).map(
    lambda gap: 1 + gap[1] * 10 ** gap[0]
)
loads = st.one_of(st.floats(-3, 3).map(lambda k: 10.0**k), st.just(1.0), near_one)
ridges = st.floats(-8, 4).map(lambda k: 10.0**k)
noises = st.one_of(st.just(0.0), st.floats(-3, 1).map(lambda k: 10.0**k))


@given(loads, ridges, noises)
def test_digits_for_any_load_and_ridge(alpha: float, ridge: float, S: float) -> None:
    wanted_G, wanted = printed(alpha, ridge, S)
    for load_and_ridge, function, value in (
        ((alpha, ridge), resolvent, wanted_G),
        ((alpha, ridge, S), wn_linear, wanted),
    ):
        assert abs(function(*load_and_ridge) / value - 1) < DIGITS
        assert abs(function.math(*load_and_ridge) / value - 1) < DIGITS


def test_digits_on_a_grid() -> None:
    """All scales at once, 1e-8 to 1e4 and 1e-3 to 1e3, both sides of alpha = 1."""
    gaps = np.concatenate([s * 10.0 ** np.arange(-15, 0, 2) for s in (-1, 1)])
    for alpha in [*(10.0 ** np.arange(-3, 4)), *(1 + gaps)]:
        grid = 10.0 ** np.arange(-8, 5, 2)
        values = [printed(float(alpha), float(r), 0.25) for r in grid]
        for function, column, more in ((resolvent, 0, ()), (wn_linear, 1, (0.25,))):
            wanted = np.array([float(value[column]) for value in values])
            np.testing.assert_allclose(function(alpha, grid, *more), wanted, rtol=DIGITS)


# -- limits --------------------------------------------------------------------------------------


@given(st.floats(1e-3, 0.99), st.floats(0, 4))
def test_without_a_ridge_below_one(alpha: float, S: float) -> None:
    assert resolvent(alpha, 0.0) == np.inf
    small = 1e-9 * (1 - alpha) ** 2
    assert small * resolvent(alpha, small) == pytest.approx(1 - alpha, rel=1e-6)
    assert wn_linear(alpha, 0.0, S) == pytest.approx(sgd_linear(alpha, S), rel=1e-12)
    assert wn_linear(alpha, small, S) == pytest.approx(sgd_linear(alpha, S), rel=1e-5)


@given(st.floats(1.01, 100), st.floats(0, 4))
def test_without_a_ridge_above_one(alpha: float, S: float) -> None:
    small = 1e-9 * (alpha - 1) ** 2
    for ridge, room in ((0.0, 1e-12), (small, 1e-6)):
        assert resolvent(alpha, ridge) * (alpha - 1) == pytest.approx(1.0, rel=room)
        at_rest = wn_linear(alpha, ridge, S)
        assert at_rest == pytest.approx(sgd_linear(alpha, S), rel=1e3 * room, abs=small)


def test_without_a_ridge_at_one() -> None:
    """Infinite with noise, zero without, and no warning either way (pytest makes them errors)."""
    assert resolvent(1.0, 0.0) == np.inf
    for S in (1e-300, 0.25, 4.0):
        assert wn_linear(1.0, 0.0, S) == sgd_linear(1.0, S) == np.inf
    assert wn_linear(1.0, 0.0, 0.0) == sgd_linear(1.0, 0.0) == 0.0
    for function, args in ((resolvent, (1.0, 0.0)), (sgd_linear, (1.0, 0.5))):
        assert function.math(*args) == function.mp(*map(mp.mpf, args)) == np.inf
    assert wn_linear.mp(mp.mpf(1), mp.mpf(0), mp.mpf(0.5)) == np.inf
    square_root = [wn_linear(1.0, ridge, 0.5) * np.sqrt(ridge) for ridge in (1e-8, 1e-10)]
    assert square_root == pytest.approx([0.25, 0.25], rel=2e-4)  # S/(2 sqrt(ridge))


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_without_a_ridge_in_python_floats(alpha: float) -> None:
    """What divides in the branch not taken does not: here it would divide by 0."""
    assert wn_linear.math(alpha, 0.0, 0.25) == pytest.approx(sgd_linear(alpha, 0.25), rel=1e-14)
    assert wn_linear.math(alpha, 0.0, 0.0) == pytest.approx(sgd_linear(alpha, 0.0), rel=1e-14)


@given(st.floats(-2, 2).map(lambda k: 10.0**k), st.floats(-2, 0.6).map(lambda k: 10.0**k))
def test_the_best_ridge_is_the_noise(alpha: float, S: float) -> None:
    """By a search over the ridge, and by the slope there at 40 digits."""
    found = minimize_scalar(
        lambda log: wn_linear(alpha, np.exp(log), S), bounds=(-9.0, 5.0), options={"xatol": 1e-9}
    )
    assert wn_linear(alpha, S, S) <= found.fun * (1 + 1e-12)
    assert found.x == pytest.approx(np.log(S), abs=2e-3)
    with mp.workdps(40):
        load, best, step = mp.mpf(alpha), mp.mpf(S), mp.mpf(10) ** -12
        left, at, right = (wn_linear.mp(load, best * (1 + s * step), best) for s in (-1, 0, 1))
        assert left > at < right
        assert abs(right - left) < mp.mpf(10) ** -9 * (left + right - 2 * at) + mp.mpf(10) ** -38


# -- the domain ----------------------------------------------------------------------------------


def test_broadcasting_and_nan_outside() -> None:
    alpha, ridge = np.array([[0.5], [1.0], [2.0]]), np.array([0.0, 1e-3, 0.25, 1e4])
    assert resolvent(alpha, ridge).shape == (3, 4)
    grid = wn_linear(alpha[:, :, None], ridge[:, None], np.array([0.0, 0.3]))
    assert grid.shape == (3, 4, 2) and grid.dtype == np.float64
    assert grid[2, 1, 1] == wn_linear(2.0, 1e-3, 0.3)
    assert grid[1, 0].tolist() == [0.0, np.inf]
    for bad in (0.0, -1.0, np.nan):
        assert np.isnan([resolvent(bad, 0.1), wn_linear(bad, 0.1, 0.1), sgd_linear(bad, 0.1)]).all()
    for bad in (-1e-300, -2.0, np.nan):
        assert np.isnan(resolvent(1.0, bad)) and np.isnan(wn_linear(1.0, bad, 0.1))
        assert np.isnan(wn_linear(1.0, 0.1, bad)) and np.isnan(sgd_linear(0.5, bad))
        assert np.isnan(sgd_linear(1.0, bad)) and np.isnan(wn_linear(1.0, 0.0, bad))
