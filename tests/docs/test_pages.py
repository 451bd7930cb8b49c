"""What the pages are made of: the numbers of the paper, files, functions and tests."""

from __future__ import annotations

from importlib import import_module

import audited
import equations
import pytest
import statements
from docstrings import escape
from docutils import nodes
from mathml import _mathml

from bntheory.codegen.catalogue import MODULES
from bntheory.paper import BY_ID, STATEMENTS


def test_every_number_of_the_paper_leads_somewhere() -> None:
    found = equations.numbered()
    assert set(found["Equation"]) == set(range(1, 26))
    assert set(found["Proposition"]) == set(range(1, 6))
    assert found["Theorem"] == {1: ["thm1"]}
    assert found["Table"] == {1: ["table1-bn", "table1-wn", "table1-sgd"]}
    assert found["Equation"][3] == ["thm1"] and found["Equation"][21] == ["prop5"]
    assert found["Equation"][12] == ["prop1"] and found["Equation"][17] == ["eq16"]


def test_every_statement_has_a_page_with_what_there_is() -> None:
    page = statements.page("prop4")
    heads = [page.index(f".. statement-{part}:: prop4") for part in statements.PARTS]
    assert heads == sorted(heads) and ".. _prop4:" in page
    assert statements.parts("sec2-removal") == []
    assert statements.parts("fig2ab") == ["code"]
    assert statements.parts("drift") == ["derivation", "code"]
    for statement in STATEMENTS:
        kept = audited.measured(statement.id)
        assert ("measured" in statements.parts(statement.id)) == (kept is not None)


def test_recorded_measurements_say_how_they_were_made() -> None:
    kept = audited.measured("thm1")
    assert kept is not None and kept.about.startswith("M E[l(h_hat) - l(h_bar)] is measured")
    assert kept.checks and kept.seed == 2019


def test_files_are_those_of_the_statement() -> None:
    assert [path.as_posix() for path in audited.files("table1-bn")] == [
        "derivations/table1_bn.py", "validation/table1_bn.py",
    ]  # fmt: skip
    assert [path.as_posix() for path in audited.files("fig3")] == ["bntheory/experiments/fig3.py"]


def test_every_generated_function_belongs_to_a_statement() -> None:
    found = {
        (module, name)
        for functions in equations.functions().values()
        for name, modules in functions.items()
        for module in modules
    }
    for module in MODULES:
        names = import_module(f"bntheory.formulas.{module}").__all__
        assert {(module, name) for name in names} <= found
    assert equations.functions()["eq22"] == {"order_parameters_relu": ["generalization"]}
    assert set(equations.functions()["eq13"]["I1"]) == {"relu", "linear", "leaky_relu", "erf"}


def test_tests_are_those_that_name_the_statement() -> None:
    found = equations.tests()
    assert "tests/test_audit_command.py" in found["prop4"]  # by its id
    assert "tests/derivations/test_planted_definitions.py" in found["table1-sgd"]  # by its module
    assert "tests/docs/test_links.py" not in {path for paths in found.values() for path in paths}


def test_docstrings_keep_their_letters() -> None:
    lines = ["|w| and x_, ``|w|`` and :func:`a_`", ">>> a | b", ":ivar torch, mp, math: The same."]
    escape(None, "", "", None, None, lines)  # type: ignore[arg-type]
    assert lines == [
        r"\|w\| and x\_, ``|w|`` and :func:`a_`", ">>> a | b", ":ivar torch,mp,math: The same.",
    ]  # fmt: skip


def test_formulas_in_words_are_mathml() -> None:
    assert "<msup>" in _mathml(nodes.math(text=r"\gamma^2"), as_block=False)


@pytest.mark.parametrize("id", [statement.id for statement in STATEMENTS])
def test_every_statement_of_the_paper_is_told(id: str) -> None:
    told = [
        path.name
        for path in (audited.DOCS / "paper").glob("*.rst")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line == f".. statement:: {id}"
    ]
    assert len(told) == 1 and id in BY_ID
