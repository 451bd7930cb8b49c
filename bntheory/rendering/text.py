"""A document as text for a terminal of 80 columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import partial
from textwrap import wrap as wrapped

from bntheory.rendering.boxes import Box, Typesetter, beside
from bntheory.rendering.breaking import lines
from bntheory.rendering.document import Block, Document, Formula, Items, Section, Words
from bntheory.rendering.tree import Node, Sign

WIDTH = 80
INDENT = 4

#: Ids have hyphens, and are not broken at one.
wrap = partial(wrapped, break_on_hyphens=False)


def write(document: Document, use_unicode: bool = True, width: int = WIDTH) -> str:
    """Write a document as text.

    Parameters
    ----------
    document : Document
        What to write.
    use_unicode : bool
        False for terminals that know ASCII only: then there is no other character.
    width : int
        Columns.

    Returns
    -------
    str
        Lines of at most ``width`` characters, the last one ended.
    """
    rows = [row.rstrip() for row in _Page(use_unicode, width).document(document)]
    text = "\n".join(rows).strip("\n") + "\n"
    return text if use_unicode else ascii_only(text)


def ascii_only(text: str) -> str:
    """Replace what is not ASCII: accents are dropped, other characters become ``?``."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


class _Page:
    def __init__(self, use_unicode: bool, width: int) -> None:
        self.typesetter = Typesetter(use_unicode)
        self.width = width
        self.rule = "─" if use_unicode else "-"

    def document(self, document: Document) -> Iterator[str]:
        yield from wrap(document.title, self.width)
        yield self.rule * min(self.width, len(document.title))
        for line in document.subtitle:
            yield from wrap(line, self.width)
        yield from self.blocks(document.opening, "")
        for section in document.sections:
            yield from self.section(section)
        if document.closing:
            yield ""
            yield self.rule * self.width
        yield from self.blocks(document.closing, "", apart=False)

    def section(self, section: Section) -> Iterator[str]:
        yield ""
        if section.number is None:
            yield section.heading
        else:
            number = f"{section.number}. "
            yield from wrap(
                section.heading,
                self.width,
                initial_indent=number,
                subsequent_indent=" " * len(number),
            )
        yield from self.blocks(section.blocks, " " * INDENT if section.number else "  ")

    def blocks(self, blocks: tuple[Block, ...], indent: str, apart: bool = True) -> Iterator[str]:
        for block in blocks:
            if isinstance(block, Items):
                yield from self.items(block, indent)
                continue
            if apart and not (isinstance(block, Words) and block is blocks[0] and indent):
                yield ""
            if isinstance(block, Words):
                yield from self.words(block, indent)
            else:
                yield from self.formula(block, indent)

    def words(self, words: Words, indent: str) -> Iterator[str]:
        loud = indent + ("*** " if words.tone == "failure" else "")
        yield from wrap(words.text, self.width, initial_indent=loud, subsequent_indent=loud)

    def items(self, items: Items, indent: str) -> Iterator[str]:
        for entry in items.entries:
            yield from wrap(
                entry, self.width, initial_indent=indent + "- ", subsequent_indent=indent + "  "
            )

    # -- formulas --------------------------------------------------------------------------------

    def formula(self, formula: Formula, indent: str) -> Iterator[str]:
        tag = f"({formula.tag})  " if formula.tag else ""
        margin = indent + "  "
        room = self.width - len(margin) - len(tag)
        for number, box in enumerate(self.laid_out(formula, room)):
            head = tag if number == 0 else " " * len(tag)
            if number and (len(box.rows) > 1):
                yield ""
            for row, characters in enumerate(box.rows):
                yield margin + (head if row == box.base else " " * len(tag)) + characters

    def laid_out(self, formula: Formula, room: int) -> list[Box]:
        """Break a formula into boxes, one below the other."""
        whole = self.one_line(formula)
        if whole is not None and whole.width <= room:
            return [whole]
        left = [] if formula.left is None else self.broken(formula.left, room)
        below = self.hung(formula, left, room, INDENT)
        if len(left) != 1 or not formula.parts or left[0].width > room // 2:
            return below
        beneath = self.hung(formula, left, room, left[0].width)
        return min(beneath, below, key=lambda boxes: sum(len(box.rows) for box in boxes))

    def hung(self, formula: Formula, left: list[Box], room: int, hang: int) -> list[Box]:
        """Set the right-hand sides at a distance from the margin, beside the left one or below."""
        found = list(left)
        for number, (mark, node) in enumerate(formula.parts):
            sign = Box((self.typesetter.line(Sign(mark)),))
            first, *rest = self.broken(node, room - hang - sign.width)
            head = Box((" " * hang,))
            if number == 0 and left and left[-1].width == hang:
                head = found.pop()
            found.append(beside([head, sign, first]))
            blank = Box((" " * (hang + sign.width),))
            found += [beside([blank, row]) for row in rest]
        return found

    def one_line(self, formula: Formula) -> Box | None:
        if len(formula.parts) > 1:
            return None
        boxes = [] if formula.left is None else [self.typesetter.box(formula.left)]
        for mark, node in formula.parts:
            boxes += [Box((self.typesetter.line(Sign(mark)),)), self.typesetter.box(node)]
        return beside(boxes)

    def broken(self, node: Node, room: int) -> list[Box]:
        rows = lines(node, room, lambda n: self.typesetter.box(n).width)
        return [self.typesetter.box(row) for row in rows]
