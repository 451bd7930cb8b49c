"""The statements that a folder has a file for: a new file is a new entry, there is no list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from bntheory.paper.statement import Statement


def statements_in(
    folder: Path, function: str, printed: dict[str, Statement]
) -> dict[str, Statement]:
    """Return the statements with a module in a folder: the paper's in its order, then the others.

    A module belongs if it defines ``function``.  Its name is that of the statement, with ``_`` for
    ``-``; where the paper has no such statement, the first line of its docstring is the title.
    """
    beyond = {}
    for path in sorted(folder.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if f"\ndef {function}(" in source and not path.stem.startswith("_"):
            id = path.stem.replace("_", "-")
            title = source.removeprefix('"""').splitlines()[0].rstrip('."')
            beyond[id] = Statement(id, title, "beyond the paper")
    done = {id: statement for id, statement in printed.items() if beyond.pop(id, None)}
    return done | beyond


def listing(
    done: dict[str, Statement], printed: dict[str, Statement], what: str
) -> Iterator[str]:
    """List the statements of the paper, and those beyond it, in 80 columns; a star for ``done``."""
    statements = printed | {id: s for id, s in done.items() if id not in printed}
    margin = max(map(len, statements)) + 4
    yield f"Statements of the paper, in its order; those with a star can be {what}."
    for id, statement in statements.items():
        mark = "*" if id in done else " "
        yield from wrap(
            f"{statement.title} ({statement.where})",
            80,
            initial_indent=f"{mark} {id}".ljust(margin),
            subsequent_indent=" " * margin,
        )
