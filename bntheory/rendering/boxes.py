"""Formulas as blocks of characters, two-dimensional where they have to be, or on one line.

Powers, roots and names stay on their line (``γ²``, ``√(1 - R²)``); fractions, matrices and cases
take the room they need.  Without Unicode the names are the identifiers of the notation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bntheory.rendering import names
from bntheory.rendering.tree import (
    Accent,
    Cases,
    Fence,
    Frac,
    Grid,
    Letter,
    Name,
    Node,
    Number,
    Product,
    Root,
    Row,
    Sign,
    Stack,
    Sub,
    Sum,
    Sup,
    Word,
    is_tall,
)

UPPER = str.maketrans("0123456789-*'", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻*′")
LOWER = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
PLAIN_MARKS = {
    "neg": "-", "+": " + ", "-": " - ", ",": ", ", ";": "; ", ".": ".", "||": "|", "partial": "d",
    "->": " -> ", "sum": "sum", "~": " ~ ",
    **{mark: f" {mark} " for mark in ("=", "!=", "<", ">", "<=", ">=")},
}  # fmt: skip
MARKS = PLAIN_MARKS | {
    ".": "·", "||": "‖", "partial": "∂", "sum": "Σ", "int": "∫", "oo": "∞", "pi": "π", "->": " → ",
    "!=": " ≠ ", "<=": " ≤ ", ">=": " ≥ ", "'": "′", "~": " ≈ ",
}  # fmt: skip
GREEK_WORDS = {"Gamma": "Γ", "Theta": "Θ", "psi": "ψ"}
TALL = {
    "(": "⎛⎜⎝", ")": "⎞⎟⎠", "[": "⎡⎢⎣", "]": "⎤⎥⎦", "{": "⎧⎪⎩", "}": "⎫⎪⎭", "|": "│││", "||": "‖‖‖",
}  # fmt: skip
PLAIN_TALL = {
    "(": "/|\\", ")": "\\|/", "[": "[[[", "]": "]]]", "{": "{{{", "}": "}}}",
    "|": "|||", "||": "|||",
}  # fmt: skip
ACCENTS = {"hat": ("\u0302", "^"), "bar": ("\u0304", "¯"), "tilde": ("\u0303", "~")}


@dataclass(frozen=True)
class Box:
    """Lines of equal width, one of which stands on the baseline."""

    rows: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.rows[0])


def beside(boxes: Sequence[Box]) -> Box:
    """Put boxes side by side on one baseline."""
    above = max(box.base for box in boxes)
    below = max(len(box.rows) - box.base for box in boxes)
    columns = []
    for box in boxes:
        blank = " " * box.width
        top = above - box.base
        columns.append(
            [blank] * top + list(box.rows) + [blank] * (above + below - top - len(box.rows))
        )
    return Box(tuple("".join(row) for row in zip(*columns, strict=True)), above)


def over(boxes: Sequence[Box], base: int, center: bool = True) -> Box:
    """Stack boxes, the one of number ``base`` on the baseline."""
    width = max(box.width for box in boxes)
    fit: Callable[[str, int], str] = str.center if center else str.ljust
    rows = [fit(row, width) for box in boxes for row in box.rows]
    return Box(tuple(rows), sum(len(box.rows) for box in boxes[:base]) + boxes[base].base)


class Typesetter:
    """Writes trees in characters, with or without Unicode."""

    def __init__(self, use_unicode: bool = True) -> None:
        self.use_unicode = use_unicode
        self.marks = MARKS if use_unicode else PLAIN_MARKS
        self.tall = TALL if use_unicode else PLAIN_TALL

    # -- on one line -----------------------------------------------------------------------------

    def line(self, node: Node) -> str:
        """Return a formula on one line."""
        if isinstance(node, Name):
            return self.line(names.tree(node.id)) if self.use_unicode else node.id
        if isinstance(node, Letter):
            return node.text
        if isinstance(node, Number):
            return node.digits
        if isinstance(node, Word):
            return GREEK_WORDS.get(node.text, node.text) if self.use_unicode else node.text
        if isinstance(node, Sign):
            return self.marks.get(node.mark, node.mark)
        if isinstance(node, Row):
            return self._row(node.items)
        if isinstance(node, Product):
            return " ".join(
                f"({self.line(f)})" if isinstance(f, Frac) else self.line(f) for f in node.factors
            )
        if isinstance(node, Sum):
            first, *rest = node.terms
            signed = [f" {sign} {self.line(term)}" for sign, term in rest]
            return ("-" if first[0] == "-" else "") + self.line(first[1]) + "".join(signed)
        if isinstance(node, Frac):
            bottom = self.line(node.bottom)
            loose = isinstance(node.bottom, (Product, Sum, Frac))
            top = self._closed(node.top, (Sum, Frac))
            return f"{top}/({bottom})" if loose else f"{top}/{bottom}"
        if isinstance(node, Root):
            return self._root(node)
        if isinstance(node, Sup):
            return self.line(node.base) + self._upper(node.upper)
        if isinstance(node, Sub):
            return self.line(node.base) + self._lower(node.lower)
        if isinstance(node, Accent):
            return self._accent(node)
        if isinstance(node, Fence):
            marks = (self.marks.get(mark, mark) for mark in (node.opening, node.closing))
            return self.line(node.body).join(marks)
        if isinstance(node, Stack):
            below, above = self._lower(node.below), self._upper(node.above)
            return self.line(node.operator) + below + (above if self.line(node.above) else "")
        if isinstance(node, Cases):
            rows = (f"{self.line(value)} {self.line(c)}" for value, c in node.rows)
            return "{" + "; ".join(rows) + "}"
        assert isinstance(node, Grid)
        return "[" + ", ".join(f"[{', '.join(map(self.line, r))}]" for r in node.rows) + "]"

    def _row(self, items: tuple[Node, ...]) -> str:
        text = ""
        for place, item in enumerate(items):
            before = items[place - 1] if place else None
            derivative = isinstance(before, Sub) and before.base == Sign("partial")
            fraction = isinstance(before, Frac) and isinstance(item, Sub)
            text += " " * (derivative or fraction) + self.line(item)
        return text

    def _closed(self, node: Node, loose: tuple[type, ...]) -> str:
        return f"({self.line(node)})" if isinstance(node, loose) else self.line(node)

    def _root(self, node: Root) -> str:
        body = self.line(node.body)
        if not self.use_unicode:
            return f"sqrt({body})"
        return f"√{body}" if body.isalnum() else f"√({body})"

    def _upper(self, node: Node) -> str:
        text = self.line(node)
        if self.use_unicode and all(ord(character) in UPPER for character in text):
            return text.translate(UPPER)
        if text.startswith("[") or text in ("*", "'"):
            return text
        return f"^{text}" if text.isalnum() else f"^({text})"

    def _lower(self, node: Node) -> str:
        text = self.line(node)
        if self.use_unicode and text.isdigit():
            return text.translate(LOWER)
        return f"_{text}" if text.isalnum() else f"_({text})"

    def _accent(self, node: Accent) -> str:
        base = self.line(node.base)
        combining, spacing = ACCENTS[node.mark]
        one = unicodedata.normalize("NFC", base + combining)
        return one if len(one) == 1 and self.use_unicode else base + spacing

    # -- in two dimensions -----------------------------------------------------------------------

    def box(self, node: Node) -> Box:
        """Return a formula as a box."""
        if not is_tall(node):
            return Box((self.line(node),))
        if isinstance(node, Row):
            return beside([self.box(item) for item in node.items])
        if isinstance(node, Product):
            parts = [self.box(factor) for factor in node.factors]
            return beside([b for part in parts for b in (Box((" ",)), part)][1:])
        if isinstance(node, Sum):
            return self._sum(node)
        if isinstance(node, Frac):
            top, bottom = self.box(node.top), self.box(node.bottom)
            bar = ("─" if self.use_unicode else "-") * max(top.width, bottom.width)
            return over([top, Box((bar,)), bottom], 1)
        if isinstance(node, Sup):
            under = node.base if isinstance(node.base, Sub) else None
            base = self.box(under.base if under else node.base)
            column = [self._upper(node.upper), *[""] * base.base]
            if under:
                column[-1] += self._lower(under.lower)
            return beside([base, over([Box((row,)) for row in column], len(column) - 1, False)])
        if isinstance(node, Sub):
            return beside([self.box(node.base), Box((self._lower(node.lower),))])
        if isinstance(node, Root):
            return Box((self._root(node),))
        if isinstance(node, Fence):
            body = self.box(node.body)
            brackets = [self._bracket(mark, body) for mark in (node.opening, node.closing)]
            return beside([brackets[0], body, brackets[1]])
        if isinstance(node, Stack):
            limits = [Box((self.line(limit),)) for limit in (node.above, node.below)]
            return over([limits[0], self.box(node.operator), limits[1]], 1)
        if isinstance(node, Cases):
            return self._cases(node)
        assert isinstance(node, Grid)
        return self._grid(node)

    def _sum(self, node: Sum) -> Box:
        parts: list[Box] = []
        for place, (sign, term) in enumerate(node.terms):
            if place:
                parts.append(Box((f" {sign} ",)))
            elif sign == "-":
                parts.append(Box(("-" if not is_tall(term) else "- ",)))
            parts.append(self.box(term))
        return beside(parts)

    def _bracket(self, mark: str, body: Box) -> Box:
        height = len(body.rows)
        if height == 1:
            return Box((self.marks.get(mark, mark),))
        top, middle, bottom = tuple(self.tall[mark])
        return Box((top, *[middle] * (height - 2), bottom), body.base)

    def _cases(self, node: Cases) -> Box:
        left, right = (self._column([row[n] for row in node.rows]) for n in (0, 1))
        rows = [beside([a, Box(("  ",)), b]) for a, b in zip(left, right, strict=True)]
        body = over(rows, 0, center=False)
        height = len(body.rows)
        body = Box(body.rows, (height - 1) // 2)
        if not self.use_unicode:
            return beside([Box(("{ ",) * height, body.base), body])
        brace = ["⎪ "] * height
        brace[0], brace[-1] = "⎧ ", "⎩ "
        if height > 2:
            brace[height // 2] = "⎨ "
        return beside([Box(tuple(brace), body.base), body])

    def _column(self, nodes: list[Node]) -> list[Box]:
        boxes = [self.box(node) for node in nodes]
        width = max(box.width for box in boxes)
        return [Box(tuple(row.ljust(width) for row in b.rows), b.base) for b in boxes]

    def _grid(self, node: Grid) -> Box:
        columns = [self._column(list(column)) for column in zip(*node.rows, strict=True)]
        rows = []
        for row in zip(*columns, strict=True):
            rows.append(beside([b for cell in row for b in (Box(("  ",)), cell)][1:]))
        if any(len(row.rows) > 1 for row in rows):
            blank = Box((" ",))
            rows = [r for row in rows for r in (blank, row)][1:]
        body = over(rows, 0, center=False)
        body = Box(body.rows, (len(body.rows) - 1) // 2)
        return beside([self._bracket("[", body), body, self._bracket("]", body)])
