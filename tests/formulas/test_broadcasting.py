"""Shapes and types: every formula behaves as NumPy's own functions do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from members import ALL, FEW, IDS, arguments, corners, flat, member, points, values

from bntheory.formula import BLOCK

each = pytest.mark.parametrize(("module", "name"), ALL, ids=IDS)
with_arguments = pytest.mark.parametrize(
    ("module", "name"),
    [(m, n) for m, n in ALL if arguments(member(m, n))],
    ids=[i for i, (m, n) in zip(IDS, ALL, strict=True) if arguments(member(m, n))],
)
INSIDE = {"gamma": 0.8, "R": 0.3, "L": 1.2, "L0": 0.9, "eta": 0.4, "zeta": 0.2,
          "misalignment": 0.6, "slope": 0.25}


def point(module: str, name: str) -> list[float]:
    """Return a point inside the domain."""
    return [INSIDE[argument] for argument in arguments(member(module, name))]


@each
def test_numbers_give_numbers(module: str, name: str) -> None:
    for entry in flat(member(module, name)(*point(module, name))):
        assert isinstance(entry, np.float64)
        assert np.isfinite(entry)


@with_arguments
def test_each_argument_alone_may_be_an_array(module: str, name: str) -> None:
    """Also one that does not enter, and entries that are constant."""
    function, here = member(module, name), point(module, name)
    expected = values(function(*here))
    for k, number in enumerate(here):
        for shape in ((3,), (1,), (2, 1, 3), (0,), (4, 0)):
            args: list[object] = list(here)
            args[k] = np.full(shape, number)
            for entry, value in zip(flat(function(*args)), expected, strict=True):
                assert entry.shape == shape and entry.dtype == np.float64
                assert (entry == value).all()


@with_arguments
@FEW
@given(data=st.data())
def test_broadcasting_is_elementwise(module: str, name: str, data: st.DataObject) -> None:
    function = member(module, name)
    rows = np.array(data.draw(st.lists(points(function), min_size=2, max_size=3)))
    axes = data.draw(st.permutations(range(rows.shape[1])))
    grid = [rows[:, k].reshape((-1, *[1] * axis)) for k, axis in enumerate(axes)]
    result = list(flat(function(*grid)))
    shape = np.broadcast_shapes(*(axis.shape for axis in grid))
    assert all(entry.shape == shape for entry in result)
    index = tuple(data.draw(st.integers(0, size - 1)) for size in shape)
    alone = function(*(np.broadcast_to(axis, shape)[index] for axis in grid))
    np.testing.assert_array_equal([entry[index] for entry in result], values(alone))


@with_arguments
def test_what_cannot_be_broadcast_is_refused(module: str, name: str) -> None:
    here: list[object] = list(point(module, name))
    if len(here) > 1:
        here[0], here[-1] = np.full(2, here[0]), np.full(3, here[-1])
        with pytest.raises(ValueError, match="broadcast"):
            member(module, name)(*here)


@with_arguments
def test_lists_integers_and_float32_become_float64(module: str, name: str) -> None:
    function = member(module, name)
    ones = [1 for _ in arguments(function)]
    expected = values(function(*map(float, ones)))
    for kind in (np.float32, np.float16, np.int64, np.int8, np.uint16, np.bool_, float):
        for args in ([np.ones(2, kind) for _ in ones], [np.ones((), kind) for _ in ones]):
            for entry, value in zip(flat(function(*args)), expected, strict=True):
                assert entry.dtype == np.float64
                assert (entry == value).all()
    for entry, value in zip(flat(function(*([one, one] for one in ones))), expected, strict=True):
        assert entry.tolist() == [value, value]
    np.testing.assert_array_equal(values(function(*ones)), expected)


@with_arguments
def test_big_arrays_go_in_blocks_with_the_same_result(module: str, name: str) -> None:
    """Each element as it is alone, whatever the block it falls into."""
    function, size = member(module, name), 2 * BLOCK + 5
    columns = [np.resize(column, size) for column in corners(function)]
    result = list(flat(function(*columns)))
    for start in (0, BLOCK - 3, 2 * BLOCK - 2):
        part = slice(start, start + 7)
        small = flat(function(*(column[part] for column in columns)))
        for entry, alone in zip(result, small, strict=True):
            assert entry.shape == (size,)
            np.testing.assert_array_equal(entry[part], alone)


@with_arguments
def test_arguments_are_left_as_they_are_and_not_given_back(module: str, name: str) -> None:
    function, here = member(module, name), point(module, name)
    for shape in ((), (4,), (BLOCK + 1,)):
        args = [np.full(shape, number) for number in here]
        for array in args:
            array.flags.writeable = False
        result = list(flat(function(*args)))
        for array, number in zip(args, here, strict=True):
            assert (array == number).all()
            assert not any(np.shares_memory(entry, array) for entry in result)
        for k, entry in enumerate(result):
            assert not any(np.shares_memory(entry, other) for other in result[:k])
            assert shape == () or entry.flags.writeable
