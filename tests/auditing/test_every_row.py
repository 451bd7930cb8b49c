"""Change what is printed, and the verdict changes: for every row of the paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
import sympy as sp

import derivations
from bntheory import paper
from bntheory.auditing import Evidence, judge
from bntheory.auditing.differences import differences
from bntheory.notation import uncertain
from bntheory.paper import STATEMENTS, Statement
from bntheory.rendering.json import text

WITH_FORMULAS = [statement.id for statement in STATEMENTS if statement.relations]
#: Verdicts from derivations alone.
SYMBOLIC = {
    **dict.fromkeys(WITH_FORMULAS, "holds"),
    "eq15": "misprint",  # pi R for pi; Prop. 3 has the right slope
    "prop3": "misprint",  # eta is missing; Prop. 2 has it
    "eq22": "open",  # [?]
    "sec2-correlations": "open",  # differ outright, so that a measurement has to decide
    "sec3-remark": "open",
    **dict.fromkeys(
        ("prior", "eq8", "eq24", "prop1", "prop2", "wn-linear", "bn-linear", "prop5", "c1-glm",
         "c1-expansion", "c1-rf", "c1-rq", "c3-simple", "c4"),
        "holds-approximately",
    ),
}  # fmt: skip


def evidence(id: str, derived: Callable[..., Any]) -> Evidence:
    return Evidence(paper.find(id), derived(id))


def derived_again(changed: Statement, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    """Derive a statement whose print was changed; what it builds on is not derived again."""
    for index in (paper.BY_ID, paper._BY_NAME):
        monkeypatch.setitem(index, changed.id, changed)
    module = import_module(f"derivations.{changed.id.replace('-', '_')}")
    function = module.derive.__wrapped__
    given = function.__defaults__ or ()
    return Evidence(changed, function(*given))


def wrong(relation: Any) -> str:
    """Return a relation that is wrong where this one is right."""
    left, right = map(text, relation.args)
    if not isinstance(relation, sp.Eq):
        return f"{'Lt' if relation.gts is relation.lhs else 'Gt'}({left}, {right})"
    changed = "1/7" if relation.rhs == 0 else f"7/5*({right})"
    return f"Eq({left}, {f'uncertain({changed})' if relation.has(uncertain) else changed})"


def right(comparison: Any) -> str:
    """Return a relation that is right where this one is wrong."""
    left = text(comparison.printed.lhs)
    if isinstance(comparison.printed, sp.Eq):
        return f"Eq({left}, {text(comparison.derived.lhs)})"
    return f"Ge(({left})**2, 0)"


def changed(before: Evidence) -> Statement:
    """Put right what differs outright or is guessed wrong, or else one relation wrong."""
    relations = list(before.statement.relations)
    kinds = {each.number - 1: each.kind for each in differences(before)}
    for number, comparison in enumerate(before.comparisons):
        if kinds.get(number) in ("outright", "misprint") or (
            before.read_by_guess and comparison.open_reading
        ):
            relations[number] = right(comparison)
    if relations == list(before.statement.relations):
        certain = [n for n, each in enumerate(relations) if "uncertain(" not in each]
        number = certain[-1] if certain else 0
        relations[number] = wrong(before.statement.printed[number])
    return replace(before.statement, relations=tuple(relations))


@pytest.mark.parametrize("id", WITH_FORMULAS)
def test_the_verdict_from_derivations_alone(id: str, derived: Callable[..., Any]) -> None:
    assert judge(evidence(id, derived)).verdict == SYMBOLIC[id]


@pytest.mark.parametrize("id", WITH_FORMULAS)
def test_another_print_has_another_verdict(
    id: str, derived: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = evidence(id, derived)
    was, now = judge(before), judge(derived_again(changed(before), monkeypatch))
    assert now.verdict != was.verdict
    assert {"open": ("holds", "holds-approximately"), "misprint": ("holds",)}.get(
        was.verdict, ("open",)
    ).count(now.verdict) == 1


def test_every_statement_in_words_is_open_without_a_measurement() -> None:
    for statement in STATEMENTS:
        if not statement.relations:
            assert statement.id not in derivations.available()
            assert judge(Evidence(statement)).verdict == "open"
