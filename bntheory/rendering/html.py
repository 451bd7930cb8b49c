"""A document as one page of HTML with MathML: no scripts, no fonts or images from elsewhere.

A formula is several ``math`` elements in a row, broken where a line may break, so that the browser
fills lines of whatever width there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape

from bntheory.rendering import names
from bntheory.rendering.breaking import breadth, pieces
from bntheory.rendering.document import Block, Document, Formula, Items, Section, Words
from bntheory.rendering.style import STYLE
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
)

#: The widest piece that a line cannot break, in digits: what a phone shows.
ROOM = 35

MARKS = {
    "-": "−", "neg": "−", "!=": "≠", "<": "&lt;", ">": "&gt;", "<=": "≤", ">=": "≥", "~": "≈",
    ".": "·", "||": "‖", "oo": "∞", "pi": "π", "int": "∫", "sum": "∑", "partial": "∂", "->": "→",
    "'": "′", "*": "∗",
}  # fmt: skip
LETTERS = {"oo", "pi", "partial", "d"}
BRACKETS = {"(": "prefix", "[": "prefix", "{": "prefix", ")": "postfix", "]": "postfix",
            "}": "postfix"}  # fmt: skip
GREEK_WORDS = {"Gamma": "Γ", "Theta": "Θ", "psi": "ψ"}
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
TIGHT = 'lspace="0" rspace="0"'
#: The space before and after an operation; relations have more.
SPACE = {"+": "0.22em", "-": "0.22em", ".": "0.17em", ",": "0", ";": "0", "/": "0"}
THIN = '<mspace width="0.17em"/>'


def mathml(node: Node) -> str:
    """Return the presentation MathML of a tree, as one element."""
    if isinstance(node, Name):
        return _name(node.id)
    if isinstance(node, Letter):
        return _letter(node)
    if isinstance(node, Number):
        return f"<mn>{node.digits}</mn>"
    if isinstance(node, Word):
        return _word(node.text)
    if isinstance(node, Sign):
        return _sign(node)
    if isinstance(node, Row):
        return _row(map(mathml, node.items))
    if isinstance(node, Product):
        return _row([THIN.join(map(mathml, node.factors))])
    if isinstance(node, Sum):
        parts = []
        for place, (sign, term) in enumerate(node.terms):
            if place or sign == "-":
                parts.append(mathml(Sign(sign if place else "neg")))
            parts.append(mathml(term))
        return _row(parts)
    if isinstance(node, Frac):
        return f"<mfrac>{mathml(node.top)}{mathml(node.bottom)}</mfrac>"
    if isinstance(node, Root):
        return f"<msqrt>{mathml(node.body)}</msqrt>"
    if isinstance(node, Sup):
        base = names.tree(node.base.id) if isinstance(node.base, Name) else node.base
        if isinstance(base, Sub):
            return f"<msubsup>{_all(base.base, base.lower, node.upper)}</msubsup>"
        return f"<msup>{mathml(node.base)}{mathml(node.upper)}</msup>"
    if isinstance(node, Sub):
        return f"<msub>{mathml(node.base)}{mathml(node.lower)}</msub>"
    if isinstance(node, Accent):
        mark = f'<mo stretchy="false">{ACCENTS[node.mark]}</mo>'
        return f'<mover accent="true">{mathml(node.base)}{mark}</mover>'
    if isinstance(node, Fence):
        return _fenced(node.opening, mathml(node.body), node.closing, names.is_tall(node.body))
    if isinstance(node, Stack):
        return f"<munderover>{_all(node.operator, node.below, node.above)}</munderover>"
    if isinstance(node, Cases):
        rows = "".join(f"<mtr>{_cell(value)}{_cell(c)}</mtr>" for value, c in node.rows)
        return _fenced("{", f'<mtable class="cases">{rows}</mtable>', "")
    assert isinstance(node, Grid)
    rows = "".join(f"<mtr>{''.join(map(_cell, row))}</mtr>" for row in node.rows)
    return _fenced("[", f"<mtable>{rows}</mtable>", "]")


def _fenced(opening: str, body: str, closing: str, tall: bool = True) -> str:
    stretchy = "true" if tall else "false"
    brackets = [
        f'<mo form="{form}" stretchy="{stretchy}" {TIGHT}>{MARKS.get(mark, mark)}</mo>'
        for mark, form in ((opening, "prefix"), (closing, "postfix"))
    ]
    return _row([brackets[0], body, brackets[1] if closing else ""])


def _all(*nodes: Node) -> str:
    return "".join(map(mathml, nodes))


def _row(parts: Iterable[str]) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _cell(node: Node) -> str:
    return f"<mtd>{mathml(node)}</mtd>"


@cache
def _name(id: str) -> str:
    return mathml(names.tree(id))


def _letter(letter: Letter) -> str:
    text = escape(letter.text)
    if letter.style == "bold":
        return f'<mi mathvariant="normal" style="font-weight:bold">{text}</mi>'
    if letter.style == "double":
        return "<mi>𝔼</mi>" if text == "E" else f"<mi>{text}</mi>"
    if letter.style == "script":
        return "<mi>ℒ</mi>" if text == "L" else f"<mi>{text}</mi>"
    return f"<mi>{text}</mi>"


def _word(word: str) -> str:
    if word in GREEK_WORDS:
        return f'<mi mathvariant="normal">{GREEK_WORDS[word]}</mi>'
    if word.isalpha() and word != "otherwise":
        normal = ' mathvariant="normal"' if len(word) == 1 else ""
        return f"<mi{normal}>{word}</mi>"
    return f"<mtext>{escape(word).replace(' ', '&#160;')}</mtext>"


def _sign(sign: Sign) -> str:
    mark = MARKS.get(sign.mark, sign.mark)
    if sign.mark in LETTERS:
        return f"<mi>{mark}</mi>"
    if sign.mark in BRACKETS:
        size = 'minsize="1.8em" maxsize="1.8em"' if sign.tall else 'stretchy="false"'
        return f'<mo form="{BRACKETS[sign.mark]}" {size} {TIGHT}>{mark}</mo>'
    if sign.mark in ("'", "*", "||", "?", "neg"):
        return f'<mo form="prefix" stretchy="false" {TIGHT}>{mark}</mo>'
    form = "prefix" if sign.mark in ("int", "sum") else "infix"
    space = SPACE.get(sign.mark, "0.28em") if form == "infix" else "0"
    after = "0.17em" if sign.mark in (",", ";") else space
    return f'<mo form="{form}" lspace="{space}" rspace="{after}">{mark}</mo>'


# -- pages ---------------------------------------------------------------------------------------

def write(*documents: Document) -> str:
    """Write documents as one self-contained page."""
    title = ", ".join(document.title for document in documents)
    body = "\n".join(map(article, documents))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>
body {{ margin: 0; background: Canvas; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #16181b; }} }}
{STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"""


def fragment(document: Document) -> str:
    """Write a document for a notebook, with its style."""
    return f"<div><style>{STYLE}</style>{article(document)}</div>"


def article(document: Document) -> str:
    """Write a document as an ``article``."""
    rows = [f"<header><h1>{escape(document.title)}</h1>"]
    rows += [f'<p class="subtitle">{escape(line)}</p>' for line in document.subtitle]
    rows += ["</header>", *blocks(document.opening)]
    for part in document.sections:
        rows += section(part)
    if document.closing:
        rows += ["<footer>", *blocks(document.closing), "</footer>"]
    return '<article class="bntheory">\n' + "\n".join(rows) + "\n</article>"


def section(given: Section) -> list[str]:
    """Return the lines of a section."""
    heading = escape(given.heading)
    if given.number is None:
        heading = f"<h2>{heading}</h2>"
    else:
        heading = f"<h3>{given.number}. {heading}</h3>"
    return ["<section>", heading, *blocks(given.blocks), "</section>"]


def blocks(given: tuple[Block, ...]) -> list[str]:
    """Return the lines of formulas, words and lists."""
    rows = []
    for block in given:
        if isinstance(block, Formula):
            rows.append(display(block))
        elif isinstance(block, Items):
            items = "".join(f"<li>{escape(entry)}</li>" for entry in block.entries)
            rows.append(f"<ul>{items}</ul>")
        else:
            rows.append(_words(block))
    return rows


def _words(words: Words) -> str:
    role = ' role="alert"' if words.tone == "failure" else ""
    kind = "" if words.tone == "plain" else f' class="{words.tone}"'
    return f"<p{kind}{role}>{escape(words.text)}</p>"


def display(shown: Formula) -> str:
    """Return a displayed formula whose lines break where the page is too narrow."""
    rows = []
    if shown.left is not None and shown.parts:
        mark, _ = shown.parts[0]
        rows.append(_pieces(shown.left, after=mark))
    elif shown.left is not None:
        rows.append(_pieces(shown.left))
    for number, (mark, node) in enumerate(shown.parts):
        rows.append(_pieces(node, before=mark if number else ""))
        if number + 1 < len(shown.parts):
            rows.append("<br/>")
    tag = f'<span class="tag">({shown.tag})</span>' if shown.tag else ""
    return f'<div class="formula"><div>{" ".join(rows)}</div>{tag}</div>'


def _pieces(node: Node, before: str = "", after: str = "") -> str:
    found = pieces(node, ROOM, breadth)
    if isinstance(node, Sum) and len(found) == 1 and len(node.terms) > 1:
        found = pieces(node, breadth(node) - 1, breadth)
    maths = [mathml(piece) for piece in found]
    if before:
        maths[0] = mathml(Sign(before)) + maths[0]
    if after:
        maths[-1] += mathml(Sign(after))
    return " ".join(f'<math display="inline" displaystyle="true">{m}</math>' for m in maths)
