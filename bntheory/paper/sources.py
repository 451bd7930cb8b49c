"""The literature, ``references.bib``: its entries, and what each is called in a line."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

#: What stands for an accent in TeX, as a combining character.
ACCENTS = {"v": "\u030c", "=": "\u0304", "'": "\u0301", "`": "\u0300", '"': "\u0308"}


_ENTRY = re.compile(r"^@\w+\{([^,\s]+),\n(?:.*\n)*?\}\n", re.MULTILINE)


@cache
def entries() -> dict[str, str]:
    """Return all entries as they stand there, by key."""
    text = files("bntheory").joinpath("references.bib").read_text(encoding="utf-8")
    return {found[1]: found[0] for found in _ENTRY.finditer(text)}


@cache
def short(key: str) -> str:
    """Return the authors and the year of an entry of ``references.bib``.

    Raises
    ------
    KeyError
        If there is no such entry.

    Examples
    --------
    >>> short("yoshida2017"), short("krogh1992"), short("basu1955")
    ('Yoshida et al. 2017', 'Krogh and Hertz 1992', 'Basu 1955')
    """
    if key not in entries():
        raise KeyError(f"references.bib has no entry {key!r}")
    entry = entries()[key]
    authors = " ".join(_field(entry, "author").split()).split(" and ")
    families = [name.split(",")[0] if "," in name else name.split()[-1] for name in authors]
    many = len(families) > 2 or families[-1] == "others"
    named = f"{families[0]} et al." if many else " and ".join(families)
    return f"{named} {_field(entry, 'year')}"


def _field(entry: str, name: str) -> str:
    found = re.search(rf"^\s*{name}\s*=\s*{{(.*?)}},?$", entry, re.DOTALL | re.MULTILINE)
    return re.sub(r"{\\(\W|v)\s*(\w)}", _accented, found[1]) if found else ""


def _accented(tex: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", tex[2] + ACCENTS[tex[1]])
