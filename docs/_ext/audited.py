"""What the pages say, from the toolkit itself: statements, derivations, recorded measurements.

Everything is derived and judged anew when the pages are built.  Measurements take half an hour and
are those of ``audit.json`` and ``measured.json``, which the commands wrote.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import derivations
from bntheory.auditing import Row, experiments, gathered, row
from bntheory.auditing.store import read
from bntheory.derivation import Derivation
from bntheory.paper import BY_ID, STATEMENTS, Statement
from bntheory.verdict import Validation

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
RECORDED = (DOCS / "audit.json", DOCS / "measured.json")
NETWORKS = DOCS.parent / "benchmarks" / "results" / "cifar10"


def rows() -> dict[str, Row]:
    """Return the audit of the paper, by id."""
    return {each.id: judged(each) for each in STATEMENTS}


@cache
def judged(statement: Statement) -> Row:
    """Return what the audit says of a statement."""
    networks = experiments.load(NETWORKS, statement.id)
    return row(gathered(statement, measured(statement.id), networks))


@cache
def statements() -> dict[str, Statement]:
    """Return the statements of the paper and those beyond it, by id, in their order."""
    return BY_ID | derivations.available()


def verdict(id: str) -> Row | None:
    """Return what the audit says of a statement, if it is printed anywhere."""
    statement = statements()[id]
    return judged(statement) if id in BY_ID or statement.relations else None


def derivation(id: str) -> Derivation | None:
    """Return the derivation of a statement, if it has one."""
    return derivations.derive(id) if id in derivations.available() else None


@cache
def measured(id: str) -> Validation | None:
    """Return the recorded measurements of a statement, if there are any."""
    return read({**_recorded()[id], "about": _about(id)}) if id in _recorded() else None


@cache
def _recorded() -> dict[str, dict[str, Any]]:
    """Return the recorded validations, by id: the audit's before others."""
    audit, others = (json.loads(path.read_text(encoding="utf-8")) for path in RECORDED)
    found = {each["id"]: each for each in others}
    for each in audit["rows"]:
        checks = [one for one in each["evidence"] if one["kind"] == "measurement"]
        if checks:
            about = {name: checks[0][name] for name in ("seed", "device")}
            nothing = {"versions": {}, "seconds": 0.0}
            found[each["id"]] = {"id": each["id"], "checks": checks, **about, **nothing}
    return found


def _about(id: str) -> str:
    """Return how a statement is measured: the docstring of its module, less its first line."""
    words = import_module(f"validation.{_stem(id)}").__doc__ or ""
    return " ".join(words.partition("\n\n")[2].split())


def files(id: str) -> list[Path]:
    """Return the files of a statement, relative to the checkout."""
    folders = ("derivations", "validation", "bntheory/experiments", "bntheory/panels")
    found = [Path(folder) / f"{_stem(id)}.py" for folder in folders]
    return [path for path in found if (ROOT / path).exists()]


def _stem(id: str) -> str:
    return id.replace("-", "_")
