"""The statements that a folder has a file for: a new file is a new entry, there is no list.

What the paper does not have is declared by its file, in ``STATEMENT = Statement(...)``: one of this
toolkit's own, or of another paper.  The declaration is read and not run, so that listing the
statements needs no SymPy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import Any

from bntheory.paper.statement import Statement


def statements_in(
    folders: Iterable[str], function: str, known: dict[str, Statement]
) -> dict[str, Statement]:
    """Return the statements with a module in a package: the known ones in their order, then others.

    A module belongs if it defines ``function``.  Its name is that of the statement, with ``_`` for
    ``-``.

    Parameters
    ----------
    folders : iterable of str
        Where the modules are: the ``__path__`` of the package.
    function : str
        What a module has to define: ``derive`` or ``validate``.
    known : dict of Statement
        By id, those that are declared elsewhere, first of all those of the paper.

    Raises
    ------
    ValueError
        If a statement that is not known is not declared in its file.
    """
    found = {}
    for path in sorted(path for folder in folders for path in Path(folder).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if f"\ndef {function}(" in source and not path.stem.startswith("_"):
            id = path.stem.replace("_", "-")
            found[id] = known.get(id) or _declared(str(path), source)
            if found[id].id != id:
                raise ValueError(f"{path} declares {found[id].id!r}, and its name says {id!r}")
    ordered = {id: found.pop(id) for id in known if id in found}
    return ordered | found


@cache
def _declared(path: str, source: str) -> Statement:
    for node in ast.parse(source, path).body:
        if isinstance(node, ast.Assign) and isinstance(call := node.value, ast.Call):
            if [ast.unparse(target) for target in node.targets] == ["STATEMENT"]:
                if ast.unparse(call.func) != "Statement":
                    break
                try:
                    return Statement(*map(ast.literal_eval, call.args), **_keywords(call))
                except (ValueError, TypeError) as error:
                    raise ValueError(
                        f"{path}: STATEMENT has to be made of literals: {error}"
                    ) from None
    raise ValueError(f"{path} is of a statement that the paper does not have: it needs a STATEMENT")


def _keywords(call: ast.Call) -> dict[str, Any]:
    return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}


def listing(
    done: dict[str, Statement], printed: dict[str, Statement], what: str
) -> Iterator[str]:
    """List the statements of the paper, and the others, in 80 columns; a star for ``done``."""
    statements = printed | {id: s for id, s in done.items() if id not in printed}
    margin = max(map(len, statements)) + 4
    yield f"Statements of the paper, in its order; those with a star can be {what}."
    for id, statement in statements.items():
        mark = "*" if id in done else " "
        yield from wrap(
            f"{statement.title} ({statement.place})",
            80,
            initial_indent=f"{mark} {id}".ljust(margin),
            subsequent_indent=" " * margin,
        )
