"""A wrong result in any step of any derivation is refused by that step's own check.

The mutants of each result are those of ``mutants.py``; one that happens to be the same function is
no error and is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
from mutants import like, mutants, parts, proper
from network import NAMES

import derivations

IDS = tuple(derivations.available())
#: The steps are the same for every activation.
GENERAL = (
    *("eq5", "eq8", "eq9", "prop2", "prior", "eq4", "eq7", "c4", "own-batch", "own-batch-gaussian"),
    *("c1-glm", "c1-expansion", "c1-rf", "c1-rq", "c3-moments", "c3-exact", "c3-simple"),
    *("sgd-linear", "sgd-relu", "wn-linear", "wn-optimum", "bn-linear", "bn-relu", "eq16", "eq18"),
    *("eq19", "prop5", "eq22", "eq23", "eq24", "eq25", "rs-relu", "rs-capacity"),
    *("eq1", "eq2", "sec2-strength", "sec2-output", "sec2-correlations"),
)
BY_ACTIVATION = [
    (id, name)
    for name in NAMES
    for id in IDS
    if id not in GENERAL and (id, name) != ("own-batch-rest", "erf")
]
CASES = [*((id, None) for id in GENERAL), *BY_ACTIVATION]

#: Holes: mutants that a check takes, each with the reason.
TAKEN = {
    ("prop1.6", "sign flipped"): "1 - R^2 = 0 at R = -1 too; that R0 is positive is not checked",
}


def is_zero(after: Any) -> bool:
    return all(entry == 0 for entry in parts(after))


def own_steps(derived: Callable[..., Any], id: str, activation: str | None) -> list[Any]:
    """Return the steps of a derivation, without those that are the same for ReLU."""
    for_relu = derived(id, "relu").steps if activation not in (None, "relu") else ()
    known = {(step.rule, step.before, step.after) for step in for_relu}
    steps = derived(id, activation).steps
    return [step for step in steps if (step.rule, step.before, step.after) not in known]


@pytest.mark.parametrize(("id", "activation"), CASES)
def test_wrong_results_are_refused(
    derived: Callable[..., Any], id: str, activation: str | None
) -> None:
    taken = set()
    steps = [s for s in own_steps(derived, id, activation) if s.rule != "sign"]
    for step in steps:
        planted = {name: m for name, m in mutants(step.after) if proper(step.after, m)}
        if not is_zero(step.after):
            assert {"sign flipped", "factor 2"} <= set(planted), step.id
        assert {f"entry {k} plus 1/7" for k in range(len(parts(step.after)))} <= set(planted)
        taken |= {(step.id, name) for name, m in planted.items() if step.verify(m).passed}
    assert taken == {key for key in TAKEN if key[0] in {step.id for step in steps}}


@pytest.mark.parametrize(("id", "activation"), BY_ACTIVATION)
def test_wrong_signs_are_refused(derived: Callable[..., Any], id: str, activation: str) -> None:
    """The relation the other way round, and the negative of its left-hand side."""
    opposite = {sp.Gt: sp.Lt, sp.Lt: sp.Gt, sp.Ge: sp.Lt, sp.Le: sp.Gt}
    for step in derived(id, activation).steps:
        if step.rule != "sign":
            continue
        relation = step.after
        assert step.verify(relation).passed
        turned = opposite[relation.func](relation.lhs, 0, evaluate=False)
        negative = relation.func(-relation.lhs, 0, evaluate=False)
        shifted = relation.func(
            relation.lhs - 10**6 if relation.func in (sp.Gt, sp.Ge) else relation.lhs + 10**6,
            0,
            evaluate=False,
        )
        for wrong in (turned, negative, shifted):
            assert not step.verify(wrong).passed, (step.id, wrong)


def test_signs_are_stated_somewhere(derived: Callable[..., Any]) -> None:
    """The test above is not empty."""
    signs = [s.id for id in IDS for s in derived(id, "relu").steps if s.rule == "sign"]
    assert {id.split(".")[0] for id in signs} >= {"prop1", "prop3", "prop4"}


def test_an_error_of_a_millionth_is_refused(derived: Callable[..., Any]) -> None:
    """Small errors too, in every step of every statement for ReLU."""
    for id in IDS:
        for step in derived(id, "relu").steps:
            if step.rule == "sign" or is_zero(step.after):
                continue
            entries = [e * (1 + sp.Rational(1, 10**6)) for e in parts(step.after)]
            assert not step.verify(like(step.after, entries)).passed, step.id


def test_every_step_passes_when_it_is_verified_again(derived: Callable[..., Any]) -> None:
    """The checks are functions of the result alone: right once, right again."""
    for id in IDS:
        for step in derived(id, "relu").steps:
            again = step.verify(step.after)
            assert again == step.check and again.passed, step.id
