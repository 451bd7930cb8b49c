"""The statements as printed: they parse, read back, and are the ones on paper."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

import bntheory.paper
from bntheory.notation import SYMBOLS
from bntheory.paper import STATEMENTS, Statement, UnknownStatement, find

ROOT = Path(bntheory.paper.__file__).parents[2]
RELATIONS = [
    pytest.param(expression, id=f"{statement.id}-{i}")
    for statement in STATEMENTS
    for i, expression in enumerate(statement.printed)
]
IDS = """
eq1 eq2 prior thm1 eq4
eq5 eq6 table1-bn table1-wn table1-sgd eq8 eq9 eq10 prop1 eq13 eq14 eq15 prop2 prop3 prop4
sgd-linear sgd-relu wn-linear wn-optimum bn-linear bn-relu eq16 eq18 eq19 prop5 eq22 eq23 eq24 eq25
c1-glm c1-expansion c1-rf c1-rq c2 c3-moments c3-exact c3-simple eq7 c4
sec2-strength sec2-output sec2-correlations sec2-removal sec3-remark
fig2ab fig2cd fig2ef fig2gh fig3 fig4 recipe
""".split()
ALIASES = {"eq3": "thm1", "eq17": "eq16", "eq20": "eq19", "eq21": "prop5"}


def value(id: str, relation: int = 0, **at: Any) -> float:
    """Evaluate the right-hand side of a printed relation at a point, doubtful readings accepted."""
    right = find(id).printed[relation].rhs
    return float(right.doit().subs({SYMBOLS[name]: number for name, number in at.items()}))


def same(left: Relational, right: Relational) -> bool:
    """Whether two relations are equal, up to a number that SymPy multiplies out on reading."""
    return left == right or (
        left.func == right.func
        and all(sp.expand(a - b) == 0 for a, b in zip(left.args, right.args, strict=True))
    )


def test_every_row_is_there_in_order() -> None:
    assert [statement.id for statement in STATEMENTS] == IDS


def test_ids_and_aliases_are_unique() -> None:
    names = [name for statement in STATEMENTS for name in (statement.id, *statement.aliases)]
    assert len(names) == len(set(names))
    assert {a: s.id for s in STATEMENTS for a in s.aliases} == ALIASES


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)
def test_every_statement_says_something(statement: Statement) -> None:
    assert statement.title and statement.where
    assert statement.relations or statement.text
    for words in (statement.title, statement.where, statement.text, *statement.assumptions):
        assert words == " ".join(words.split())


@pytest.mark.parametrize("expression", RELATIONS)
def test_relation_reads_back_from_its_own_string(expression: Relational) -> None:
    assert isinstance(expression, Relational)
    assert same(sp.sympify(str(expression), locals=SYMBOLS), expression)


@pytest.mark.parametrize("expression", RELATIONS)
def test_relation_uses_the_notation_alone(expression: Relational) -> None:
    symbols = expression.atoms(sp.Symbol)
    assert all(SYMBOLS.get(symbol.name) == symbol for symbol in symbols)
    assert not expression.atoms(AppliedUndef)


def test_uncertain_places() -> None:
    marked = {
        statement.id: {
            str(mark.args[0]) for mark in sp.Tuple(*statement.printed).atoms(SYMBOLS["uncertain"])
        }
        for statement in STATEMENTS
        if statement.uncertain
    }
    assert marked == {
        "prior": {"(rho + 2)/(4*M)"},
        "eq4": {"input_variance"},
        "bn-relu": {"1/(4*M)"},
        "prop5": {"S"},
        "eq22": {"2*a - alpha"},
        "c3-exact": set(),
        "c4": {"1/2"},
    }


def test_listing_the_statements_needs_no_sympy() -> None:
    code = (
        "import sys\n"
        "from bntheory.paper import STATEMENTS, find\n"
        "assert [find(s.id).uncertain for s in STATEMENTS]\n"
        "assert 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)


def test_find_takes_aliases_and_any_case() -> None:
    assert find("prop4").id == "prop4"
    assert find("Table1-BN").id == "table1-bn"
    assert {alias: find(alias.upper()).id for alias in ALIASES} == ALIASES


def test_unknown_statement_names_the_nearest() -> None:
    with pytest.raises(KeyError) as caught:
        find("porp4")
    assert caught.type is UnknownStatement
    assert str(caught.value) == "no statement 'porp4'; did you mean prop4, prop5, prop3?"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("id", ["", "zzzzzz", "one\nline"])
def test_unknown_statement_with_nothing_near_is_one_line(id: str) -> None:
    with pytest.raises(UnknownStatement) as caught:
        find(id)
    assert len(str(caught.value).splitlines()) == 1


# Transcription, spot-checked by numbers worked out by hand from the page.
PI = sp.pi
gamma, R, L = (SYMBOLS[name] for name in ("gamma", "R", "L"))
NUMBERS: list[tuple[str, int, dict[str, Any], Any]] = [
    ("eq13", 0, {"gamma": 1, "R": 1}, 0),
    ("eq14", 0, {"gamma": 1, "R": 1}, 0),
    ("eq15", 0, {"gamma": 1, "R": 1}, 0),
    ("eq13", 0, {"gamma": 2, "R": 0}, 1 / PI - 2),
    ("eq14", 0, {"gamma": 2, "R": 0}, sp.Rational(1, 4)),
    ("eq15", 0, {"gamma": 2, "R": 0}, 2 - 2 / PI),  # printed with pi R, which vanishes here
    ("prop1", 0, {"zeta": 0.5}, 0.5),
    ("prop3", 0, {"zeta": 1}, -1.5),
    ("table1-bn", 1, {"gamma0": 0.5, "I3_R": 3, "I1_R": 1, "zeta": 2, "I2_R": -4}, 0),
    ("table1-wn", 2, {"I3_R": 3, "I1_R": 1, "I2_R": -4}, -1),
    ("prop2", 0, {"eta": 2, "gamma0": 0.5, "I1_gamma": 3, "zeta": 1}, 8),
    ("prop2", 4, dict(eta=2, gamma0=2, L0=1, I3_R=3, I1_R=1, zeta=1, I2_R=1), -6),
    ("prop2", 7, {"eta": 2, "gamma0": 3, "L0": 1, "I2_R": 1}, 18),
    ("sgd-linear", 0, {"alpha": 0.5, "S": 0.25}, 0.75),
    ("sgd-linear", 0, {"alpha": 2, "S": 0.25}, 0.25),
    ("sgd-relu", 0, {"alpha": 1, "S": 1}, 1.25),
    ("wn-linear", 1, {"alpha": 1, "zeta": 1}, (sp.sqrt(5) - 1) / 2),
    ("bn-relu", 0, {"M": 16}, 1 / 64),
    ("eq18", 0, {"gamma": 2, "R": 0.5}, 3),
    ("eq18", 1, {"gamma": 2, "R": 0.5}, 2),
    ("prop5", 0, dict(gamma=1, R=0, q=sp.sqrt(2), alpha=4, beta=1, S=1), -3 - sp.log(2)),
    ("eq22", 0, {"alpha": 1, "a": 2, "S": 1}, 7 / 12),
    ("eq23", 0, {"alpha": 1, "a": 2}, 0.25),
    ("eq23", 1, {"beta": 2, "q": 2, "gamma": sp.sqrt(3)}, 1.5),
    ("eq24", 0, {"alpha": 1, "a": 2, "S": 1}, 23 / 24),
    ("eq25", 1, {"alpha": 1, "S": 1}, 1.25),
    ("c3-moments", 0, {"M": 6, "sigma_P": 1}, 4 / sp.sqrt(3 * PI)),
    ("c3-moments", 1, {"M": 5, "sigma_P": 1}, 2.5),
    ("c3-exact", 0, {"M": 5, "lam": 1}, 3.5 - sp.sqrt(10 * PI) / 2),
]


@pytest.mark.parametrize(("id", "relation", "at", "expected"), NUMBERS)
def test_printed_value(id: str, relation: int, at: dict[str, Any], expected: Any) -> None:
    assert value(id, relation, **at) == pytest.approx(float(expected), abs=1e-12)


def test_printed_rates_agree_with_each_other() -> None:
    rates = {relation.lhs.name: relation.rhs for relation in find("eq10").printed}
    squares = {relation.lhs.name: relation.rhs for relation in find("eq9").printed}
    assert find("eq6").printed == find("eq10").printed
    assert sp.expand(2 * gamma * rates["dgamma_dt"] - squares["dgamma2_dt"]) == 0
    assert sp.expand(R * rates["dL_dt"] + L * rates["dR_dt"] - squares["dRL_dt"]) == 0
    assert sp.expand(2 * L * rates["dL_dt"] - squares["dL2_dt"]) == 0


def test_misprints_are_kept() -> None:
    half = value("eq15", gamma=1, R=0.5)
    by_hand = 0.5 + (PI / 2 + sp.sqrt(3) / 2 + PI / 3) / (4 * PI)
    by_hand -= (PI / 2 + sp.sqrt(3) + PI / 6) / (2 * PI)
    assert half == pytest.approx(float(by_hand), abs=1e-12)
    assert SYMBOLS["eta"] not in find("prop3").printed[0].free_symbols
