"""The statements of the paper on pages: in short where their story is told, and a page for each.

``.. statement:: prop4`` shows what is printed, the verdict and its sentence, with links to the
derivation, the measurement and the code, all on the page ``statements/prop4``.  Those pages are
written when the site is built; their parts are the other directives here.
"""

from __future__ import annotations

from collections.abc import Iterator

import audited
from blocks import badge, joined, link, of_blocks, of_section, raw, together
from docutils import nodes
from generated import fill
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bntheory.rendering import audit, outline
from bntheory.rendering.audit_figure import figure
from bntheory.rendering.validation import conclusion

PARTS = {"derivation": "Derivation", "measured": "Measured", "code": "Code"}


def parts(id: str) -> list[str]:
    """Return the parts of the page of a statement, after what is said first."""
    derivation = audited.derivation(id)
    have = {
        "derivation": derivation is not None,
        "measured": audited.measured(id) is not None,
        "code": audited.files(id),
    }
    return [part for part in PARTS if have[part]]


class _Directive(SphinxDirective):
    """A directive whose argument is the id of a statement."""

    required_arguments = 1

    @property
    def id(self) -> str:
        id = self.arguments[0]
        if id not in audited.statements():
            raise self.error(f"there is no statement {id!r}")
        for path in (*audited.files(id), *audited.RECORDED):
            self.env.note_dependency(str(audited.ROOT / path))
        return id


class Told(_Directive):
    """A statement in short, where its story is told."""

    def run(self) -> list[nodes.Node]:
        id, docname = self.id, self.env.docname
        row = audited.rows()[id]
        statement = row.evidence.statement
        head = nodes.paragraph("", classes=["head"])
        head += [
            link(docname, id, id),
            nodes.Text(f" {statement.where}: {statement.title} "),
            badge(row.verdict),
        ]
        links = (link(docname, f"{id}-{part}", PARTS[part]) for part in parts(id))
        box = together(
            [
                head,
                *of_blocks(outline.printed(statement.printed, statement)),
                nodes.paragraph(text=row.because, classes=["because"]),
                nodes.paragraph("", "", *joined(links, " · "), classes=["links"]),
            ],
            "told",
        )
        box["ids"].append(id)
        return [box]


class Said(_Directive):
    """What is said first on the page of a statement: the audit's row."""

    def run(self) -> list[nodes.Node]:
        return [together(_said(self.id))]


def _said(id: str) -> Iterator[nodes.Node]:
    row = audited.verdict(id)
    if row is not None:
        where = nodes.Text(f"{row.evidence.statement.place} ")
        yield nodes.paragraph("", "", where, badge(row.verdict), classes=["subtitle"])
        yield nodes.paragraph(text=row.because, classes=["because"])
        for section in audit.of_row(row).sections:
            if section.heading != "Evidence":  # which is the rest of the page
                yield from of_section(section)
        return
    derivation = audited.derivation(id)
    assert derivation is not None
    document = outline.of_derivation(derivation)
    yield nodes.paragraph(text=document.subtitle[1], classes=["subtitle"])
    for section in document.sections:
        if section.heading in ("Results", "Assumptions", "Notes"):
            yield from of_section(section)


class Derived(_Directive):
    """The steps of a derivation."""

    def run(self) -> list[nodes.Node]:
        derivation = audited.derivation(self.id)
        assert derivation is not None
        words: list[nodes.Node] = [command("derive", self.id), nodes.Text(". ")]
        if derivation.steps:
            words.append(nodes.Text(f"{audit.steps_said(derivation)} "))
        if derivation.cited:
            cited = [link(self.env.docname, each.id, each.id) for each in derivation.cited]
            words += [nodes.Text("It builds on "), *joined(cited, ", "), nodes.Text(".")]
        found: list[nodes.Node] = [nodes.paragraph("", "", *words)]
        for section in outline.of_derivation(derivation).sections:
            if section.number is not None:
                found += of_section(section)
        return [together(found)]


class Measured(_Directive):
    """What was measured, drawn."""

    def run(self) -> list[nodes.Node]:
        validation = audited.measured(self.id)
        assert validation is not None
        about = [nodes.paragraph(text=validation.about)] if validation.about else []
        said = nodes.Text(f". {conclusion(validation)}")
        words = nodes.paragraph("", "", command("validate", self.id), said)
        return [together([*about, words, raw(figure(validation))])]


def command(name: str, id: str) -> nodes.literal:
    """Return the command that shows it."""
    return nodes.literal(text=f"python -m bntheory.{name} {id}")


# -- the pages -----------------------------------------------------------------------------------


def page(id: str) -> str:
    """Return the source of the page of a statement."""
    title = f"{id}: {audited.statements()[id].title}"
    lines = [f".. _{id}:", "", title, "=" * len(title), "", f".. statement-said:: {id}", ""]
    for part in parts(id):
        lines += [f".. _{id}-{part}:", "", PARTS[part], "-" * len(PARTS[part]), ""]
        lines += [f".. statement-{part}:: {id}", ""]
    return "\n".join(lines)


def write_pages(app: Sphinx) -> None:
    """Write the pages of all statements and their list, where they are not there already."""
    pages = {f"{id}.rst": page(id) for id in audited.statements()}
    entries = [f"   /statements/{id}" for id in audited.statements()]
    pages["contents.txt"] = "\n".join([".. toctree::", "   :hidden:", "", *entries, ""])
    fill(audited.DOCS / "statements", {name: text.encode() for name, text in pages.items()})


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives and the pages."""
    app.add_directive("statement", Told)
    app.add_directive("statement-said", Said)
    app.add_directive("statement-derivation", Derived)
    app.add_directive("statement-measured", Measured)
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
