"""Names, domain, digits and backends of the functions of the regularizer."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given
from hypothesis import strategies as st
from regularizer_members import (
    ABOVE,
    BRANCHED,
    CONTRACT,
    FEW,
    NAMES,
    arguments,
    drawn,
    each,
    inside,
    member,
    scale,
)

from bntheory.formula import DOMAINS, Formula
from bntheory.formulas import regularizer
from bntheory.notation import BY_NAME, SYMBOLS

# -- the contract --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTRACT)
def test_the_table_of_the_contract(name: str) -> None:
    assert tuple(arguments(name)) == CONTRACT[name]
    assert name in regularizer.__all__


def test_nothing_public_beside_the_list() -> None:
    formulas = [name for name, value in vars(regularizer).items() if isinstance(value, Formula)]
    assert formulas == list(NAMES)
    assert set(BRANCHED) >= {"inverse_std", "gamma_decay_linear_exact", "gamma_at_rest_std_only"}


@each
def test_docstring_and_domain(name: str) -> None:
    function = member(name)
    parameters = inspect.signature(function).parameters.values()
    assert all(p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in parameters)
    text = inspect.getdoc(function) or ""
    summary = text.splitlines()[0]
    assert summary.endswith(".") and len(summary) < 100
    assert "Returns\n-------" in text and "Notes\n-----" in text
    assert "of the broadcast shape; nan outside the domain" in text
    assert function.source in text and function.source.startswith("Luo et al. 2019, ")
    for argument in arguments(name):
        described = text.split(f"\n{argument} : float or array\n")[1].splitlines()[0].strip()
        meaning = BY_NAME[argument].meaning
        assert described.startswith(f"{meaning[0].upper()}{meaning[1:]}; ")
        signed = argument.startswith("gamma")  # a network may have a negative one
        low, high, left_open = (-np.inf, np.inf, False) if signed else DOMAINS[argument]
        if argument == "M" and name in ABOVE:
            low, left_open = ABOVE[name], True
        left = f"{low:g} {'<' if left_open else '<='} " if low > -np.inf else ""
        right = f" <= {high:g}" if high < np.inf else ""
        stated = f"{left}{argument}{right}." if left or right else "any real number."
        assert described.rsplit("; ", 1)[1] == stated


@each
def test_expression_and_latex(name: str) -> None:
    function = member(name)
    assert {symbol.name for symbol in function.expr.free_symbols} == set(arguments(name))
    assert function.expr is function.expr
    latex = function.latex
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert function._repr_latex_() == f"$\\displaystyle {latex}$"
    assert not any(word in latex for word in ("fisher", "hessian", "asin(", "loss_", "skewness"))


@each
def test_pickle_copy_repr_and_signatures(name: str) -> None:
    function = member(name)
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.deepcopy([function])[0] is function
    assert repr(function) == f"<formula {name}({', '.join(arguments(name))}): {function.source}>"
    assert function.__module__ == "bntheory.formulas.regularizer"
    for version in (function.torch, function.mp, function.math):
        assert list(inspect.signature(version).parameters) == arguments(name)
        assert pickle.loads(pickle.dumps(version)) is version
    here = inside(name)
    assert function(**dict(reversed(here.items()))) == function(*here.values())
    with pytest.raises(TypeError, match="missing"):
        function(*list(here.values())[1:])
    with pytest.raises(TypeError, match="too many"):
        function(*here.values(), 1.0)


@each
def test_broadcasting(name: str) -> None:
    """Each argument along an axis of its own; and over many blocks, across M = 40."""
    function, here = member(name), inside(name)
    count = len(here)
    axes = [
        (x + 0.1 * np.arange(2 if k < 4 else 1)).reshape(-1, *[1] * (count - 1 - k))
        for k, x in enumerate(here.values())
    ]
    grid = function(*axes)
    assert grid.shape == tuple(axis.size for axis in axes) and grid.dtype == np.float64
    for index in np.ndindex(*grid.shape):
        point = [axis.ravel()[i] for axis, i in zip(axes, index, strict=True)]
        assert grid[index] == pytest.approx(function(*point), rel=1e-14)
    many = here | {"M": np.linspace(4.0, 100.0, 20_001)}
    found = function(**many)
    some = [0, 7499, 7500, 7501, 8191, 8192, 20_000]
    one = [function(**(here | {"M": many["M"][k]})) for k in some]
    np.testing.assert_allclose(found[some], one, rtol=1e-14)
    assert function(**(here | {"M": np.empty((0, 3))})).shape == (0, 3)
    assert isinstance(function(**here), float)


@each
@given(data=st.data())
def test_nan_outside_and_there_alone(name: str, data: st.DataObject) -> None:
    function, here = member(name), data.draw(drawn(name))
    value = function(**here)
    assert np.isfinite(value)
    first = ABOVE.get(name, 1.0)
    outside = {
        "M": (first if name in ABOVE else first - 1e-15, first - 0.5, 0.0, -3.0, -np.inf),
        "rho": (-2.0 - 1e-12, -5.0),
        "correlation": (1 + 1e-15, -1.5),
    }
    for argument in arguments(name):
        for bad in (*outside.get(argument, ()), np.nan):
            found = function(**(here | {argument: np.array([here[argument], bad])}))
            assert np.isnan(found[1]) and found[0] == pytest.approx(value, rel=1e-14)


@each
def test_the_ends_of_the_domain_belong_to_it(name: str) -> None:
    if name in ABOVE:  # where the end is left out
        return
    here = inside(name) | {"M": 1.0}
    assert np.isfinite(member(name)(**here))
    if "rho" in here:
        assert np.isfinite(member(name)(**(here | {"rho": -2.0})))


# -- digits and backends -------------------------------------------------------------------------


@each
@given(data=st.data())
def test_numpy_has_its_digits(name: str, data: st.DataObject) -> None:
    """2e-12, from just above the domain to a batch of 1e9, against 50 digits."""
    low = -2.0 if name == "gamma_at_rest_mean_only" else -6.0
    here = data.draw(drawn(name, low))
    with mp.workdps(50):
        reference = member(name).mp(**{a: mp.mpf(x) for a, x in here.items()})
        assert abs(member(name)(**here) - reference) <= 2e-12 * scale(name, here) + mp.mpf("1e-300")


@pytest.mark.parametrize("name", BRANCHED)
def test_both_sides_of_the_branch(name: str) -> None:
    """At M = 40 and next to it, by all backends."""
    for size in (39.0, np.nextafter(40.0, 0), 40.0, np.nextafter(40.0, 50), 41.0, 3e4, 1e9):
        with mp.workdps(50):
            expected = float(member(name).mp(mp.mpf(size)))
        assert member(name)(size) == pytest.approx(expected, rel=2e-12)
        assert member(name).math(float(size)) == pytest.approx(expected, rel=5e-12)
        tensor = torch.tensor(size, dtype=torch.float64)
        assert float(member(name).torch(tensor)) == pytest.approx(expected, rel=5e-12)


@pytest.mark.parametrize("name", BRANCHED)
def test_a_series_loses_nothing_where_its_last_terms_count(name: str) -> None:
    """From the branch on, in units of the last place."""
    for size in (40.0, 40.5, 42.0, 50.0, 1e3):
        with mp.workdps(50):
            reference = member(name).mp(mp.mpf(size))
            for version in (member(name), member(name).math):
                assert abs(version(size) / reference - 1) < 2e-15


@each
@FEW
@given(data=st.data())
def test_torch_and_python_floats(name: str, data: st.DataObject) -> None:
    function = member(name)
    rows = data.draw(st.lists(drawn(name, -1.0, 4.0), min_size=1, max_size=4))
    columns = {a: np.array([row[a] for row in rows]) for a in arguments(name)}
    found = function.torch(**{a: torch.tensor(column) for a, column in columns.items()})
    for k, row in enumerate(rows):
        room = 2e-12 * float(scale(name, row)) + 1e-300
        assert abs(float(found[k]) - function(**row)) <= room
        assert abs(function.math(**row) - function(**row)) <= room


@each
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_tensors_keep_their_dtype_and_device(name: str, dtype: torch.dtype) -> None:
    here = inside(name)
    for device in ("cpu", "meta"):
        args = {a: torch.full((3,), x, dtype=dtype, device=device) for a, x in here.items()}
        entry = member(name).torch(**args)
        assert entry.dtype is dtype and entry.device.type == device and entry.shape == (3,)
    single = {a: torch.tensor(x, dtype=torch.float32) for a, x in here.items()}
    assert float(member(name).torch(**single)) == pytest.approx(member(name)(**here), rel=2e-4)


@each
@pytest.mark.parametrize("size", [4.5, 39.9, 40.0, 40.1, 1e3, 1e6])
def test_gradients(name: str, size: float) -> None:
    """On both sides of M = 40; ``where`` passes on no nan."""
    here = inside(name) | {"M": size}
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in here.values()]
    if size < 1e3:
        assert torch.autograd.gradcheck(member(name).torch, leaves, atol=1e-7, rtol=1e-4)
    slopes = torch.autograd.grad(member(name).torch(*leaves), leaves)
    with mp.workdps(50):
        point = [mp.mpf(x) for x in here.values()]
        for k, slope in enumerate(slopes):
            order = tuple(int(n == k) for n in range(len(point)))
            expected = float(mp.diff(member(name).mp, tuple(point), order))
            assert float(slope) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@each
def test_mpmath_at_its_working_precision(name: str) -> None:
    """Against the expression, by SymPy's own numbers: 50 digits; and real for M near its end."""
    expr = member(name).expr
    for size in (4.25, 16.0, 1000.5):
        here = inside(name) | {"M": size}
        with mp.workdps(50):
            found = member(name).mp(**{a: mp.mpf(x) for a, x in here.items()})
            exact = {SYMBOLS[a]: sp.Rational(*x.as_integer_ratio()) for a, x in here.items()}
            expected = sp.N(expr.subs(exact).doit(), 60)
            assert abs(found / mp.mpf(expected._to_mpmath(220)) - 1) < mp.mpf(10) ** -45
    near = inside(name) | {"M": ABOVE.get(name, 1.0) + 1e-9}
    assert isinstance(member(name).mp(**{a: mp.mpf(x) for a, x in near.items()}), mp.mpf)


# -- Gaussian batches ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [3.5, 4, 7, 39, 41, 300])
def test_inverse_moments_are_integrals_over_chi_square(size: float) -> None:
    with mp.workdps(25):
        freedom = mp.mpf(size) - 1
        line = [0, *(freedom * k / 20 for k in (1, 6, 14, 20, 28, 40, 80)), 8 * freedom + 150]

        def mean(power: int) -> Any:
            def integrand(x: Any) -> Any:  # x = t^4, for the end at 0
                t = x**4
                log = (freedom / 2 - 1) * mp.log(t) - t / 2 - mp.loggamma(freedom / 2)
                return mp.exp(log - freedom / 2 * mp.log(2)) * (size / t) ** (
                    mp.mpf(power) / 2
                ) * 4 * x**3

            return mp.quad(integrand, [mp.mpf(end) ** mp.mpf("0.25") for end in line])

        assert abs(regularizer.inverse_std(size) / mean(1) - 1) < 1e-11
        assert abs(regularizer.inverse_variance(size) / mean(2) - 1) < 1e-11
        # of the whole decay: half of E[(z/s - z)^2] and of E[m^2/s^2] = E[1/s^2]/M
        spread = mean(2) - 2 * mean(1) + 1
        found = regularizer.gamma_decay_linear_exact_no_bias(size)
        assert abs(found / (spread / 2) - 1) < 1e-9
        found = regularizer.gamma_decay_linear_exact(size)
        assert abs(found / ((spread + mean(2) / size) / 2) - 1) < 1e-9


def test_the_exact_decay_goes_to_the_simple_one() -> None:
    sizes = np.logspace(2, 9, 8)
    for bias, limit in (("", 0.75), ("_no_bias", 0.25)):
        exact = member("gamma_decay_linear_exact" + bias)(sizes) * sizes
        gaps = np.abs(exact - limit)
        assert gaps[-1] < 1e-8 and (gaps[1:] < 0.11 * gaps[:-1]).all()
        assert member("gamma_decay_linear" + bias)(sizes) * sizes == pytest.approx(limit)


def test_theorem_1_is_the_linear_decay_for_a_gaussian() -> None:
    """A'' = 1, so that I(gamma) = 1: and the kurtosis is the excess one."""
    assert regularizer.gamma_decay(10.0, 0.0, 1.0, 1.0) == pytest.approx(0.075)
    exact = regularizer.gamma_decay_linear_exact(1e6) * 1e6
    assert regularizer.gamma_decay(1e6, 0.0, 1.0, 1.0) * 1e6 == pytest.approx(exact, rel=1e-5)
    assert regularizer.gamma_decay(1e6, 3.0, 1.0, 1.0) * 1e6 != pytest.approx(exact, rel=0.1)
