"""Verdicts: when they are given, how often they are wrong, and what follows for a statement."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bntheory import verdict
from bntheory.verdict import Check, Validation, Z, decide, judge, more_work

LOOKS = 20

# -- one verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("difference", "error", "said"),
    [
        (0.0, 0.2, "confirmed"),
        (0.5, 0.1, "confirmed"),
        (-0.5, 0.1, "confirmed"),
        (0.0, 0.25, "inconclusive"),  # the interval ends at the margin
        (0.7, 0.1, "inconclusive"),
        (1.0, 0.1, "inconclusive"),
        (-1.3, 0.1, "inconclusive"),
        (0.0, 10.0, "inconclusive"),
        (1.5, 0.1, "refuted"),
        (-1.5, 0.1, "refuted"),
        (0.99, 0.0, "confirmed"),
        (1.0, 0.0, "refuted"),
    ],
)
def test_an_interval_inside_confirms_and_outside_refutes(
    difference: float, error: float, said: str
) -> None:
    assert decide(difference, error, 1.0) == said


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("place", range(3))
def test_what_is_not_finite_decides_nothing(bad: float, place: int) -> None:
    numbers = [0.0, 1e-9, 1.0]
    numbers[place] = bad
    assert decide(*numbers) == "inconclusive"
    assert judge("s", "q", bad, 0.0, 0.1, 1.0).verdict == "inconclusive"
    assert judge("s", "q", 0.0, bad, 0.1, 1.0).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("error", "margin", "form", "said"),
    [
        (0.1, 0.0, "derived", "margin = 0 is outside"),
        (0.1, -1.0, "derived", "margin = -1 is outside"),
        (-0.1, 1.0, "derived", "standard_error = -0.1 is outside"),
        (0.1, 1.0, "guessed", "form = 'guessed' is neither"),
    ],
)
def test_senseless_arguments_are_refused(error: float, margin: float, form: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        judge("s", "q", 0.0, 0.0, error, margin, form=form)
    if form == "derived":
        with pytest.raises(ValueError, match=said):
            decide(0.0, error, margin)


def test_judging_takes_the_fields_in_their_order() -> None:
    fields = {"system": "s", "quantity": "q", "predicted": 1.0, "measured": 2.0}
    fields |= {"standard_error": 0.5, "margin": 3.0}
    found = judge(*fields.values(), N=7)
    assert {name: getattr(found, name) for name in fields} == fields
    assert (found.form, found.settings) == ("derived", {"N": 7})
    assert found == Check(**fields, settings={"N": 7})
    assert judge(*fields.values(), "printed", N=7) == replace(found, form="printed")


@given(st.floats(-10, 10), st.floats(1e-6, 1e3), st.floats(1e-3, 10), st.floats(0.01, 100))
def test_a_verdict_has_no_unit(difference: float, error: float, margin: float, unit: float) -> None:
    near = min(abs(abs(difference) - margin - side * Z * error) for side in (-1, 1))
    if near > 1e-6:
        scaled = decide(difference * unit, error * unit, margin * unit)
        assert scaled == decide(difference, error, margin) == decide(-difference, error, margin)


# -- planted errors ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "said"), [(0.0, "confirmed"), (0.5, "confirmed"), (2.0, "refuted"), (-2.0, "refuted")]
)
def test_a_planted_error_of_two_margins_is_refuted(off: float, said: str) -> None:
    sample = np.random.default_rng(1).normal(3.0, 1.0, 160_000)
    margin = 0.05
    error = sample.std() / math.sqrt(len(sample))
    check = judge("normal", "mean", 3.0 + off * margin, sample.mean(), error, margin, n=len(sample))
    assert check.verdict == said and check.settings == {"n": 160_000}
    assert isinstance(check.measured, float) and type(check.measured) is float


# -- how often a verdict is wrong ----------------------------------------------------------------


def wrong(truth: float, margin: float, false: str, runs: int = 20_000) -> float:
    """Return how often a sample that doubles from look to look gets the false verdict."""
    random = np.random.default_rng(5)
    error = 20.0
    mean = truth + error * random.standard_normal(runs)
    waiting, count = np.arange(runs), 0
    for _ in range(LOOKS):
        said = [decide(value, error, margin) for value in mean[waiting]]
        count += said.count(false)
        waiting = waiting[[each == "inconclusive" for each in said]]
        mean = (mean + truth + error * random.standard_normal(runs)) / 2
        error /= math.sqrt(2)
    return count / runs


WORST = [
    (1 - 1e-9, 1.0, "refuted"),  # true by a hair
    (1.0, 1.0, "confirmed"),  # false by a hair
    (0.0, 1e-9, "refuted"),  # true, with no room for the interval
]


@pytest.mark.parametrize(("truth", "margin", "false"), WORST)
def test_a_verdict_is_wrong_as_seldom_as_promised(truth: float, margin: float, false: str) -> None:
    promised = LOOKS * 6.4e-5
    assert promised < 1.3e-3
    assert wrong(truth, margin, false) < promised + 3 * math.sqrt(promised / 20_000)


@pytest.mark.parametrize(("truth", "margin", "false"), WORST)
def test_two_standard_errors_would_not_survive_the_looks(
    truth: float, margin: float, false: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict, "Z", 2.0)
    assert wrong(truth, margin, false, runs=2_000) > 0.05


# -- more work -----------------------------------------------------------------------------------


@given(st.floats(-3, 3), st.floats(0.1, 10))
def test_more_work_is_what_it_takes(difference: float, error: float) -> None:
    check = judge("s", "q", 1.0, 1.0 + difference, error, 1.0)
    factor = more_work(check)
    if check.verdict != "inconclusive":
        assert factor == 1.0
    elif factor < 1e12:
        assert factor >= 1 - 1e-9
        for times, decided in ((1.001, True), (0.999, False)):
            more = replace(check, standard_error=error / math.sqrt(times * factor))
            assert (more.verdict != "inconclusive") is decided


def test_no_work_decides_what_is_on_the_margin() -> None:
    assert more_work(judge("s", "q", 0.0, 1.0, 0.1, 1.0)) == math.inf
    assert more_work(judge("s", "q", 0.0, math.nan, 0.1, 1.0)) == math.inf
    assert more_work(judge("s", "q", 0.0, 0.0, math.inf, 1.0)) == math.inf


# -- a statement ---------------------------------------------------------------------------------

CONFIRMED = judge("s", "q", 0.0, 0.0, 0.1, 1.0)
REFUTED = judge("s", "q", 0.0, 2.0, 0.1, 1.0)
OPEN = judge("s", "q", 0.0, 1.0, 0.1, 1.0)


def printed(check: Check) -> Check:
    return replace(check, form="printed")


@pytest.mark.parametrize(
    ("checks", "said", "of_print", "passed"),
    [
        ((), "inconclusive", None, True),
        ((CONFIRMED,), "confirmed", None, True),
        ((CONFIRMED, OPEN), "inconclusive", None, True),
        ((OPEN, REFUTED, CONFIRMED), "refuted", None, False),
        ((CONFIRMED, printed(REFUTED)), "confirmed", "refuted", True),
        ((REFUTED, printed(CONFIRMED)), "refuted", "confirmed", False),
        ((OPEN, printed(REFUTED)), "inconclusive", "refuted", True),
        ((printed(REFUTED), printed(CONFIRMED)), "refuted", "refuted", True),
        ((printed(OPEN),), "inconclusive", "inconclusive", True),
    ],
)
def test_the_derived_form_decides(
    checks: tuple[Check, ...], said: str, of_print: str | None, passed: bool
) -> None:
    found = Validation("thm1", "title", "where", checks, 1, "cpu", {}, 0.5)
    assert (found.verdict, found.printed_verdict, found.passed) == (said, of_print, passed)


def test_a_validation_shows_itself() -> None:
    check = judge("a <system>", "a quantity", 0.0, 2.0, 0.1, 1.0)
    found = Validation("thm1", "A title", "Thm. 1", (check,), 1, "cpu", {}, 0.5)
    said = str(found)
    assert said.startswith("A title") and not said.endswith("\n")
    assert any("a quantity" in line and "refuted" in line for line in said.splitlines())
    shown = found._repr_html_()
    assert shown.startswith("<pre>") and "a &lt;system&gt;" in shown and "<system>" not in shown
    assert found == replace(found, about="")


def test_what_is_known_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        CONFIRMED.measured = 1.0  # type: ignore[misc]


def test_verdicts_need_neither_torch_nor_sympy() -> None:
    heavy = "{'torch', 'sympy', 'numpy'} & {*sys.modules}"
    code = f"import sys, bntheory.verdict; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
