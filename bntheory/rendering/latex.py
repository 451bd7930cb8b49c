"""A document as LaTeX that pdflatex compiles, and formulas as LaTeX."""

from __future__ import annotations

import re

from bntheory.rendering import names
from bntheory.rendering.breaking import breadth, lines
from bntheory.rendering.document import Block, Document, Formula, Items, Section, Words
from bntheory.rendering.text import ascii_only
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

#: The width of a line, in digits.
ROOM = 66

MARKS = {
    "+": " + ", "-": " - ", "neg": "-", "=": " = ", "!=": r" \neq ", "<": " < ", ">": " > ",
    "<=": r" \le ", ">=": r" \ge ", "~": r" \approx ", ",": ", ", ";": r";\; ", ".": r" \cdot ",
    "||": r"\Vert ", "{": r"\{", "}": r"\}", "oo": r"\infty", "pi": r"\pi", "int": r"\int",
    "sum": r"\sum", "partial": r"\partial ", "->": r" \to ", "*": r"\ast",
}  # fmt: skip
OPERATORS = {"arcsin", "arccos", "arctan", "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp",
             "log", "max", "min", "lim"}  # fmt: skip
STYLES = {"bold": r"\mathbf", "double": r"\mathbb", "script": r"\mathcal"}
OPENING, CLOSING = "([{", ")]}"


def formula(node: Node) -> str:
    """Return the LaTeX of a tree."""
    if isinstance(node, Name):
        return names.latex(node.id)
    if isinstance(node, Letter):
        return f"{STYLES[node.style]}{{{node.text}}}" if node.style in STYLES else node.text
    if isinstance(node, Number):
        return node.digits
    if isinstance(node, Word):
        return _word(node.text)
    if isinstance(node, Sign):
        return _sign(node)
    if isinstance(node, Row):
        return "".join(map(formula, node.items))
    if isinstance(node, Product):
        return r" \, ".join(map(formula, node.factors))
    if isinstance(node, Sum):
        first, *rest = node.terms
        return ("-" if first[0] == "-" else "") + formula(first[1]) + "".join(
            f" {sign} {formula(term)}" for sign, term in rest
        )
    if isinstance(node, Frac):
        return rf"\frac{{{formula(node.top)}}}{{{formula(node.bottom)}}}"
    if isinstance(node, Root):
        return rf"\sqrt{{{formula(node.body)}}}"
    if isinstance(node, Sup):
        return f"{_base(node.base)}^{{{formula(node.upper)}}}"
    if isinstance(node, Sub):
        return f"{_base(node.base)}_{{{formula(node.lower)}}}"
    if isinstance(node, Accent):
        return rf"\{node.mark}{{{formula(node.base)}}}"
    if isinstance(node, Fence):
        left, right = (MARKS.get(mark, mark) for mark in (node.opening, node.closing))
        if names.is_tall(node.body):
            left, right = rf"\left{left}", rf"\right{right}"
        return f"{left}{formula(node.body)}{right}"
    if isinstance(node, Stack):
        above = formula(node.above)
        limits = f"_{{{formula(node.below)}}}" + (f"^{{{above}}}" if above else "")
        return formula(node.operator) + limits
    if isinstance(node, Cases):
        rows = (f"{formula(value)} & {formula(condition)}" for value, condition in node.rows)
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"
    assert isinstance(node, Grid)
    rows = (" & ".join(map(formula, row)) for row in node.rows)
    return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"


def _word(word: str) -> str:
    if word in OPERATORS:
        return f"\\{word}"
    if word in names.GREEK:
        return rf"\{word}"
    if word in ("e", "i"):
        return rf"\mathrm{{{word}}}"
    if word.isalpha() and word != "otherwise":
        return rf"\operatorname{{{word}}}"
    return rf"\text{{{escape(word)}}}"


def _sign(sign: Sign) -> str:
    mark = MARKS.get(sign.mark, sign.mark)
    if not sign.tall:
        return mark
    return (r"\Bigl" if sign.mark in OPENING else r"\Bigr" if sign.mark in CLOSING else "") + mark


def _base(node: Node) -> str:
    text = formula(node)
    plain = isinstance(node, (Letter, Number, Fence, Sub, Accent)) or (
        isinstance(node, Name) and isinstance(names.tree(node.id), (Letter, Sub, Accent))
    )
    return text if plain else f"{{{text}}}"


# -- displays ------------------------------------------------------------------------------------


def display(shown: Formula, room: float = ROOM) -> str:
    """Return a displayed formula, broken over lines where it is wider than ``room`` digits."""
    left, parts = shown.left, shown.parts
    width = sum(breadth(node) + 3 for _, node in parts) + (breadth(left) if left else 0)
    if width <= room and len(parts) <= 1:
        right = "".join(MARKS[mark] + formula(node) for mark, node in parts)
        return (formula(left) if left else "") + right
    rows: list[str] = []
    head, hang = "", 4.0
    if left is not None:
        if parts and breadth(left) <= room / 3:
            head, hang = formula(left), breadth(left) + 3
        else:
            first, *rest = lines(left, room - 2, breadth)
            rows = [f"&{formula(first)}", *(rf"&\quad {_continued(row)}" for row in rest)]
    for mark, node in parts:
        first, *rest = lines(node, room - hang, breadth)
        indent = "" if head or hang > 4 else r"\quad "
        rows.append(rf"{head} &{indent}{MARKS[mark].strip()} {formula(first)}")
        rows += [rf"&{indent}\quad {_continued(row)}" for row in rest]
        head = ""
    if len(rows) == 1:
        return rows[0].replace("&", "", 1).strip()
    return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"


def _continued(row: Node) -> str:
    return "{}" + formula(row)


# -- documents -----------------------------------------------------------------------------------

PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath,amssymb}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em plus 0.2em}
\raggedbottom
\begin{document}
"""
ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"$\sim$",
    "<": "$<$", ">": "$>$", "|": "$|$", "->": r"$\to$", "<=": r"$\le$", ">=": r"$\ge$", '"': "''",
}  # fmt: skip


def escape(text: str) -> str:
    """Return plain words as LaTeX."""
    special = r"->|<=|>=|[\\{}$&#%_^~<>|\"]"
    return re.sub(special, lambda match: ESCAPES[match[0]], ascii_only(text))


def write(*documents: Document) -> str:
    """Write documents as one LaTeX article, in ASCII."""
    body = "\n\\clearpage\n".join("\n".join(_body(document)) for document in documents)
    return f"{PREAMBLE}{body}\n\\end{{document}}\n"


def _body(document: Document) -> list[str]:
    rows = [rf"\section*{{{escape(document.title)}}}"]
    rows += [escape(line) + r"\par" for line in document.subtitle]
    rows += _blocks(document.opening)
    for section in document.sections:
        rows += _section(section)
    if document.closing:
        rows.append(r"\medskip\hrule\medskip")
    return rows + _blocks(document.closing)


def _section(section: Section) -> list[str]:
    heading = escape(section.heading)
    if section.number is None:
        return [rf"\subsection*{{{heading}}}", *_blocks(section.blocks)]
    return [rf"\subsubsection*{{{section.number}. {heading}}}", *_blocks(section.blocks)]


def _blocks(blocks: tuple[Block, ...]) -> list[str]:
    rows = []
    for block in blocks:
        if isinstance(block, Formula):
            tag = rf" \tag{{{block.tag}}}" if block.tag else ""
            rows.append(rf"\begin{{equation*}} {display(block)}{tag} \end{{equation*}}")
        elif isinstance(block, Items):
            items = "\n".join(rf"\item {escape(entry)}" for entry in block.entries)
            rows.append(f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}")
        else:
            rows.append(_words(block))
    return rows


def _words(words: Words) -> str:
    text = escape(words.text)
    if words.tone == "failure":
        return rf"\fbox{{\parbox{{0.95\linewidth}}{{\textbf{{{text}}}}}}}\par"
    if words.tone == "check":
        return rf"{{\small\itshape {text}\par}}"
    if words.tone in ("approximation", "verdict"):
        return rf"\textbf{{{text}}}\par"
    return rf"{text}\par"
