"""Documents of :mod:`bntheory.rendering` as parts of a page: one more format beside the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from docutils import nodes
from sphinx import addnodes

from bntheory.rendering import html
from bntheory.rendering.document import Block, Formula, Items, Section


def of_blocks(blocks: Iterable[Block]) -> Iterator[nodes.Node]:
    """Yield words and lists, which the search of the site finds, and formulas."""
    for block in blocks:
        if isinstance(block, Formula):
            yield raw(html.display(block))
        elif isinstance(block, Items):
            entries = [
                nodes.list_item("", nodes.paragraph(text=entry)) for entry in block.entries
            ]
            yield nodes.bullet_list("", *entries)
        else:
            yield nodes.paragraph(text=block.text, classes=[block.tone])


def of_section(section: Section) -> Iterator[nodes.Node]:
    """Yield a part under its heading, which the contents of the page leave out."""
    heading = section.heading if section.number is None else f"{section.number}. {section.heading}"
    yield nodes.rubric(text=heading)
    yield from of_blocks(section.blocks)


def together(found: Iterable[nodes.Node], *classes: str) -> nodes.container:
    """Return nodes in a box, which has the toolkit's style."""
    return nodes.container("", *found, classes=["bntheory", *classes])


def raw(text: str) -> nodes.raw:
    """Return HTML as it is."""
    return nodes.raw("", text, format="html")


def badge(verdict: str) -> nodes.inline:
    """Return a verdict."""
    return nodes.inline(text=verdict, classes=["badge", verdict])


def link(
    docname: str, target: str, text: str, domain: str = "std", kind: str = "ref"
) -> addnodes.pending_xref:
    """Return a link from a page: to a label, unless it is of another domain and kind."""
    return addnodes.pending_xref(
        "",
        nodes.inline(text=text),
        refdoc=docname,
        refdomain=domain,
        reftype=kind,
        reftarget=target,
        refexplicit=True,
        refwarn=True,
    )


def joined(parts: Iterable[nodes.Node], between: str) -> Iterator[nodes.Node]:
    """Yield nodes with words between them."""
    for number, part in enumerate(parts):
        if number:
            yield nodes.Text(between)
        yield part
