"""What the paper itself builds on, where it uses a line again: the print, or what is derived."""

from __future__ import annotations

from typing import Any

from bntheory import paper
from bntheory.calculus.radicals import at
from bntheory.comparison import Comparison, compare
from bntheory.notation import SYMBOLS, read, uncertain
from bntheory.paper import Statement
from bntheory.paper.statement import Link, Use


def builds_on_derived(statement: Statement, number: int, comparison: Comparison) -> Use | None:
    """Return a place of the paper that follows from the derived form, and not from the printed.

    Parameters
    ----------
    statement : Statement
        The one whose print differs.
    number : int
        Of the relation that differs, from 0.
    comparison : Comparison
        That relation beside what is derived.
    """
    for use in statement.uses:
        if (statement.id, number) not in {(link.source, link.relation) for link in use.links}:
            continue
        derived, printed = comparison.derived.lhs, comparison.printed.rhs
        if _follows(use, statement, number, derived) and not _follows(
            use, statement, number, printed
        ):
            return use
    return None


def _follows(use: Use, statement: Statement, number: int, value: Any) -> bool:
    """Whether the place follows where a relation of the statement has a value on its right."""
    values = {}
    for link in use.links:
        if (link.source, link.relation) == (statement.id, number):
            left, right = statement.printed[number].lhs, value
        else:
            left, right = paper.find(link.source).printed[link.relation].args
        values[SYMBOLS[link.symbol]] = _carried(link, left, right)
    resolved = {name: expr.xreplace(values) for name, expr in values.items()}
    relation = paper.find(use.by).printed[use.relation]
    return compare(relation, resolved).agrees is True


def _carried(link: Link, left: Any, right: Any) -> Any:
    expr = read(link.through).xreplace({left: right}).doit()
    for name, to in link.at:
        value = read(to)
        expr = (
            at(expr, SYMBOLS[name], value) if value.is_number else expr.subs(SYMBOLS[name], value)
        )
    return expr.replace(uncertain, lambda reading: reading)
