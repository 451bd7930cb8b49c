"""Digits, against the derived expressions at 80 digits (and not against the ``.mp`` versions)."""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp
import numpy as np
import pytest
from exact import exact
from hypothesis import assume, given
from hypothesis import strategies as st
from members import ALL, FEW, IDS, MODULES, arguments, flat, member, points, values

from bntheory import testing

INTEGRALS = ("I1", "I2", "I3")
ALIGNED = [(module, name) for module, name in ALL if name.endswith("_aligned")]
each_aligned = pytest.mark.parametrize(
    ("module", "name"), ALIGNED, ids=[f"{module}.{name}" for module, name in ALIGNED]
)
each_module = pytest.mark.parametrize("module", MODULES)
gaps = st.floats(-14.0, 0.0).map(lambda exponent: 10.0**exponent)
small_rates = st.floats(-4.0, -0.5).map(lambda exponent: 10.0**exponent)


def error(found: float, reference: mp.mpf) -> float:
    """Return the relative error."""
    with mp.workdps(80):
        return float(abs(mp.mpf(float(found)) - reference) / abs(reference))


def size(module: str, name: str, gamma: float) -> float:
    """Return how large I1, I2 or I3 is where it is not near a zero."""
    if module == "erf":  # only |u| < 1 counts
        return (min(gamma, 1.0) if name == "I1" else 1.0) / (1 + gamma)
    return {"I1": gamma * (1 + gamma), "I2": (1 + gamma) ** 2, "I3": 1 + gamma}[name]


@each_module
@pytest.mark.parametrize("name", INTEGRALS)
@given(gamma=testing.scales(), R=testing.overlaps(), slope=testing.slopes())
def test_integrals_over_all_overlaps(
    module: str, name: str, gamma: float, R: float, slope: float
) -> None:
    """1e-13, away from zeros of the integral."""
    here = (gamma, R, slope)[: len(arguments(member(module, name)))]
    reference = exact(module, name)(*here)[0]
    assume(abs(reference) > 0.01 * size(module, name, gamma))
    assert error(member(module, name)(*here), reference) < 1e-13


@each_module
@pytest.mark.parametrize("name", INTEGRALS)
@pytest.mark.parametrize("R", [-1.0, -1 + 1e-14, -1 + 1e-9, 0.0, 1 - 1e-9, 1 - 1e-14, 1.0])
def test_integrals_at_the_ends(module: str, name: str, R: float) -> None:
    """The same, next to R = 1 and R = -1."""
    for gamma in (0.1, 0.5, 2.0, 7.0):
        here = (gamma, R, 0.3)[: len(arguments(member(module, name)))]
        reference = exact(module, name)(*here)[0]
        if abs(reference) > 0.01 * size(module, name, gamma):
            assert error(member(module, name)(*here), reference) < 1e-13


@each_module
@given(gap=gaps, L=st.floats(1.0, 3.0), eta=small_rates, slope=testing.slopes())
def test_the_way_to_alignment(module: str, gap: float, L: float, eta: float, slope: float) -> None:
    """d(1-R)/dt and dL/dt at gamma = 1, where I1, I2 and I3 are all near zero."""
    function = member(module, "bn_rates_aligned")
    here = (1.0, gap, L, eta, 0.0, slope)[: len(arguments(function))]
    _, across, length = exact(module, "bn_rates_aligned")(*here)
    found = function(*here)
    assert error(found[1], across) < 1e-13
    assert error(found[2], length) < 1e-13


@pytest.mark.parametrize("module", ["relu", "linear", "leaky_relu"])
@given(gap=gaps, eta=small_rates, slope=testing.slopes())
def test_the_scale_near_alignment(module: str, gap: float, eta: float, slope: float) -> None:
    """dgamma/dt at gamma = 1 without decay, and dL/dt of plain SGD at L = 1, fall with 1 - R."""
    for name, state, k in (
        ("bn_rates_aligned", (1.0, gap, 1.5, eta, 0.0, slope), 0),
        ("sgd_rates_aligned", (gap, 1.0, eta, slope), 1),
    ):
        function = member(module, name)
        here = state[: len(arguments(function))]
        assert error(function(*here)[k], exact(module, name)(*here)[k]) < 1e-13


@each_module
@given(gap=gaps, eta=small_rates, slope=testing.slopes())
def test_the_way_of_plain_sgd_to_alignment(
    module: str, gap: float, eta: float, slope: float
) -> None:
    """d(1-R)/dt at L = 1."""
    function = member(module, "sgd_rates_aligned")
    here = (gap, 1.0, eta, slope)[: len(arguments(function))]
    assert error(function(*here)[0], exact(module, "sgd_rates_aligned")(*here)[0]) < 1e-13


@each_module
@given(gap=gaps, slope=testing.slopes())
def test_the_error_of_a_student_nearly_aligned(module: str, gap: float, slope: float) -> None:
    """At gamma = 1 it falls to zero with 1 - R, and keeps its digits."""
    function = member(module, "online_error_aligned")
    here = (1.0, gap, slope)[: len(arguments(function))]
    assert error(function(*here), exact(module, "online_error_aligned")(*here)[0]) < 1e-13


@each_aligned
@given(data=st.data())
def test_aligned_forms_everywhere(module: str, name: str, data: st.DataObject) -> None:
    """What is lost is lost to the largest entry: rounding, and no more."""
    function = member(module, name)
    here = data.draw(points(function))
    gap = here[arguments(function).index("misalignment")]
    assume(1e-15 <= gap <= 1.999)
    reference = np.array([float(entry) for entry in exact(module, name)(*here)])
    scale = sum(abs(term) for term in reference) + _terms(function, here)
    assert (np.abs(values(function(*here)) - reference) < 1e-13 * scale).all()


def _terms(function: Callable[..., object], here: tuple[float, ...]) -> float:
    """Return how large the terms of rates and Jacobians are that may cancel."""
    p = dict(zip(arguments(function), here, strict=True))  # type: ignore[arg-type]
    if "eta" not in p:
        return 1.0 + p["gamma"] ** 2
    gamma, L, eta = p.get("gamma", p["L"]), p["L"], p["eta"]
    step = eta * (1 + gamma) * (1 + p.get("zeta", 0.0)) * (1 + 1 / gamma) * (1 + 1 / L**3)
    return step + eta**2 * (1 + gamma) ** 4 * (1 + 1 / L**5)


@each_aligned
@given(data=st.data())
def test_the_expression_in_the_misalignment_is_that_in_the_overlap(
    module: str, name: str, data: st.DataObject
) -> None:
    """Both as derived, at 60 digits: ``.expr`` of one against ``.expr`` of the other."""
    function = member(module, name)
    here = data.draw(points(function))
    assume(1e-12 <= here[arguments(function).index("misalignment")] <= 1.99)
    reference = exact(module, name)(*here)
    with mp.workdps(60):
        found = list(flat(function.mp(*map(mp.mpf, here))))
    with mp.workdps(80):
        scale = max(abs(entry) for entry in reference) + mp.mpf(_terms(function, here))
        for entry, expected in zip(found, reference, strict=True):
            assert abs(entry - expected) < scale * mp.mpf(10) ** -30


@pytest.mark.parametrize(("module", "name"), ALL, ids=IDS)
@pytest.mark.parametrize("digits", [15, 50])
@FEW
@given(data=st.data())
def test_mpmath_at_its_working_precision(
    module: str, name: str, digits: int, data: st.DataObject
) -> None:
    """All digits but two away from zeros; near alignment, too, for what is made for it."""
    function = member(module, name)
    here = data.draw(points(function))
    names = arguments(function)
    if "R" in names:
        assume(abs(here[names.index("R")]) < 0.999)
    if "misalignment" in names:
        assume(1e-15 <= here[names.index("misalignment")] < 1.99)
    reference = exact(module, name)(*here)
    with mp.workdps(digits):
        found = list(flat(function.mp(*map(mp.mpf, here))))
    with mp.workdps(80):
        scale = sum(abs(entry) for entry in reference)
        if "misalignment" not in names:
            scale += mp.mpf(_terms(function, here)) if "eta" in names and "L" in names else 1
        for entry, expected in zip(found, reference, strict=True):
            room = abs(expected) if "misalignment" in names and "jacobian" not in name else scale
            assert abs(entry - expected) <= room * mp.mpf(10) ** (3 - digits)


@each_module
@pytest.mark.parametrize("digits", [15, 30])
@pytest.mark.parametrize("gap", ["1e-14", "1e-40", "1e-200"])
def test_mpmath_however_near(module: str, digits: int, gap: str) -> None:
    """At gamma = 1 every rate falls with 1 - R; ``.mp`` keeps its digits, from floats as well."""
    for name, state in (
        ("bn_rates_aligned", (1, gap, "1.25", "0.125", 0)),
        ("sgd_rates_aligned", (gap, 1, "0.125")),
    ):
        function = member(module, name)
        texts = (*state, "0.25")[: len(arguments(function))]
        with mp.workdps(digits):
            found = function.mp(*map(mp.mpf, texts))
            rounded = [mp.mpf(text) for text in texts]
            from_floats = function.mp(*map(float, texts))
        with mp.workdps(900):
            reference = function.mp(*rounded)
            of_floats = function.mp(*map(float, texts))
            for pair in (
                zip(found, reference, strict=True),
                zip(from_floats, of_floats, strict=True),
            ):
                for entry, expected in pair:
                    assert abs(entry / expected - 1) < mp.mpf(10) ** (2 - digits)
