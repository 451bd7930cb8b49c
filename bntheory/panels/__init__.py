"""The panels of the paper's Figure 1: one thin file each.

A module ``fig*.py`` draws the figure of its name.  It has a ``PANEL``, which says what belongs in
it, and the first line of its docstring is the title.  A new file is a new figure; there is no list
to keep.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bntheory.panels.panel import Panel


class UnknownFigure(LookupError):
    """No figure has this id."""


@cache
def available() -> dict[str, str]:
    """Return the titles of the figures, by id."""
    files = sorted(Path(__file__).parent.glob("fig*.py"))
    first_lines = {path.stem: path.read_text(encoding="utf-8").splitlines()[0] for path in files}
    return {id: line.strip('".') for id, line in first_lines.items()}


def known(id: str) -> str:
    """Return the id of a figure, as it is written.

    Parameters
    ----------
    id : str
        In any case of letters.

    Raises
    ------
    UnknownFigure
        No figure has this id.
    """
    if id.lower() in available():
        return id.lower()
    raise UnknownFigure(f"no figure {id!r}; the figures are {', '.join(available())}")


def find(id: str) -> Panel:
    """Return what belongs in a figure; ids are as for :func:`known`."""
    panel: Panel = import_module(f"bntheory.panels.{known(id)}").PANEL
    return panel
