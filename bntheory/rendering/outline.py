"""What a derivation says, in order: headings, sentences and formulas, whatever they end up in.

The prose is here, once.  Text, LaTeX, Markdown and HTML are written from the
:class:`~bntheory.rendering.document.Document`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy.matrices import MatrixBase

from bntheory import paper
from bntheory.derivation import Derivation, Step
from bntheory.notation import BY_NAME
from bntheory.paper import Statement
from bntheory.rendering import findings
from bntheory.rendering.breaking import breadth
from bntheory.rendering.document import Block, Document, Formula, Items, Section, Words
from bntheory.rendering.tree import Fence, Letter, Node, Number, Row, Word
from bntheory.rendering.typeset import relation, typeset

PAPER = "Luo, Wang, Shao and Peng (ICLR 2019)"


# -- a statement ---------------------------------------------------------------------------------


def of_statement(statement: Statement) -> Document:
    """Outline a statement as printed."""
    return Document(
        title=_capital(statement.title),
        subtitle=(_place(statement.id, statement.place),),
        opening=tuple(printed(statement.printed, statement)),
        sections=(),
    )


def printed(relations: tuple[Any, ...], statement: Statement | None) -> Iterator[Block]:
    """Set what is printed: formulas, words and assumptions."""
    for number, each in enumerate(relations, 1):
        left, mark, right = relation(each)
        yield Formula(left, ((mark, right),), str(number) if len(relations) > 1 else "")
    if statement is not None and statement.text:
        yield Words(statement.text)
    if statement is not None and statement.assumptions:
        yield Words(f"Assumed in print: {'; '.join(statement.assumptions)}.")


# -- a derivation --------------------------------------------------------------------------------


def of_derivation(derivation: Derivation) -> Document:
    """Outline a derivation."""
    sections = [Section("As printed", tuple(_as_printed(derivation)))]
    if derivation.assumptions:
        sections.append(Section("Assumptions", (Items(derivation.assumptions),)))
    if derivation.cited:
        sections.append(Section("Derived before", (Items(tuple(_citations(derivation))),)))
    sections.append(Section("Derivation", ()))
    previous = None
    for number, step in enumerate(derivation.steps, 1):
        blocks = tuple(_step(step, previous))
        sections.append(Section(_step_title(step.title), blocks, number))
        previous = step.after
    results = tuple(_results(derivation))
    if results:
        sections.append(Section("Results", results))
    sections.append(Section("Print against derivation", tuple(findings.verdict(derivation))))
    if derivation.remarks:
        sections.append(Section("Notes", (Items(derivation.remarks),)))
    return Document(
        title=_capital(derivation.title),
        subtitle=(_place(derivation.id, derivation.where), _activation(derivation)),
        opening=tuple(findings.alarms(derivation)),
        sections=tuple(sections),
        closing=tuple(findings.closing(derivation)),
    )


def _place(id: str, where: str) -> str:
    return f"{id}: {PAPER}, {where}" if id in paper.BY_ID else f"{id}: {where}"


def _statement(id: str) -> Statement | None:
    """Return the statement, if there is a file for it or the paper has it."""
    import derivations

    try:
        return derivations.find(id)
    except paper.UnknownStatement:
        return None


def _activation(derivation: Derivation) -> str:
    from bntheory.activations import ACTIVATIONS

    name = derivation.activation
    if name is None:
        return "No activation function to choose: it holds for each, or it names its own."
    if name in ACTIVATIONS:
        return f"Activation function: {name}, g(x) = {ACTIVATIONS[name].meaning}."
    return f"Activation function: g(x) = {name}."


def _as_printed(derivation: Derivation) -> Iterator[Block]:
    statement = _statement(derivation.id)
    relations = tuple(comparison.printed for comparison in derivation.comparisons)
    found = tuple(printed(relations, statement))
    yield from found or (Words("The paper has no formula for it."),)


def _citations(derivation: Derivation) -> Iterator[str]:
    for cited in derivation.cited:
        count = f"{len(cited.steps)} {_plural('step', len(cited.steps))}"
        state = "all checked" if cited.passed else "A CHECK FAILED"
        yield f"{cited.where} ({cited.id}) [{count}, {state}]"


# -- steps ---------------------------------------------------------------------------------------

#: The words between the two ends of a step, by its rule.
LINKS = {
    "differentiate": ("The derivative of", "is"),
    "gradient": ("The gradient of", "is"),
    "limit": ("The limit of", "is"),
    "solve": ("The equation", "has the solution"),
    "eigenvalues": ("The matrix", "has the eigenvalues"),
    "average": ("The average of", "is"),
    "sign": ("The sign of", "is settled:"),
    "drop": ("From", "keep"),
}


#: Matrices wider than this, in digits, are set entry by entry.
MATRIX_ROOM = 56


def _step(step: Step, previous: Any) -> Iterator[Block]:
    if step.rule == "expect":
        mean = Row((Letter("E", "double"), Fence("[", typeset(step.before), "]")))
        yield from _formulas(step.name, step.after, mean)
    elif step.before == step.after or step.rule == "batch":
        yield from _formulas(step.name, step.after)
    elif step.values:
        put_in = tuple(_put_in(step))
        if step.before != previous:
            yield Words("In")
            yield from _formulas(None, step.before)
        if put_in:
            yield Words("put" if step.before != previous else "Put")
            yield from put_in
        yield Words("this gives" if put_in or step.before != previous else "This gives")
        yield from _formulas(step.name, step.after)
    elif step.before == previous:
        yield from _formulas(step.name, step.after)
    elif step.rule == "rewrite" and not _entries(step.after):
        yield from _formulas(step.name, step.after, typeset(step.before))
    else:
        start, link = LINKS.get(step.rule, ("From", "follows"))
        yield Words(start)
        yield from _formulas(None, step.before, zero=step.rule == "solve")
        yield Words(link)
        yield from _formulas(step.name, step.after)
    if step.approximation is not None:
        order = step.approximation.replace("**", "^")
        yield Words(f"Approximation: what is dropped is {order}.", "approximation")
    yield _check(step)


def _put_in(step: Step) -> Iterator[Formula]:
    """Say what a substitution put in for the parts that were there, unless it is long."""
    parts = list(_entries(step.before, room=0).values()) or [step.before]
    for part, value in (step.values or {}).items():
        if any(entry.has(part) for entry in parts) and breadth(typeset(value)) <= MATRIX_ROOM:
            yield _formula(typeset(part), value)


def _formulas(
    name: Any, expr: Any, first: Node | None = None, zero: bool = False
) -> Iterator[Formula]:
    """Set ``name = first = expr``; tuples, and matrices that are too wide, entry by entry."""
    entries, labels = _entries(expr), _entries(name, room=0)
    if entries and first is None and (name is None or len(labels) == len(entries)):
        for place, entry in entries.items():
            label = typeset(labels[place]) if labels else None
            if label is None and isinstance(place, tuple):
                label = Word(f"entry {place}")
            yield _formula(label, entry, zero=zero)
    else:
        yield _formula(None if name is None else typeset(name), expr, first, zero)


def _formula(
    name: Node | None, expr: Any, first: Node | None = None, zero: bool = False
) -> Formula:
    if name is None and hasattr(expr, "lhs"):
        name, mark, right = relation(expr)
        return Formula(name, ((mark, right),))
    sides = [side for side in (name, first, typeset(expr)) if side is not None]
    if len(sides) > 1 and sides[-1] == sides[-2]:
        sides.pop()
    if zero:
        sides.append(Number("0"))
    return Formula(sides[0], tuple(("=", side) for side in sides[1:]))


def _entries(expr: Any, room: float = MATRIX_ROOM) -> dict[Any, Any]:
    """Return the entries of a tuple or a column, or of a matrix wider than ``room``, by place."""
    if isinstance(expr, tuple) or type(expr).__name__ == "Tuple":
        return dict(enumerate(expr, 1))
    if isinstance(expr, MatrixBase):
        if expr.cols == 1:
            return dict(enumerate(expr, 1))
        if breadth(typeset(expr)) > room:
            return {(i + 1, j + 1): expr[i, j] for i in range(expr.rows) for j in range(expr.cols)}
    return {}


def _check(step: Step) -> Words:
    check = step.check
    how = check.how.replace("**", "^")
    if check.method == "exact":
        what = f"exact: {how}"
    else:
        digits = f", {check.digits} {_plural('digit', check.digits)}" if check.digits else ""
        points = f"{check.points} {_plural('point', check.points)}"
        what = f"sampled: {how}, {points}{digits}"
    if check.passed:
        return Words(f"Checked, {what}.", "check")
    return Words(f"CHECK FAILED, {what}. This step does not hold.", "failure")


def _results(derivation: Derivation) -> Iterator[Block]:
    shown = [step.after for step in derivation.steps]
    shown += [entry for step in derivation.steps for entry in _entries(step.after).values()]
    for name, expr in derivation.results.items():
        entries = _entries(expr).values()
        if expr not in shown and not (entries and all(entry in shown for entry in entries)):
            yield from _formulas(None, expr, Word(name))


# -- grammar -------------------------------------------------------------------------------------


def _capital(text: str) -> str:
    return text[0].upper() + text[1:] if text.split()[0].isalpha() else text


def _step_title(text: str) -> str:
    word = text.split()[0]
    return text if word in BY_NAME and len(word) > 1 else _capital(text)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + ("S" if word.isupper() else "s")
