"""Breaking a formula that is too wide: at its plus signs, and inside brackets where it must.

The pieces are trees again, so each writer breaks in the same way and only measures differently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    as_factor,
    is_joint,
)

Measure = Callable[[Node], float]


def lines(node: Node, room: float, size: Measure) -> list[Node]:
    """Return a formula as lines that fit into ``room``, as far as it can be broken."""
    found: list[Node] = []
    for piece in pieces(node, room, size):
        joined = Row((found[-1], piece)) if found else piece
        if found and size(joined) <= room:
            found[-1] = joined
        else:
            found.append(piece)
    return found


def pieces(node: Node, room: float, size: Measure) -> list[Node]:
    """Return what a formula falls into when no piece may be wider than ``room``."""
    if size(node) <= room:
        return [node]
    if isinstance(node, Sum):
        return _terms(node, room, size)
    if isinstance(node, Product):
        return _factors(node, room, size)
    if isinstance(node, Row):
        return _glued(node.items, False, room, size)
    if isinstance(node, Fence):
        return _fenced(node, pieces(node.body, room - 2 * size(Sign(node.opening)), size))
    if isinstance(node, Frac):
        top = as_factor(node.top)
        bottom = Fence("(", node.bottom, ")") if is_joint(node.bottom) else node.bottom
        return _glued((top, Sign("/"), bottom), False, room, size)
    if isinstance(node, Root):
        return pieces(Row((Word("sqrt"), Fence("(", node.body, ")"))), room, size)
    if isinstance(node, (Sup, Sub)):
        *rest, last = pieces(node.base, room, size)
        if isinstance(last, Row) and last.items:  # the exponent belongs to the closing bracket
            *body, end = last.items
            return [*rest, Row((*body, _indexed(node, end)))]
        return [*rest, _indexed(node, last)]
    if isinstance(node, Cases):
        cases = [Row((value, Sign(","), condition)) for value, condition in node.rows]
        return pieces(Fence("{", _separated(cases, ";"), "}"), room, size)
    if isinstance(node, Grid):
        rows = [Fence("[", _separated(row, ","), "]") for row in node.rows]
        return pieces(Fence("[", _separated(rows, ","), "]"), room, size)
    return [node]


def _factors(node: Product, room: float, size: Measure) -> list[Node]:
    fraction, *others = node.factors
    if isinstance(fraction, Frac) and size(fraction) > room:
        # with a slash, the other factors belong before it
        top = others if fraction.top == Number("1") else [fraction.top, *others]
        return pieces(Frac(Product(tuple(top)), fraction.bottom), room, size)
    return _glued(node.factors, True, room, size)


def _indexed(node: Sup | Sub, base: Node) -> Node:
    return Sup(base, node.upper) if isinstance(node, Sup) else Sub(base, node.lower)


def _separated(nodes: Sequence[Node], mark: str) -> Row:
    return Row(tuple(Row((n, Sign(mark))) for n in nodes[:-1]) + (nodes[-1],))


def _terms(node: Sum, room: float, size: Measure) -> list[Node]:
    found: list[Node] = []
    for place, (sign, term) in enumerate(node.terms):
        if place == 0 and sign == "+":
            found += pieces(term, room, size)
        else:
            first, *rest = pieces(term, room - size(Sign(sign)), size)
            mark = Sign("neg") if place == 0 else Sign(sign)
            found += [Row((mark, first)), *rest]
    return found


def _glued(items: Sequence[Node], loose: bool, room: float, size: Measure) -> list[Node]:
    """Break side by side; a short item stays with the one after it, which has to make room."""
    found: list[Node] = []
    for item in items:
        taken = size(found[-1]) + 1 if found else 0
        first, *rest = pieces(item, room - taken if taken <= room / 3 else room, size)
        joined = (Product if loose else Row)((found[-1], first)) if found else first
        if found and size(joined) <= room:
            found[-1] = joined
        else:
            found.append(first)
        found += rest
    return found


def _fenced(node: Fence, body: list[Node]) -> list[Node]:
    tall = names.is_tall(node.body)
    opening, closing = Sign(node.opening, tall), Sign(node.closing, tall)
    if len(body) == 1:
        return [Row((opening, body[0], closing))]
    return [Row((opening, body[0])), *body[1:-1], Row((body[-1], closing))]


def breadth(node: Node) -> float:
    """Estimate the width of a typeset formula in widths of a digit."""
    if isinstance(node, Name):
        return breadth(names.tree(node.id))
    if isinstance(node, (Letter, Word)):
        return 1.1 * len(node.text)
    if isinstance(node, Number):
        return len(node.digits)
    if isinstance(node, Sign):
        return {"+": 2.6, "-": 2.6, "=": 3, ",": 1}.get(node.mark, 1.2)
    if isinstance(node, Row):
        return sum(map(breadth, node.items))
    if isinstance(node, Product):
        return sum(map(breadth, node.factors)) + 0.4 * (len(node.factors) - 1)
    if isinstance(node, Sum):
        return sum(breadth(term) + 2.6 for _, term in node.terms) - 2.6
    if isinstance(node, Frac):
        return max(breadth(node.top), breadth(node.bottom)) + 0.6
    if isinstance(node, Root):
        return breadth(node.body) + 2
    if isinstance(node, Sup):
        return breadth(node.base) + 0.7 * breadth(node.upper)
    if isinstance(node, Sub):
        return breadth(node.base) + 0.7 * breadth(node.lower)
    if isinstance(node, Accent):
        return breadth(node.base)
    if isinstance(node, Fence):
        return breadth(node.body) + (2 if names.is_tall(node.body) else 1.4)
    if isinstance(node, Stack):
        limits = max(breadth(node.below), breadth(node.above))
        return max(breadth(node.operator) + 0.5, 0.7 * limits)
    if isinstance(node, Cases):
        return 3 + sum(max(map(breadth, column)) for column in zip(*node.rows, strict=True))
    assert isinstance(node, Grid)
    columns = zip(*node.rows, strict=True)
    return 2 + sum(max(map(breadth, column)) + 2 for column in columns)
