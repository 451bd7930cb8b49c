"""A document as Markdown with ``$$`` displays, as GitHub, MyST and notebooks read it."""

from __future__ import annotations

import re

from bntheory.rendering import latex
from bntheory.rendering.document import Block, Document, Formula, Items, Section, Words


def escape(text: str) -> str:
    """Return plain words as Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", text)


def write(document: Document) -> str:
    """Write a document as Markdown."""
    parts = [f"# {escape(document.title)}"]
    parts += [escape(line) for line in document.subtitle]
    parts += _blocks(document.opening)
    for section in document.sections:
        parts += _section(section)
    parts += _blocks(document.closing)
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> list[str]:
    heading = escape(section.heading)
    if section.number is None:
        return [f"## {heading}", *_blocks(section.blocks)]
    return [f"### {section.number}. {heading}", *_blocks(section.blocks)]


def _blocks(blocks: tuple[Block, ...]) -> list[str]:
    parts = []
    for block in blocks:
        if isinstance(block, Formula):
            tag = rf" \tag{{{block.tag}}}" if block.tag else ""
            # A star could begin an emphasis where the mathematics is not recognized as such.
            display = latex.display(block).replace("^{*}", r"^{\ast}")
            parts.append(f"$$\n{display}{tag}\n$$")
        elif isinstance(block, Items):
            parts.append("\n".join(f"- {escape(entry)}" for entry in block.entries))
        else:
            parts.append(_words(block))
    return parts


def _words(words: Words) -> str:
    text = escape(words.text)
    if words.tone == "failure":
        return f"> **❌ {text}**"
    if words.tone == "check":
        return f"*{text}*"
    return f"**{text}**" if words.tone in ("approximation", "verdict") else text
