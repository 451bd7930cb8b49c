"""The audit as one page of HTML: a table at a glance, then each statement with all there is to it.

Nothing is loaded from elsewhere.  The search is a few lines of script, and without it everything
else is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from bntheory.auditing import VERDICTS, Row
from bntheory.rendering import audit, html, outline
from bntheory.rendering.audit_figure import figure
from bntheory.rendering.audit_style import SCRIPT, STYLE
from bntheory.rendering.document import Items, Section
from bntheory.rendering.style import STYLE as PAGE_STYLE

TITLE = "The audit of Towards Understanding Regularization in Batch Normalization"
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def write(rows: Sequence[Row]) -> str:
    """Write the page."""
    body = "\n".join([*_opening(rows), *_glance(rows), *(_statement(row, rows) for row in rows)])
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{TITLE}</title>
<link rel="icon" href="data:,">
<style>
{PAGE_STYLE}{STYLE}</style>
</head>
<body>
<main class="bntheory audit">
{body}
</main>
<script>
{SCRIPT}</script>
</body>
</html>
"""


def _opening(rows: Sequence[Row]) -> Iterator[str]:
    counts = Counter(row.verdict for row in rows)
    yield "<header><h1>The audit</h1>"
    yield (
        '<p class="subtitle">Every statement of <cite>Towards Understanding Regularization in '
        "Batch Normalization</cite> (Luo, Wang, Shao and Peng, ICLR 2019), derived from first "
        "principles and measured, with what came of it. No verdict is written by hand.</p>"
    )
    yield '<ul class="counts">'
    for verdict in VERDICTS:
        listed = ", ".join(_link(row.id) for row in rows if row.verdict == verdict)
        yield (
            f"<li>{_badge(verdict)}<span>{counts[verdict]}: {escape(audit.MEANING[verdict])}</span>"
            f'<span class="ids">{listed}</span></li>'
        )
    yield "</ul>"
    yield (
        '<form class="search" role="search" hidden><label for="search">Search</label>'
        '<input id="search" type="search" autocomplete="off" placeholder="for instance prop4, '
        'misprint, Table 1, regularizer"><p role="status"></p></form></header>'
    )


def _glance(rows: Sequence[Row]) -> Iterator[str]:
    yield '<table class="glance" id="glance"><caption hidden>All verdicts</caption>'
    yield "<thead><tr><th>Statement</th><th>Verdict</th><th>Because</th></tr></thead><tbody>"
    for row in rows:
        statement = row.evidence.statement
        yield (
            f'<tr data-id="{row.id}"><td>{_link(row.id)}</td><td>{_badge(row.verdict)}</td>'
            f"<td>{escape(_capital(statement.title))}. {escape(row.because)}</td></tr>"
        )
    yield "</tbody></table>"


def _statement(row: Row, rows: Sequence[Row]) -> str:
    statement = row.evidence.statement
    parts = [
        f'<section id="{row.id}" data-id="{row.id}" data-words="{escape(_words(row))}">',
        f'<h2><a href="#{row.id}">{row.id}</a>: {escape(statement.title)}</h2>',
        f'<p class="subtitle">{escape(statement.place)} {_badge(row.verdict)}</p>',
        f'<p class="because">{escape(row.because)}</p>',
    ]
    for part in audit.of_row(row).sections:
        if part.heading != "Evidence":  # which is drawn and folded in below
            parts += _part(part)
    if row.evidence.validation is not None:
        parts.append("<h3>Measured</h3>")
        if not row.judgement.refuted:  # otherwise it is said above
            parts.append(f"<p>{escape(row.evidence.validation.about)}</p>")
        parts.append(figure(row.evidence.validation))
    networks = tuple(audit.networks_said(row))
    if networks:
        parts += ["<h3>Trained networks</h3>", *html.blocks((Items(networks),))]
    parts += _derivation(row, {each.id for each in rows})
    parts.append('<p><a href="#glance">All statements</a></p></section>')
    return "\n".join(parts)


def _part(part: Section) -> list[str]:
    return [f"<h3>{escape(part.heading)}</h3>", *html.blocks(part.blocks)]


def _derivation(row: Row, here: set[str]) -> Iterator[str]:
    """Fold the derivation away; what is printed and assumed stands above already."""
    derivation = row.evidence.derivation
    if derivation is None:
        return
    yield "<h3>Derivation</h3>"
    if derivation.cited:
        listed = ", ".join(
            _link(cited.id) if cited.id in here else escape(cited.id) for cited in derivation.cited
        )
        yield f"<p>It builds on {listed}.</p>"
    document = outline.of_derivation(derivation)
    if derivation.steps:
        yield f"<details><summary>{escape(audit.steps_said(derivation))}</summary>"
        for part in document.sections:
            if part.number is not None:
                yield from html.section(part)
        yield "</details>"
    if not derivation.passed:
        yield from html.blocks(document.opening)


def _words(row: Row) -> str:
    """Return what the search looks at."""
    statement = row.evidence.statement
    said = (
        row.id, *statement.aliases, statement.title, statement.place, statement.text,
        f"{row.verdict}.", row.because, *audit.remarks(row),
    )  # fmt: skip
    return " ".join(said).lower()


def _link(id: str) -> str:
    return f'<a href="#{id}">{id}</a>'


def _badge(verdict: str) -> str:
    return f'<span class="badge {verdict}">{verdict}</span>'


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
