"""Docstrings as reStructuredText, and the generated functions with their formulas.

In a docstring ``|w|`` is a length and ``x_`` is a letter, not the markup that they would be.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import sympy as sp
from blocks import raw, together
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bntheory.formula import Formula
from bntheory.rendering import html
from bntheory.rendering.breaking import breadth
from bntheory.rendering.document import Formula as Displayed
from bntheory.rendering.typeset import typeset

#: The widest formula that is shown, in digits: what is wider helps nobody.
WIDEST = 400
LITERAL = re.compile(r"(``.*?``|`.*?`)")
MARKUP = re.compile(r"\||(?<=\w)_(?!\w)")
#: Several attributes with one description; in a field with spaces the first would be its type.
SEVERAL = re.compile(r"^:(ivar|vartype) [^:]*, [^:]*:")


def escape(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Escape what would be markup by accident, outside literals, roles and examples."""
    for place, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            parts = LITERAL.split(line)
            parts[::2] = [MARKUP.sub(r"\\\g<0>", part) for part in parts[::2]]
            line = "".join(parts)
        lines[place] = SEVERAL.sub(lambda names: names[0].replace(", ", ","), line)


class Functions(SphinxDirective):
    """The functions of a module of formulas: docstring and formula of each."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = f"bntheory.formulas.{self.arguments[0]}"
        lines = []
        for name in import_module(path).__all__:
            lines += [f".. autofunction:: {path}.{name}", "", f"   .. formula-of:: {path}.{name}"]
            lines.append("")
        return self.parse_text_to_nodes("\n".join(lines))


class FormulaOf(SphinxDirective):
    """The expression that a function was generated from."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        module, _, name = self.arguments[0].rpartition(".")
        function: Formula = getattr(import_module(module), name)
        several = isinstance(function.expr, (tuple, sp.Tuple))
        parts = tuple(function.expr) if several else (function.expr,)
        shown = [node for node in map(typeset, parts) if breadth(node) <= WIDEST]
        return [together(raw(html.display(Displayed(node, ()))) for node in shown)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    app.connect("autodoc-process-docstring", escape)
    app.add_directive("functions-of", Functions)
    app.add_directive("formula-of", FormulaOf)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
