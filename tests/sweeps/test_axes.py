"""What is swept over: how it is written, and what is wrong with it."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

import numpy as np
import pytest

from bntheory.sweeps.axes import MOST, Axis, BadAxis, axes, offered, points
from validation import c2, eq10, prop3

KNOWN: dict[str, Any] = {
    "eta": float, "M": int, "activation": Literal["relu", "erf"], "seed": int, "N": int
}  # fmt: skip


def read(*texts: str) -> dict[str, tuple[Any, ...]]:
    return {axis.name: axis.values for axis in axes("prop9", texts, KNOWN)}


def test_values_are_as_they_are_written() -> None:
    assert read("eta=0.5,1,2e-3") == {"eta": (0.5, 1.0, 2e-3)}
    assert read("seed=3,-1,20", "N=1e3") == {"seed": (3, -1, 20), "N": (1000,)}
    assert read("activation=erf,relu") == {"activation": ("erf", "relu")}
    assert list(read("N=5", "eta=1", "seed=0")) == ["N", "eta", "seed"]


def test_values_are_evenly_spaced_with_both_ends() -> None:
    """And each is the number nearest to its decimal fraction, not one beside it."""
    assert read("eta=0:1:11") == {"eta": tuple(k / 10 for k in range(11))}
    assert read("seed=0:199:200") == {"seed": tuple(range(200))}
    assert read("M=16:4:4") == {"M": (16, 12, 8, 4)}
    for first, last, many in ((-0.3, 0.7, 7), (1e-5, 2.0, 100), (0.1, 0.1 + 1e-9, 3)):
        found = read(f"eta={first}:{last}:{many}")["eta"]
        assert (found[0], found[-1], len(found)) == (first, last, many)
        assert np.allclose(found, np.linspace(first, last, many), rtol=1e-15, atol=1e-17)


def test_types_are_those_of_the_axis() -> None:
    found = read("eta=1,2", "M=4", "activation=relu")
    assert [type(values[0]) for values in found.values()] == [float, int, str]


WRONG = [
    ("eta", "'eta' is no axis; one is eta=0.5,1,2 or eta=0:1:11"),
    ("eta=", "'eta=' is no axis"),
    ("zeta=1", "prop9 has no axis 'zeta'; it has eta, M, activation, seed, N"),
    ("eta=1,x", "eta = 'x' is no number"),
    ("eta=1,,2", "eta = '' is no number"),
    ("eta=nan", "eta = nan is no finite number"),
    ("eta=-inf", "eta = -inf is no finite number"),
    ("eta=1e999", "eta = 1e999 is no finite number"),
    ("eta=1,2,1.0", "eta = 1.0 is there twice"),
    ("eta=0:1", "eta = '0:1'; evenly spaced values are FIRST:LAST:HOW MANY"),
    ("eta=0:1:2:3", "evenly spaced values are FIRST:LAST:HOW MANY"),
    ("eta=0:1:1", f"eta = '0:1:1'; how many is a whole number from 2 to {MOST}"),
    ("eta=0:1:2.5", "how many is a whole number from 2"),
    ("eta=0:1:1000000000000", "how many is a whole number from 2"),
    ("eta=1:1:3", "eta = 1.0 is there twice"),
    ("seed=0:10:4", "seed = 3.33333333333 is no whole number"),
    ("seed=1.5", "seed = 1.5 is no whole number"),
    ("seed=1e19", "seed = 1e+19 is outside its domain, -9223372036854775808 <= seed <="),
    ("seed=1e999999999", "seed = 1e999999999 is no finite number"),
    ("N=0", "N = 0 is outside its domain, 1 <= N <="),
    ("activation=tanh", "activation = 'tanh'; it takes relu, erf"),
    ("activation=relu,relu", "activation = relu is there twice"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(BadAxis) as raised:
        read(text)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_an_axis_is_given_once() -> None:
    with pytest.raises(BadAxis, match="the axis eta is given twice"):
        read("eta=1", "eta=2")


def test_too_many_tasks_are_refused() -> None:
    with pytest.raises(BadAxis, match="200000 tasks are too many for one dataset, which takes"):
        read("eta=0:1:100000", "M=1:2:2")
    assert len(read("eta=0:1:100000")["eta"]) == MOST


def test_points_are_the_product() -> None:
    swept = axes("prop9", ["eta=1,2", "activation=relu,erf", "seed=0:2:3"], KNOWN)
    found = list(points(swept))
    assert [tuple(point.values()) for _, point in found] == [
        *product((1.0, 2.0), ("relu", "erf"), (0, 1, 2))
    ]
    for where, point in found:
        assert [axis.values[k] for axis, k in zip(swept, where, strict=True)] == [*point.values()]


def test_a_statement_offers_what_its_module_measures_at() -> None:
    assert offered(prop3) == {"eta": float, "zeta": float, "seed": int, "N": int}
    assert offered(eq10)["activation"] == Literal["relu", "linear", "erf"]
    assert offered(c2) == {"seed": int, "N": int}


def test_an_axis_says_what_it_is() -> None:
    assert str(Axis("eta", (0.5, 1.0))) == "eta = 0.5, 1"
    assert str(Axis("seed", tuple(range(200)))) == "seed = 0, 1 ... 199 (200 values)"
