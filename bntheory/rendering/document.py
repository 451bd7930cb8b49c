"""A document: headings, sentences, lists and formulas, whatever they end up in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bntheory.rendering.tree import Node

Tone = Literal["plain", "check", "approximation", "failure", "verdict"]


@dataclass(frozen=True)
class Words:
    """A sentence or several."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Items:
    """A list."""

    entries: tuple[str, ...]


@dataclass(frozen=True)
class Formula:
    """A displayed formula, ``left mark node mark node ...``, perhaps without a left-hand side."""

    left: Node | None
    parts: tuple[tuple[str, Node], ...]
    tag: str = ""


Block = Words | Items | Formula


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; a numbered section is a step."""

    heading: str
    blocks: tuple[Block, ...]
    number: int | None = None


@dataclass(frozen=True)
class Document:
    """All that is said about a statement or its derivation."""

    title: str
    subtitle: tuple[str, ...]
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
    closing: tuple[Block, ...] = ()
