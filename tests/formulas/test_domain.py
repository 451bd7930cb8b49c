"""nan outside the domain, element by element; inside it, numbers and no warnings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from members import ALL, IDS, OUTSIDE, arguments, corners, flat, member, points, values

pytestmark = pytest.mark.parametrize(("module", "name"), ALL, ids=IDS)


@given(data=st.data())
def test_numbers_in_the_whole_domain(module: str, name: str, data: st.DataObject) -> None:
    function = member(module, name)
    assert np.isfinite(values(function(*data.draw(points(function))))).all()


def test_numbers_at_the_ends_of_the_domain(module: str, name: str) -> None:
    """R = 1 and R = -1, misalignment 0 and 2, and next to them; NumPy's warnings are errors."""
    function = member(module, name)
    for entry in flat(function(*corners(function))):
        assert np.isfinite(entry).all()


def test_the_math_version_at_the_ends_of_the_domain(module: str, name: str) -> None:
    """It raises nothing, where the NumPy version would give nan."""
    function = member(module, name)
    grid = corners(function)
    expected = np.array([np.ravel(entry) for entry in flat(function(*grid))]).T
    for place, numbers in zip(zip(*grid, strict=True), expected, strict=False):
        found = values(function.math(*map(float, place)))
        np.testing.assert_allclose(found, numbers, rtol=1e-9, atol=1e-13 * np.abs(numbers).max())


@given(data=st.data())
def test_nan_outside_and_there_alone(module: str, name: str, data: st.DataObject) -> None:
    function = member(module, name)
    here = data.draw(points(function))
    inside = values(function(*here))
    for k, argument in enumerate(arguments(function)):
        for bad in (*OUTSIDE[argument], np.nan):
            args: list[object] = list(here)
            args[k] = np.array([here[k], bad, here[k]])
            with np.errstate(all="ignore"):
                result = list(flat(function(*args)))
            for entry, value in zip(result, inside, strict=True):
                assert np.isnan(entry[1]), (argument, bad)
                assert entry[[0, 2]].tolist() == [value, value]


def test_nan_in_a_single_number(module: str, name: str) -> None:
    function = member(module, name)
    here = [{"R": 0.5, "misalignment": 0.5}.get(a, 1.0) for a in arguments(function)]
    for k, argument in enumerate(arguments(function)):
        for bad in (*OUTSIDE[argument], np.nan):
            args = [*here[:k], bad, *here[k + 1 :]]
            with np.errstate(all="ignore"):
                assert np.isnan(values(function(*args))).all()
