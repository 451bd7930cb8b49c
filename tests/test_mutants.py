"""The record of mutants is about this tree: what it lists as alive is there, with a reason."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
RECORD: dict[str, Any] = json.loads((ROOT / "benchmarks" / "mutants.json").read_text("utf-8"))
SUBJECTS = {"calculus": "calculus", "checking": "checking", "verdict": ".", "formulas": "formulas"}
MODULES = [(subject, module) for subject in RECORD for module in RECORD[subject]]


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    for name in ("mutations", "survivors"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_every_module_was_tried() -> None:
    for subject, folder in SUBJECTS.items():
        pattern = "verdict.py" if folder == "." else "*.py"
        found = {path.stem for path in (ROOT / "bntheory" / folder).glob(pattern)}
        assert set(RECORD[subject]) == found - {"__init__"}


@pytest.mark.parametrize(("subject", "module"), MODULES)
def test_what_survives_is_a_mutant_of_the_tree(
    subject: str, module: str, benchmarks: None
) -> None:
    from mutations import mutants

    path = ROOT / "bntheory" / SUBJECTS[subject] / f"{module}.py"
    found = [(m.function, m.change) for m in mutants(ast.parse(path.read_text("utf-8")))]
    recorded = RECORD[subject][module]
    alive = [(each["function"], each["change"]) for each in recorded["survivors"]]
    assert [each for each in alive if each not in found] == []
    assert recorded["killed"] + recorded["timeout"] + len(alive) == recorded["tried"]
    assert all(each["reason"] for each in recorded["survivors"])


def test_nine_of_ten_are_killed(benchmarks: None) -> None:
    from survivors import counts

    for modules in RECORD.values():
        _, tried, killed, *no_errors = counts(modules)
        assert killed >= 0.9 * (tried - sum(no_errors))


def test_the_documentation_has_what_is_recorded(benchmarks: None) -> None:
    from survivors import table

    page = (ROOT / "docs" / "checks.rst").read_text(encoding="utf-8")
    assert "\n".join(table(RECORD)) in page


def test_small_errors_are_planted_one_at_a_time(benchmarks: None) -> None:
    from mutations import mutants

    source = """
def f(a: int, b: int = 2) -> int:
    "Add."
    if a < b and not b:
        raise ValueError("too small")
    total = [a for a in g(a, b) if a > 0]
    return total[1] + b
"""
    tree, planted = ast.parse(source), set()
    original = ast.unparse(tree)
    for mutant in mutants(tree):
        lines = zip(original.splitlines(), ast.unparse(tree).splitlines(), strict=True)
        (changed,) = [after.strip() for before, after in lines if before != after]
        planted.add(changed)
        assert mutant.function == "f"
    assert ast.unparse(tree) == original
    assert planted == {
        "def f(a: int, b: int=3) -> int:",
        "if not (a < b and (not b)):",
        "if a < b or not b:",
        "if a <= b and (not b):",
        "if a < b and b:",
        "pass",
        "total = [a for a in g(b, a) if a > 0]",
        "total = [a for a in g(a, b) if not a > 0]",
        "total = [a for a in g(a, b) if a >= 0]",
        "total = [a for a in g(a, b) if a > 1]",
        "return None",
        "return total[1] - b",
        "return total[2] + b",
    }
