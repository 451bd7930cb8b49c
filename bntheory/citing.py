"""BibTeX for what was used: the paper, this software, the sources of a statement, the libraries.

Sources are cited where they are used: ``[price1958]`` in a docstring of the module that uses it.
What is imported at the top of a module belongs to it, with what that imports in turn, so that a
statement cites what its derivation stands on.  A library is cited by its name.  The files are read
as text and not imported: that would take longer than the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from bntheory import __version__
from bntheory.paper.sources import entries
from bntheory.paper.statement import PAPER

ROOT = Path(__file__).parents[1]

#: The paper, and this software.
ALWAYS = (PAPER, "bntheory")

_OURS = re.compile(r"(?:bntheory|derivations|validation)\b")
_KEY = re.compile(r"\[([a-z]+[12]\d{3}[a-z]?)\]")
_IMPORT = re.compile(r"^(?:from|import) ([\w.]+)(?: import (\([^)]*\)|[^\n]*))?", re.MULTILINE)


def bibtex(modules: Iterable[str] = ()) -> str:
    """Return the entries of the paper, of this software, and of what modules use.

    Parameters
    ----------
    modules : iterable of str
        Names of modules of ours, for instance ``derivations.prop4``.
    """
    further = used(modules).keys() - {*ALWAYS}
    keys = [*ALWAYS, *(key for key in entries() if key in further)]
    version = f"  version = {{{__version__}}},\n}}\n"
    return "\n".join(
        entries()[key].removesuffix("}\n") + version if key == "bntheory" else entries()[key]
        for key in keys
    )


def deriving(id: str) -> str:
    """Return the module that derives a statement."""
    return f"derivations.{id.replace('-', '_')}"


def measuring(id: str) -> tuple[str, ...]:
    """Return the modules that measure a statement."""
    return (f"validation.{id.replace('-', '_')}", "bntheory.simulation.run")


def used(modules: Iterable[str]) -> dict[str, set[str]]:
    """Return the keys of what modules use, each with the modules that it is cited in.

    A library is in itself.
    """
    found: dict[str, set[str]] = {}
    for module in _closed(modules):
        for key in cited(module):
            found.setdefault(key, set()).add(module)
        libraries = {name.partition(".")[0] for name, _ in _IMPORT.findall(text(module))}
        for library in libraries & entries().keys() - {"bntheory"}:
            found[library] = {library}
    return found


def cited(module: str) -> set[str]:
    """Return the keys in the text of a module of ours."""
    return set(_KEY.findall(text(module)))


def _closed(modules: Iterable[str]) -> set[str]:
    """Return modules, those that they import, those that these import, and so on."""
    found: set[str] = set()
    left = list(modules)
    while left:
        module = left.pop()
        if module not in found:
            found.add(module)
            left += _imported(module)
    return found


def _imported(module: str) -> Iterator[str]:
    """Yield the modules of ours that a module imports at its top."""
    for source, names in _IMPORT.findall(text(module)):
        if not _OURS.match(source):
            continue
        parts = [name.split()[0] for name in names.strip("()").split(",") if name.split()]
        inside = [f"{source}.{name}" for name in parts if _path(f"{source}.{name}").exists()]
        yield from inside
        if len(inside) < max(1, len(parts)):
            yield source


def _path(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def text(module: str) -> str:
    """Return the text of a module of ours."""
    return _path(module).read_text(encoding="utf-8")
