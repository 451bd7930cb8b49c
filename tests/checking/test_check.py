"""When two numbers agree, and to how many digits."""

from __future__ import annotations

import mpmath as mp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bntheory.checking import Check, agreement, sampled


@pytest.mark.parametrize("digits", range(1, 30))
@pytest.mark.parametrize("scale", ["1", "3.7", "-2e9", "4e-9"])
def test_digits_are_counted(digits: int, scale: str) -> None:
    """A relative error of 3 in the digit after ``digits`` leaves that many."""
    with mp.workdps(40):
        number = mp.mpf(scale)
        assert agreement(number, number * (1 + 3 * mp.mpf(10) ** (-digits - 1))) == digits


def test_equal_numbers_agree_to_every_digit() -> None:
    with mp.workdps(25):
        assert agreement(mp.pi, mp.pi) == 25
        assert agreement(mp.mpf(0), mp.mpf(0)) == 25


@pytest.mark.parametrize("other", [-1, 2, 0, mp.nan, mp.inf, mp.mpc(0, 1)])
def test_other_numbers_do_not(other: object) -> None:
    assert agreement(mp.mpf(1), other) == 0


def test_zero_is_told_from_small_numbers() -> None:
    """Noise in the last quarter of the digits counts as zero; anything larger does not."""
    with mp.workdps(40):
        assert agreement(mp.mpf("1e-35"), mp.mpf(0)) == agreement(mp.mpf("5e-31"), mp.mpf(0)) == 40
        assert agreement(mp.mpf("1e-25"), mp.mpf(0)) == agreement(mp.mpf("2e-30"), mp.mpf(0)) == 0


@given(st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6), st.integers(1, 14))
def test_order_does_not_matter(x: float, k: int) -> None:
    y = x * (1 + 10.0**-k)
    assert agreement(x, y) == agreement(y, x) == agreement(-x, -y)
    assert abs(agreement(x, y) - k) <= 1


def test_the_worst_pair_decides() -> None:
    with mp.workdps(20):
        good, bad = (mp.mpf(1), mp.mpf(1)), (mp.mpf(1), mp.mpf("1.001"))
        both = sampled("how", [good, good], need=20, points=2)
        assert both == Check("sampled", "how", True, 2, 20)
        for pairs in ([good, bad], [bad, good]):
            check = sampled("how", pairs, need=4, points=2)
            assert not check.passed and check.digits in (2, 3)
        assert sampled("how", [good, bad], need=2, points=2).passed


def test_what_is_exact_has_neither_points_nor_digits() -> None:
    assert Check("exact", "how", passed=True) == Check("exact", "how", True, points=0, digits=0)


def test_complex_numbers_are_compared_too() -> None:
    assert agreement(mp.mpc(1, 1), mp.mpc(1, 1)) == mp.mp.dps
    assert agreement(mp.mpc(1, 1), mp.mpc(1, -1)) == 0
