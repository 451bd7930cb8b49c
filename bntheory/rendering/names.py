r"""The names of symbols: their LaTeX, from :mod:`bntheory.notation`, and the tree that it means.

The notation gives each quantity one name, in LaTeX.  What MathML and a terminal show is read from
that, by a parser for the few commands that names use: ``\frac``, ``\hat``, ``\mathbf``, Greek.
"""

from __future__ import annotations

import re
from functools import cache

from bntheory.rendering.tree import Accent, Frac, Letter, Node, Number, Row, Sign, Sub, Sup, Word
from bntheory.rendering.tree import is_tall as tree_is_tall

GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi "
        "Omega".split(),
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
        strict=True,
    )
)
SIGNS = {"cdot": ".", "partial": "partial", "sum": "sum", "lVert": "||", "rVert": "||"}
LETTERS = {"ell": "ℓ", "parallel": "∥", "perp": "⊥", "prime": "′", "infty": "∞", "dagger": "†"}
STYLES = {"mathbf": "bold", "boldsymbol": "bold", "mathbb": "double", "mathcal": "script"}
ACCENTS = {"hat", "bar", "tilde"}
TOKEN = re.compile(r"\\[A-Za-z]+|\\,|\s+|.")


@cache
def latex(id: str) -> str:
    """Return the LaTeX of a symbol, made up from its identifier where the notation lacks it."""
    from bntheory.notation import BY_NAME

    if id in BY_NAME:
        return BY_NAME[id].latex
    match = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", id)
    if match is None:
        return r"\mathrm{" + re.sub("[^A-Za-z0-9]+", " ", id).strip().replace(" ", r"\,") + "}"
    word, digits = match.groups()
    letter = f"\\{word}" if word in GREEK else word if len(word) == 1 else rf"\mathrm{{{word}}}"
    return f"{letter}_{{{digits}}}" if digits else letter


@cache
def tree(id: str) -> Node:
    """Return the tree of a symbol."""
    return parse(latex(id))


def is_compound(id: str) -> bool:
    """Whether a symbol needs brackets under an exponent: it has one already, or several parts."""
    node = tree(id)
    if isinstance(node, Sub):
        node = node.base
    return not isinstance(node, (Letter, Accent, Word))


def is_tall(node: Node) -> bool:
    """Whether a formula is taller than a line when its names are set as fractions are."""
    return tree_is_tall(node, lambda id: isinstance(tree(id), Frac))


def parse(latex: str) -> Node:
    """Read the LaTeX of a name.

    Raises
    ------
    ValueError
        Where it uses a command that is not known here.
    """
    tokens = [token for token in TOKEN.findall(latex) if not token.isspace()]
    node = _row(tokens)
    if tokens:
        raise ValueError(f"unbalanced braces in {latex!r}")
    return node


def _row(tokens: list[str]) -> Node:
    items: list[Node] = []
    while tokens and tokens[0] != "}":
        token = tokens.pop(0)
        if token in "^_" and items:
            shape = Sup if token == "^" else Sub
            items.append(shape(items.pop(), _group(tokens)))
        else:
            items.append(_atom(token, tokens))
    return items[0] if len(items) == 1 else Row(tuple(items))


def _group(tokens: list[str]) -> Node:
    if not tokens:
        raise ValueError("an argument is missing")
    if tokens[0] != "{":
        return _atom(tokens.pop(0), tokens)
    tokens.pop(0)
    node = _row(tokens)
    if not tokens:
        raise ValueError("a brace is not closed")
    tokens.pop(0)
    return node


def _atom(token: str, tokens: list[str]) -> Node:
    if token == "{":
        tokens.insert(0, token)
        return _group(tokens)
    if not token.startswith("\\"):
        if token.isdigit():
            return Number(token)
        return Letter(token) if token.isalpha() else Sign(token)
    command = token[1:]
    if command == ",":
        return Letter(" ")
    if command in GREEK:
        return Letter(GREEK[command])
    if command in SIGNS:
        return Sign(SIGNS[command])
    if command in LETTERS:
        return Letter(LETTERS[command])
    if command == "frac":
        top = _group(tokens)
        return Frac(top, _group(tokens))
    if command in ACCENTS:
        return Accent(_group(tokens), command)
    if command in ("mathrm", "operatorname", "text"):
        return Word(_characters(_group(tokens)))
    if command in STYLES:
        return Letter(_characters(_group(tokens)), STYLES[command])
    raise ValueError(f"the command {token} is not known")


def _characters(node: Node) -> str:
    items = node.items if isinstance(node, Row) else (node,)
    return "".join(
        item.digits if isinstance(item, Number) else item.text
        for item in items
        if isinstance(item, (Letter, Number))
    )
