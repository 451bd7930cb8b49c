"""The rules of the verdict, on evidence that is made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from bntheory.auditing import Evidence, judge, row
from bntheory.checking import Check as StepCheck
from bntheory.comparison import compare
from bntheory.derivation import Derivation, Step
from bntheory.notation import SYMBOLS
from bntheory.paper import Statement, find
from bntheory.paper.statement import Link, Use
from bntheory.verdict import Validation
from bntheory.verdict import judge as measured

M, zeta, eta = (SYMBOLS[name] for name in ("M", "zeta", "eta"))


def statement(*relations: str, **more: Any) -> Statement:
    return Statement("made-up", "a statement that is made up", "nowhere", relations, **more)


def derivation(of: Statement, approximation: str | None = None, **values: Any) -> Derivation:
    given = {SYMBOLS[name]: value for name, value in values.items()}
    step = Step("1", "a step", "rewrite", M, M, StepCheck("exact", "it is", passed=True),
                approximation=approximation)  # fmt: skip
    comparisons = tuple(compare(relation, given) for relation in of.printed)
    return Derivation(of.id, of.title, of.where, None, (), (step,), {}, comparisons, (), (), 0.0)


def validation(**forms: tuple[float, ...]) -> Validation:
    """Measure 1 +- 0.01 at a margin of 0.1, for each prediction of each form."""
    checks = tuple(
        measured(f"system {n}", "it", predicted, 1.0, 0.01, 0.1, form)
        for form, all_of_them in forms.items()
        for n, predicted in enumerate(all_of_them)
    )
    return Validation("made-up", "", "", checks, 1, "cpu", {}, 0.0)


def verdict(of: Statement, found: Derivation | None, seen: Validation | None = None) -> str:
    evidence = Evidence(of, found, seen)
    assert row(evidence).because.endswith(".")
    return judge(evidence).verdict


RIGHT = statement("Eq(zeta, 1/M)")


def test_what_is_derived_holds() -> None:
    assert verdict(RIGHT, derivation(RIGHT, zeta=1 / M)) == "holds"
    assert verdict(RIGHT, derivation(RIGHT, zeta=1 / M), validation(printed=(1.0,))) == "holds"


def test_what_is_derived_and_refuted_everywhere_fails() -> None:
    found = derivation(RIGHT, zeta=1 / M)
    assert verdict(RIGHT, found, validation(printed=(2.0, 3.0), derived=(1.0, 1.0))) == "fails"


def test_what_is_refuted_in_part_holds_approximately() -> None:
    found = derivation(RIGHT, zeta=1 / M)
    assert verdict(RIGHT, found, validation(printed=(1.0, 3.0))) == "holds-approximately"


def test_a_difference_alone_is_neither_misprint_nor_failure() -> None:
    assert verdict(RIGHT, derivation(RIGHT, zeta=2 / M)) == "open"
    seen = validation(printed=(1.0,), derived=(1.0,))
    assert verdict(RIGHT, derivation(RIGHT, zeta=2 / M), seen) == "open"


def test_a_difference_that_vanishes_in_the_limit_holds_approximately() -> None:
    assert verdict(RIGHT, derivation(RIGHT, zeta=1 / M + 3 / M**2)) == "holds-approximately"
    assert verdict(RIGHT, derivation(RIGHT, zeta=2 / M + 3 / M**2)) == "open"


def test_a_learning_rate_may_stand_for_its_double() -> None:
    of = statement("Eq(lambda_gamma, -eta*zeta)")
    assert verdict(of, derivation(of, lambda_gamma=-2 * eta * zeta)) == "holds"
    assert verdict(of, derivation(of, lambda_gamma=-3 * eta * zeta)) == "open"


def test_an_approximation_on_the_way_is_said() -> None:
    found = derivation(RIGHT, "O(1/M**2)", zeta=1 / M)
    assert verdict(RIGHT, found) == "holds-approximately"
    assert "O(1/M^2)" in row(Evidence(RIGHT, found)).because


def test_a_guess_is_never_counted() -> None:
    of = statement("Eq(zeta, uncertain(1/M))")
    assert verdict(of, derivation(of, zeta=2 / M)) == "open"
    assert verdict(of, derivation(of, zeta=1 / M)) == "holds"
    assert verdict(of, derivation(of, zeta=1 / M), validation(printed=(2.0,))) == "open"
    two = statement("Eq(zeta, uncertain(1/M))", "Eq(M, M)")
    assert verdict(two, derivation(two, zeta=2 / M)) == "holds"


def test_what_any_reading_predicts_is_counted() -> None:
    of = statement("Eq(zeta, uncertain(1/M))")
    seen = validation(printed=(2.0,))
    checks = tuple(replace(check, settings={"any_reading": True}) for check in seen.checks)
    assert verdict(of, derivation(of, zeta=1 / M), replace(seen, checks=checks)) == "fails"


def test_a_misprint_takes_a_place_that_builds_on_what_is_derived() -> None:
    """Prop. 1 has 1/(2 zeta + 1): it is what the made-up statement is said to be used for."""
    use = Use("prop1", 0, (Link("gamma0", "made-up", 0, "eta/eta_max_bn"),))
    eta_max = SYMBOLS["eta_max_bn"]
    printed = "Eq(eta, eta_max_bn/(3*zeta + 5))"
    of, unused = statement(printed, uses=(use,)), statement(printed)
    assert verdict(of, derivation(of, eta=eta_max / (2 * zeta + 1))) == "misprint"
    assert verdict(of, derivation(of, eta=eta_max / (4 * zeta + 1))) == "open"
    assert verdict(unused, derivation(unused, eta=eta_max / (2 * zeta + 1))) == "open"


def test_nothing_is_concluded_from_what_failed_here() -> None:
    found = derivation(RIGHT, zeta=1 / M)
    broken = replace(found.steps[0], check=StepCheck("exact", "it is not", passed=False))
    assert verdict(RIGHT, replace(found, steps=(broken,))) == "open"
    assert verdict(RIGHT, found, validation(printed=(1.0,), derived=(2.0,))) == "open"
    assert not row(Evidence(RIGHT, found, validation(derived=(2.0,)))).sound


@pytest.mark.parametrize(
    ("printed", "expected"),
    [((1.0, 1.0), "holds"), ((2.0,), "fails"), ((1.0, 2.0), "holds-approximately"),
     ((1.08,), "open")],
)  # fmt: skip
def test_a_claim_in_words_is_judged_by_measurement(
    printed: tuple[float, ...], expected: str
) -> None:
    claim = find("fig2ab")
    assert verdict(claim, None, validation(printed=printed)) == expected
    assert verdict(claim, None) == "open"


def test_the_sentence_says_how_far_off() -> None:
    found = derivation(RIGHT, zeta=1 / M)
    judged = row(Evidence(RIGHT, found, validation(printed=(2.0, 1.5), derived=(1.0, 1.0))))
    assert "both settings" in judged.because and "50%" in judged.because
    assert [gap.largest for gap in judged.gaps] == [0.5]
    limit = row(Evidence(RIGHT, derivation(RIGHT, zeta=1 / M + 8 / M**2)))
    (gap,) = limit.gaps
    assert gap.largest == pytest.approx(0.5) and gap.at == "M = 8"  # 8/M^2 beside 1/M + 8/M^2
    assert str(sp.S(8) / M**2).replace("**", "^") in limit.because
