"""The audit as text, Markdown, HTML and JSON: a table at a glance, then each statement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Eq

from bntheory.auditing import VERDICTS, Row
from bntheory.comparison import Comparison
from bntheory.derivation import Derivation
from bntheory.gap import Gap
from bntheory.rendering import findings, markdown, outline, text
from bntheory.rendering.document import Block, Document, Items, Section, Words
from bntheory.rendering.json import text as written
from bntheory.rendering.validation import check_data, numbers
from bntheory.verdict import Check

WIDTH = 80
#: What each verdict means.
MEANING = {
    "holds": "as printed",
    "holds-approximately": "in a limit, or in part; it says where, and how far off it is",
    "misprint": "the paper itself builds on what is derived, and not on what is printed",
    "fails": "refuted by measurement; it says what holds instead",
    "open": "not decided here; it says what is missing",
}


def render(rows: Sequence[Row], format: str = "text", use_unicode: bool = True) -> str:
    """Write the audit.

    Parameters
    ----------
    rows : sequence of Row
        What was judged.
    format : {"text", "markdown", "html", "json"}
        ``html`` is one self-contained page.
    use_unicode : bool
        Whether ``text`` may use other characters than ASCII.

    Returns
    -------
    str
        Ends with a newline.

    Raises
    ------
    ValueError
        For an unknown format.
    """
    if format == "json":
        data = {"rows": [row_data(row) for row in rows]}
        return json.dumps(data, indent=1, allow_nan=False) + "\n"
    if format == "html":
        from bntheory.rendering import audit_html

        return audit_html.write(rows)
    if format == "markdown":
        return _markdown(rows)
    if format == "text":
        start = glance(rows) + _unmeasured(rows) + "\n"
        pages = [start, *(text.write(of_row(row), use_unicode) for row in rows)]
        page = "\n\n".join(pages)
        return page if use_unicode else text.ascii_only(page)
    raise ValueError(f"no format {format!r}; the formats are text, markdown, html, json")


# -- at a glance -----------------------------------------------------------------------------------


def glance(rows: Sequence[Row]) -> str:
    """Return a table of the verdicts, each with the statements that have it."""
    counts = Counter(row.verdict for row in rows)
    width = max(map(len, VERDICTS))
    lines = []
    for verdict in VERDICTS:
        ids = ", ".join(row.id for row in rows if row.verdict == verdict)
        start = f"{verdict:<{width}}  {counts[verdict]:>2}  "
        lines += text.wrap(
            ids or "none", WIDTH - 6, initial_indent=start, subsequent_indent=" " * len(start)
        )
    return "\n".join(lines)


def _unmeasured(rows: Sequence[Row]) -> str:
    """Say that measurements have still to come, where they have."""
    left = [row.id for row in rows if row.evidence.measurable and row.evidence.validation is None]
    if not left:
        return ""
    said = (
        f"By derivation alone: {len(left)} of these can be measured, too, which may refute what "
        "holds here."
    )
    return "\n\n" + "\n".join(text.wrap(said, WIDTH))


# -- a row -----------------------------------------------------------------------------------------


def of_row(row: Row) -> Document:
    """Outline what is said about a statement."""
    statement = row.evidence.statement
    sections = [
        Section("As printed", tuple(outline.printed(statement.printed, statement))),
        Section("As derived", tuple(_derived(row))),
        Section("Notes", _items(remarks(row))),
        Section("What holds instead", tuple(_instead(row))),
        Section("How far off the print is", _items(map(said, row.gaps))),
        Section("Assumed and dropped", _items(_assumed(row))),
        Section("Evidence", _items(_evidence(row))),
    ]
    return Document(
        title=f"{row.id}: {statement.title}",
        subtitle=(statement.place, f"Verdict: {row.verdict}"),
        opening=(Words(row.because, "verdict"),),
        sections=tuple(section for section in sections if section.blocks),
    )


def _items(entries: Iterator[str] | Any) -> tuple[Block, ...]:
    listed = tuple(entries)
    return (Items(listed),) if listed else ()


def _derived(row: Row) -> Iterator[Block]:
    """Show the derived relations where they are not the printed ones."""
    comparisons = row.evidence.comparisons
    same = [number for number, each in enumerate(comparisons, 1) if each.agrees]
    if same and len(same) == len(comparisons):
        under = ", under the assumptions below" if row.judgement.refuted else ""
        yield Words(f"The same{under}.")
        return
    if same:
        listed = ", ".join(f"({number})" for number in same)
        yield Words(f"{listed}: the same.")
    for number, comparison in enumerate(comparisons, 1):
        if number in same:
            continue
        if len(comparisons) > 1:
            yield Words(f"({number}):")
        if comparison.open_reading:
            yield Words(findings.OPEN)
        yield from findings.differing(comparison, as_printed=False)


def _instead(row: Row) -> Iterator[Block]:
    """Say what the derived predictions are, and what was measured."""
    listed = _items(instead(row))
    if listed and row.evidence.validation is not None and row.evidence.validation.about:
        yield Words(row.evidence.validation.about)
    yield from listed


def instead(row: Row) -> Iterator[str]:
    """Say for what is refuted what was measured, and what is derived for it."""
    derived = {(check.system, check.quantity): check for check in row.evidence.derived_checks}
    for check in row.judgement.refuted[:5]:
        right = derived.get((check.system, check.quantity))
        _, measured = numbers(check)
        ours = "" if right is None else f", derived {numbers(right)[0]} ({right.verdict})"
        yield (
            f"{check.quantity}, {check.system}: measured {measured}{ours}, printed "
            f"{numbers(check)[0]}"
        )
    more = len(row.judgement.refuted) - 5
    if more > 0:
        yield f"and {more} more"


def said(gap: Gap) -> str:
    """Say how far off something is."""
    return f"{gap.quantity}: at most {gap.largest:.1%}, over {gap.over}; so at {gap.at}."


def _assumed(row: Row) -> Iterator[str]:
    if row.evidence.derivation is not None:
        yield from row.evidence.derivation.assumptions
    for order in row.evidence.approximations:
        yield f"dropped: {order.replace('**', '^')}"


def _evidence(row: Row) -> Iterator[str]:
    yield from derivation_said(row)
    yield from networks_said(row)
    validation = row.evidence.validation
    if validation is None:
        if row.evidence.measurable:
            yield f"Not measured in this audit: python -m bntheory.validate {row.id}"
        return
    yield f"Measured: python -m bntheory.validate {row.id} --seed {validation.seed}"
    for form in ("printed", "derived"):
        checks = [check for check in validation.checks if check.form == form]
        counts = Counter(check.verdict for check in checks)
        if checks:
            listed = ", ".join(f"{counts[verdict]} {verdict}" for verdict in counts)
            yield f"{form.capitalize()} predictions: of {len(checks)}, {listed}."
    yield from map(check_said, row.judgement.confirmed[:3])


def derivation_said(row: Row) -> Iterator[str]:
    """Say how much is derived, and how it was checked."""
    derivation = row.evidence.derivation
    if derivation is None:
        return
    if derivation.steps:
        yield f"Derived: python -m bntheory.derive {row.id}. {steps_said(derivation)}"
    if derivation.cited:
        yield f"It builds on {', '.join(cited.id for cited in derivation.cited)}."


def networks_said(row: Row) -> Iterator[str]:
    """Say what became of each claim about trained networks."""
    experiment = row.evidence.experiment
    if experiment is None:
        return
    yield f"Trained: python -m bntheory.figures {experiment.figure} --data DIR"
    for claim in experiment.claims:
        ours = "" if claim.form == "printed" else " (not the paper's)"
        yield f"{claim.verdict}: {claim.text}{ours}"


def steps_said(derivation: Derivation) -> str:
    """Say how many steps hold, without the time that they took."""
    if not all(step.check.passed for step in derivation.steps):
        return f"{len(derivation.steps)} steps, AND NOT ALL HOLD."
    return findings.summary(derivation).partition(";")[0] + "."


def check_said(check: Check) -> str:
    """Say what was predicted, measured, and concluded."""
    predicted, measured = numbers(check)
    return (
        f"{check.form} form {check.verdict}: {check.quantity}, {check.system}: predicted "
        f"{predicted}, measured {measured}, margin {check.margin:.2g}"
    )


def remarks(row: Row) -> tuple[str, ...]:
    """Return what the derivation says that a reader should know."""
    return () if row.evidence.derivation is None else row.evidence.derivation.remarks


# -- formats ---------------------------------------------------------------------------------------


def _markdown(rows: Sequence[Row]) -> str:
    lines = ["# The audit", "", "| statement | verdict | because |", "| --- | --- | --- |"]
    for row in rows:
        because = markdown.escape(row.because)
        lines.append(f"| [{row.id}](#{row.id}) | {row.verdict} | {because} |")
    parts = ["\n".join(lines) + "\n"]
    for row in rows:
        page = markdown.write(of_row(row)).replace("\n#", "\n##")
        parts.append(f'<a id="{row.id}"></a>\n\n#{page}')
    return "\n".join(parts)


def row_data(row: Row) -> dict[str, Any]:
    """Return a row as dictionaries, lists, strings and numbers."""
    statement, derivation = row.evidence.statement, row.evidence.derivation
    evidence: list[dict[str, Any]] = []
    if derivation is not None:
        checks = [step.check for step in derivation.steps]
        evidence.append(
            {
                "kind": "derivation",
                "id": derivation.id,
                "steps": len(checks),
                "exact": sum(check.method == "exact" for check in checks),
                "sampled": sum(check.method == "sampled" for check in checks),
                "passed": derivation.passed,
                "cites": [cited.id for cited in derivation.cited],
            }
        )
    if row.evidence.validation is not None:
        validation = row.evidence.validation
        about = {"seed": validation.seed, "device": validation.device}
        evidence += [
            {"kind": "measurement", **about, **check_data(check)} for check in validation.checks
        ]
    if row.evidence.experiment is not None:
        networks = row.evidence.experiment
        trained = {"figure": networks.figure, "data": networks.data, "epochs": networks.epochs}
        evidence += [
            {"kind": "networks", **trained, "claim": each.text, "form": each.form,
             "verdict": each.verdict}
            for each in networks.claims
        ]  # fmt: skip
    return {
        "id": row.id,
        "title": statement.title,
        "where": statement.place,
        "printed": list(statement.relations) or [statement.text],
        "derived": [_derived_text(each) for each in row.evidence.comparisons],
        "verdict": row.verdict,
        "because": row.because,
        "assumptions": [] if derivation is None else list(derivation.assumptions),
        "dropped": list(row.evidence.approximations),
        "off": [
            {"quantity": gap.quantity, "over": gap.over, "largest": gap.largest, "at": gap.at}
            for gap in row.gaps
        ],
        "instead": list(instead(row)),
        "notes": list(remarks(row)),
        "evidence": evidence,
    }


def _derived_text(comparison: Comparison) -> str:
    """Return what is derived for a printed relation, as text that reads back."""
    printed, derived = comparison.printed, comparison.derived
    if isinstance(printed, Eq):
        return f"Eq({written(printed.lhs)}, {written(derived.lhs)})"
    return written(derived)
