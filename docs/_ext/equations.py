"""From each equation of the paper to its code: files, generated functions, and tests.

``.. statement-code:: prop4`` is the last part of the page of a statement, ``.. equations::`` a line
of links by the paper's numbers, ``.. map-of-code::`` the whole as a table.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import audited
from blocks import badge, joined, link, raw
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bntheory.codegen.catalogue import MODULES, origins
from bntheory.paper import BY_ID

# -- functions -----------------------------------------------------------------------------------


@cache
def functions() -> dict[str, dict[str, list[str]]]:
    """Return the generated functions of each statement: the modules that have it, by its name.

    A function belongs to the statement that it is generated from, and to those that derive the same
    result on their way.
    """
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    public = {module: import_module(f"bntheory.formulas.{module}").__all__ for module in MODULES}
    for module, name, id in origins():
        if name in public[module]:
            found[id][name].append(module)
    for id in audited.statements():
        derivation = audited.derivation(id)
        for name in derivation.results if derivation is not None else ():
            modules = [module for module in MODULES if name in public[module]]
            if modules:
                found[id][name] = modules
    return found


def function_links(id: str, docname: str) -> Iterator[nodes.Node]:
    """Yield the functions of a statement, with links to their reference."""
    for name, modules in functions()[id].items():
        links = [
            link(docname, f"bntheory.formulas.{module}.{name}", module, "py", "func")
            for module in modules
        ]
        yield nodes.inline(
            "", "", nodes.literal(text=name), nodes.Text(" ("), *joined(links, ", "),
            nodes.Text(")"),
        )  # fmt: skip


# -- tests ---------------------------------------------------------------------------------------


@cache
def tests() -> dict[str, list[str]]:
    """Return the tests that name a statement: its id, or its derivation or validation."""
    modules = {id.replace("-", "_"): id for id in audited.statements()}
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((audited.ROOT / "tests").rglob("test_*.py")):
        for id in sorted(_named(ast.parse(path.read_text(encoding="utf-8")), modules)):
            found[id].append(path.relative_to(audited.ROOT).as_posix())
    return found


def _named(tree: ast.Module, modules: dict[str, str]) -> set[str]:
    """Return the statements that a test names."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in audited.statements():
            found.add(node.value)
        if isinstance(node, ast.ImportFrom) and node.module in ("derivations", "validation"):
            found |= {modules[name.name] for name in node.names if name.name in modules}
    return found


# -- a statement ---------------------------------------------------------------------------------


class Code(SphinxDirective):
    """The files of a statement, its functions, and the tests that name it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        id = self.arguments[0]
        lines: list[nodes.Node] = []
        generated = list(function_links(id, self.env.docname))
        if generated:
            words = nodes.Text("Generated from it: "), *joined(generated, ", "), nodes.Text(".")
            lines.append(nodes.paragraph("", "", *words))
        named = [nodes.literal(text=path) for path in tests()[id]]
        if named:
            words = nodes.Text("Tests that name it: "), *joined(named, ", "), nodes.Text(".")
            lines.append(nodes.paragraph("", "", *words))
        for path in audited.files(id):
            lines += self._listing(path)
        return lines

    def _listing(self, path: Path) -> list[nodes.Node]:
        self.env.note_dependency(str(audited.ROOT / path))
        text = (audited.ROOT / path).read_text(encoding="utf-8")
        shown = nodes.literal_block(text, text, language="python")
        summary = f'<details class="listing"><summary><code>{path.as_posix()}</code></summary>'
        return [raw(summary), shown, raw("</details>")]


# -- all of them ---------------------------------------------------------------------------------

#: What the places of statements call the things of the paper that have numbers.
NUMBERED = {
    "Equation": r"Eqs?\. ",
    "Theorem": r"Thm\. ",
    "Proposition": r"Prop\. ",
    "Table": r"Table ",
}
NUMBERS = r"\(?(\d+)\)?(?:(?:-| and )\(?(\d+)\)?)?"


@cache
def numbered() -> dict[str, dict[int, list[str]]]:
    """Return the statements by number, for each kind of thing that has numbers."""
    found: dict[str, dict[int, list[str]]] = {kind: defaultdict(list) for kind in NUMBERED}
    for id, statement in BY_ID.items():
        for kind, name in NUMBERED.items():
            for first, last in re.findall(name + NUMBERS, statement.where):
                for number in range(int(first), int(last or first) + 1):
                    found[kind][number].append(id)
    return found


class Equations(SphinxDirective):
    """A line of links for each kind of thing that has numbers."""

    def run(self) -> list[nodes.Node]:
        lines = []
        for kind, by_number in numbered().items():
            links = []
            for number, ids in sorted(by_number.items()):
                for id in ids:
                    text = f"({number})" if kind == "Equation" else str(number)
                    text = text if len(ids) == 1 else f"{number} ({id})"
                    links.append(link(self.env.docname, id, text))
            words = nodes.strong(text=kind), nodes.Text(" "), *joined(links, " ")
            lines.append(nodes.paragraph("", "", *words, classes=["numbers"]))
        return lines


class Map(SphinxDirective):
    """A table of all statements."""

    HEAD = ("statement", "derived and measured in", "functions", "tests")

    def run(self) -> list[nodes.Node]:
        for path in (audited.ROOT / "tests").rglob("test_*.py"):
            self.env.note_dependency(str(path))
        group = nodes.tgroup(cols=len(self.HEAD))
        group += [nodes.colspec(colwidth=1) for _ in self.HEAD]
        head = [[nodes.Text(name)] for name in self.HEAD]
        group += nodes.thead("", _row(head))
        group += nodes.tbody("", *(_row(self._cells(id)) for id in audited.statements()))
        return [nodes.table("", group, classes=["map"])]

    def _cells(self, id: str) -> Iterator[list[nodes.Node]]:
        docname, statement = self.env.docname, audited.statements()[id]
        row = audited.verdict(id)
        verdict = [] if row is None else [raw("<br>"), badge(row.verdict)]
        yield [link(docname, id, id), nodes.Text(f" {statement.where}"), *verdict]
        files = (path.as_posix() for path in audited.files(id))
        yield list(_lines(link(docname, f"{id}-code", path) for path in files))
        yield list(_lines(function_links(id, docname)))
        named = [nodes.literal(text=path) for path in tests()[id]]
        summary = raw(f"<details><summary>{len(named)} tests</summary>")
        yield [summary, *_lines(iter(named)), raw("</details>")] if named else []


def _lines(parts: Iterator[nodes.Node]) -> Iterator[nodes.Node]:
    for number, part in enumerate(parts):
        if number:
            yield raw("<br>")
        yield part


def _row(cells: Iterator[list[nodes.Node]] | list[list[nodes.Node]]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.inline("", "", *cell)) for cell in cells))


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    app.add_directive("statement-code", Code)
    app.add_directive("equations", Equations)
    app.add_directive("map-of-code", Map)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
