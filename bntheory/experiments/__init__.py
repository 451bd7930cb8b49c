"""The convolutional networks of Section 5 and Appendix B: a thin file for each figure.

A module ``fig*.py`` makes the figure of its name.  It has a ``FIGURE``, which says what is trained,
drawn and claimed, and the first line of its docstring is the title.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bntheory.experiments.figure import Figure


@cache
def available() -> dict[str, str]:
    """Return the titles of the figures, by id."""
    files = sorted(Path(__file__).parent.glob("fig[0-9]*.py"))
    first_lines = {path.stem: path.read_text(encoding="utf-8").splitlines()[0] for path in files}
    return {id: line.strip('".') for id, line in first_lines.items()}


def find(id: str) -> Figure:
    """Return what belongs in a figure of :func:`available`."""
    figure: Figure = import_module(f"bntheory.experiments.{id}").FIGURE
    return figure
