"""A formula as a small tree of boxes, from which text, LaTeX and MathML are written.

SymPy expressions become trees in :mod:`~bntheory.rendering.typeset`, the LaTeX names of
:mod:`bntheory.notation` in :mod:`~bntheory.rendering.names`.  The writers see these few shapes and
no SymPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


class Node:
    """A piece of a formula."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A symbol of the notation, by its identifier."""

    id: str


@dataclass(frozen=True, slots=True)
class Letter(Node):
    """One character, or several in one piece, in a style: italic, roman, bold, double, script."""

    text: str
    style: str = "italic"


@dataclass(frozen=True, slots=True)
class Number(Node):
    """Digits."""

    digits: str


@dataclass(frozen=True, slots=True)
class Word(Node):
    """Upright letters: the name of a function, or "if"."""

    text: str


@dataclass(frozen=True, slots=True)
class Sign(Node):
    """A mark: ``+ - = <= < , / . | ( ) [ ] oo pi int sum d partial``.

    A bracket that stands alone belongs to a formula that was broken over lines.
    """

    mark: str
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Row(Node):
    """Things side by side; ``loose`` where they are an operation that needs brackets as factor."""

    items: tuple[Node, ...]
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Factors, a thin space apart."""

    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """Terms with their signs, ``"+"`` or ``"-"``; the first ``"+"`` is not written."""

    terms: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Frac(Node):
    """A fraction."""

    top: Node
    bottom: Node


@dataclass(frozen=True, slots=True)
class Root(Node):
    """A square root."""

    body: Node


@dataclass(frozen=True, slots=True)
class Sup(Node):
    """A power or an upper index."""

    base: Node
    upper: Node


@dataclass(frozen=True, slots=True)
class Sub(Node):
    """A lower index."""

    base: Node
    lower: Node


@dataclass(frozen=True, slots=True)
class Accent(Node):
    """A mark over a letter: hat, bar or tilde."""

    base: Node
    mark: str


@dataclass(frozen=True, slots=True)
class Fence(Node):
    """A body in brackets: ``( )``, ``[ ]``, ``| |`` or ``|| ||``."""

    opening: str
    body: Node
    closing: str


@dataclass(frozen=True, slots=True)
class Stack(Node):
    """A large operator with its limits below and above."""

    operator: Node
    below: Node
    above: Node


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """A function in pieces: pairs of a value and a condition."""

    rows: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Grid(Node):
    """A matrix."""

    rows: tuple[tuple[Node, ...], ...]


def parenthesize(node: Node) -> Fence:
    """Put a node into round brackets."""
    return Fence("(", node, ")")


def as_factor(node: Node) -> Node:
    """Put a node into brackets where it could not stand in a product."""
    loose = isinstance(node, Sum) or (isinstance(node, Row) and node.loose)
    return parenthesize(node) if loose else node


def is_joint(node: Node) -> bool:
    """Whether a node needs brackets where a symbol would not, as under a slash."""
    return isinstance(node, (Sum, Product, Frac)) or (isinstance(node, Row) and node.loose)


def commas(nodes: Sequence[Node]) -> Node:
    """Put commas between nodes."""
    items: list[Node] = []
    for node in nodes:
        items += [node, Sign(",")]
    return Row(tuple(items[:-1]))


def is_tall(node: Node, tall_name: Callable[[str], bool] = lambda id: False) -> bool:
    """Whether a node is taller than a line; names are, where ``tall_name`` says so."""
    if isinstance(node, (Frac, Stack, Cases, Grid)):
        return True
    if isinstance(node, Name):
        return tall_name(node.id)
    return any(is_tall(part, tall_name) for part in _on_the_line(node))


def _on_the_line(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node that decide its height."""
    if isinstance(node, Sum):
        return tuple(term for _, term in node.terms)
    if isinstance(node, Row):
        return node.items
    if isinstance(node, Product):
        return node.factors
    if isinstance(node, (Sup, Sub)):
        return (node.base,)
    return (node.body,) if isinstance(node, (Root, Fence)) else ()
