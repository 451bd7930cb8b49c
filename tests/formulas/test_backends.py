"""One formula in four forms: NumPy, torch, mpmath and plain Python floats agree."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from members import ALL, EDGES, FEW, IDS, arguments, flat, member, points, values

from bntheory import testing

each = pytest.mark.parametrize(("module", "name"), ALL, ids=IDS)
MODERATE = {
    "gamma": st.floats(0.3, 2.0),
    "R": st.floats(-0.99, 0.99),
    "L": st.floats(0.5, 2.0),
    "L0": st.floats(0.5, 2.0),
    "eta": st.floats(0.01, 1.0),
    "zeta": st.floats(0.0, 1.0),
    "misalignment": st.floats(0.01, 1.99),
    "slope": testing.slopes(),
}
FLOATS = (torch.float64, torch.float32)


def close(found: Any, expected: np.ndarray, digits: float = 1e-12) -> None:
    """Assert agreement up to rounding, in parts of the largest entry or of 0.01."""
    found = np.array([float(entry) for entry in flat(found)])
    size = max(0.01, np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=digits, atol=digits * size)


@each
@FEW
@given(data=st.data())
def test_python_floats_and_torch(module: str, name: str, data: st.DataObject) -> None:
    """The same operations in the same order: equal but for the last digits of sqrt and asin."""
    function = member(module, name)
    rows = data.draw(st.lists(points(function), min_size=1, max_size=6))
    columns = [torch.tensor(column, dtype=torch.float64) for column in zip(*rows, strict=True)]
    tensors = [np.broadcast_to(entry, len(rows)) for entry in flat(function.torch(*columns))]
    for k, row in enumerate(rows):
        expected = values(function(*row))
        close(function.math(*row), expected)
        close(tuple(entry[k] for entry in tensors), expected)


@each
@FEW
@given(data=st.data())
def test_mpmath(module: str, name: str, data: st.DataObject) -> None:
    """At twice double precision; cancellation costs NumPy's form absolute digits."""
    function = member(module, name)
    here = data.draw(st.tuples(*(MODERATE[argument] for argument in arguments(function))))
    with mp.workdps(32):
        found = tuple(flat(function.mp(*map(mp.mpf, here))))
    close(found, values(function(*here)), 1e-11)


@each
def test_tensors_keep_their_dtype_and_device(module: str, name: str) -> None:
    """Constants are Python floats: on ``meta`` a tensor of another device would raise."""
    function = member(module, name)
    for dtype in FLOATS:
        for device in ("cpu", "meta"):
            args = [torch.full((3,), 0.5, dtype=dtype, device=device) for _ in arguments(function)]
            for entry in flat(function.torch(*args)):
                if isinstance(entry, torch.Tensor):
                    assert entry.dtype is dtype and entry.device.type == device
                else:
                    assert isinstance(entry, float)  # a constant


@each
@FEW
@given(data=st.data())
def test_single_precision(module: str, name: str, data: st.DataObject) -> None:
    function = member(module, name)
    here = data.draw(st.tuples(*(MODERATE[argument] for argument in arguments(function))))
    args = [torch.tensor(number, dtype=torch.float32) for number in here]
    close(function.torch(*args), values(function(*(float(arg) for arg in args))), 2e-4)


@each
def test_tensors_of_any_shape(module: str, name: str) -> None:
    """Elementwise over broadcast tensors, and for batched tensors under vmap."""
    function = member(module, name)
    names = arguments(function)
    columns = [np.linspace(0.3, 0.9, 4) + 0.01 * k for k, _ in enumerate(names)]
    expected = list(flat(function(*columns)))
    tensors = [torch.tensor(column) for column in columns]
    for entry, numbers in zip(flat(function.torch(*tensors)), expected, strict=True):
        np.testing.assert_allclose(np.broadcast_to(entry, numbers.shape), numbers, rtol=1e-12)
    if names:
        shaped = [t.reshape((-1, *[1] * k)) for k, t in enumerate(tensors)]
        grid = list(flat(function(*(t.numpy() for t in shaped))))
        for entry, numbers in zip(flat(function.torch(*shaped)), grid, strict=True):
            found = np.broadcast_to(np.asarray(entry), numbers.shape)
            np.testing.assert_allclose(found, numbers, rtol=1e-11, atol=1e-14)


@each
@FEW
@given(data=st.data())
def test_gradients_flow(module: str, name: str, data: st.DataObject) -> None:
    """Through torch, against mpmath's numerical derivative; ``where`` passes on no nan."""
    function = member(module, name)
    names = arguments(function)
    here = data.draw(st.tuples(*(MODERATE[argument] for argument in names)))
    args = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in here]
    weights = np.cos(np.arange(1.0, 20.0))

    def total(entries: Any) -> Any:
        return sum(float(w) * entry for w, entry in zip(weights, flat(entries), strict=False))

    result = total(function.torch(*args))
    if not isinstance(result, torch.Tensor):
        return  # a constant
    found = torch.autograd.grad(result, args, allow_unused=True)
    with mp.workdps(40):
        point = tuple(map(mp.mpf, here))
        for k, (slope, number) in enumerate(zip(found, here, strict=True)):
            order = tuple(int(k == n) for n in range(len(names)))
            if number == 0.0 or not number < 1.99:
                continue  # at an end of the domain
            expected = float(mp.diff(lambda *p: total(function.mp(*p)), point, order))
            size = 1.0 + sum(abs(float(s)) for s in found if s is not None)
            assert (0.0 if slope is None else float(slope)) == pytest.approx(
                expected, rel=1e-7, abs=1e-9 * size
            )


@each
def test_gradients_near_alignment_are_numbers(module: str, name: str) -> None:
    """In both branches of every ``where``, however small 1 - R."""
    function = member(module, name)
    names = arguments(function)
    if "misalignment" not in names:
        return
    for gap in (1e-15, 1e-8, 1e-3, 1 / 128, 0.4, 0.6, 1.9):
        args = [
            torch.tensor(gap if a == "misalignment" else 1.0, dtype=torch.float64).requires_grad_()
            for a in names
        ]
        for entry in flat(function.torch(*args)):
            if isinstance(entry, torch.Tensor):
                slopes = torch.autograd.grad(entry, args, retain_graph=True, allow_unused=True)
                assert all(s is None or torch.isfinite(s) for s in slopes)


@pytest.mark.parametrize("module", ["relu", "linear", "leaky_relu", "erf"])
@pytest.mark.parametrize("method", ["bn", "sgd"])
@FEW
@given(data=st.data())
def test_the_jacobian_is_torchs(module: str, method: str, data: st.DataObject) -> None:
    rates, jacobian = (member(module, f"{method}_{what}_aligned") for what in ("rates", "jacobian"))
    names = arguments(rates)
    here = data.draw(st.tuples(*(MODERATE[argument] for argument in names)))
    order = len(list(flat(rates(*here))))
    args = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in here]
    rows = [
        torch.autograd.grad(entry, args[:order], retain_graph=True, allow_unused=True)
        for entry in rates.torch(*args)
    ]
    found = np.array([0.0 if slope is None else float(slope) for row in rows for slope in row])
    expected = values(jacobian(*here))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * np.abs(expected).max())


@each
def test_mpmath_at_the_ends_of_the_domain(module: str, name: str) -> None:
    """Real numbers there, at any precision: no inverse sine of more than 1."""
    function = member(module, name)
    names = arguments(function)
    for ends in ((-1.0, 2.0), (1.0, 0.0)):
        place = dict(zip(("R", "misalignment"), ends, strict=True))
        here = [place.get(argument, EDGES[argument][1]) for argument in names]
        expected = values(function(*here))
        for digits in (15, 16, 17, 23, 50, 51):
            with mp.workdps(digits):
                found = tuple(flat(function.mp(*map(mp.mpf, here))))
            assert not any(isinstance(entry, mp.mpc) for entry in found)
            close(found, expected)
