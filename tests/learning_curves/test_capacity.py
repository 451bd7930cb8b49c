"""The load up to which a ReLU student reaches the least training error, by linear programming."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from students import Samples, can_fit, shortest

from bntheory.learning_curves import capacity, saddle_point


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("S", [0.25, 4.0])
def test_well_below_and_well_above(S: float) -> None:
    """By linear programs at N = 60; the shortest student is there where they have one."""
    N, load = 60, capacity(S)
    for k in range(3):
        assert can_fit(Samples.draw(N, 0.75 * load, S, [k]))
        assert not can_fit(Samples.draw(N, 1.35 * load, S, [k]))
        near = Samples.draw(N, load, S, [k])
        for count in (-6, 0, 6):
            part = near.first(round(load * N) - 6 + count)
            assert can_fit(part) == (shortest(part) is not None)


def last_load(N: int, S: float, seed: int) -> float:
    """Return the most samples that a student can fit, over N; one more only adds conditions."""
    samples = Samples.draw(N, 2.2, S, [seed])
    low, high = N // 2, len(samples.y)
    while high - low > 1:
        middle = (low + high) // 2
        fits = shortest(samples.first(middle)) is not None
        low, high = (middle, high) if fits else (low, middle)
    return low / N


@pytest.mark.parametrize("S", [0.25, 1.0, 100.0])
def test_the_load_where_students_end(S: float) -> None:
    """For 100 sets of samples at N = 100; the transition has a width of order 1/sqrt(N)."""
    N, count = 100, 100
    loads = np.array([last_load(N, S, k) for k in range(count)])
    error = loads.std(ddof=1) / np.sqrt(count)
    assert abs(loads.mean() - capacity(S)) < 5 * error + 1 / N
    assert error < 0.02 and loads.std() < 1.5 / np.sqrt(N)


def test_without_noise_the_teacher_always_fits() -> None:
    """So that capacity, 2, says where no other student does."""
    assert capacity(0.0) == 2.0
    samples = Samples.draw(60, 3.0, 0.0, [0])
    above = samples.y > 0
    assert (samples.X[~above] @ samples.teacher <= 0).all()
    assert np.linalg.matrix_rank(samples.X[above]) == 60
    assert np.linalg.matrix_rank(samples.first(90).X[above[:90]]) < 60


@given(st.floats(-8, 6).map(lambda k: 10.0**k), st.floats(1e-3, 1.0))
def test_it_falls_from_2_to_4_thirds(S: float, more: float) -> None:
    assert 4 / 3 < capacity(S) < 2
    assert capacity(S * (1 + more)) < capacity(S)


def test_its_ends() -> None:
    assert capacity(1e-12) == pytest.approx(2.0, abs=1e-3)
    assert capacity(1e12) == pytest.approx(4 / 3, abs=1e-9)
    assert capacity(1e-12) < 2.0 and isinstance(capacity(1), float)


@given(st.floats(-2, 0.6).map(lambda k: 10.0**k))
def test_it_is_where_the_replicon_of_the_shortest_student_vanishes(S: float) -> None:
    """As the square root of the distance, so that its square is a line through 0."""
    load = capacity(S)
    near, nearer = (saddle_point(load * (1 - gap), S).replicon ** 2 for gap in (4e-7, 1e-7))
    assert 4 * nearer == pytest.approx(near, rel=0.05) and nearer > 0


@pytest.mark.parametrize("S", [0.25, 4.0])
def test_beyond_it_the_training_error_rises(S: float) -> None:
    load, least = capacity(S), (1 + S) / 2
    assert saddle_point(0.999 * load, S).train_error == pytest.approx(least, rel=1e-14)
    rises = [saddle_point((1 + gap) * load, S).train_error - least for gap in (1e-3, 0.1, 0.5)]
    assert 0 < rises[0] < rises[1] < rises[2]
    assert rises[0] < 1e-4 * rises[2]


@pytest.mark.parametrize("bad", [-1e-12, math.nan, math.inf, "all", None])
def test_noise_outside_its_domain(bad: object) -> None:
    with pytest.raises(ValueError, match=r"S = .*(outside its domain, 0 <= S|not a number)"):
        capacity(bad)
