"""A derivation or a statement as text, LaTeX, Markdown, HTML or JSON.

``outline`` says once what is said, as a small document of headings, sentences and formulas;
``typeset`` turns SymPy into the formulas' trees.  The formats write the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bntheory.derivation import Derivation

#: The formats of :func:`render`.
FORMATS = ("text", "latex", "markdown", "html", "json")


def render(
    derivation: Derivation | Sequence[Derivation], format: str = "text", use_unicode: bool = True
) -> str:
    """Write a derivation, or several one after the other.

    Parameters
    ----------
    derivation : Derivation or sequence of Derivation
        What to write.
    format : {"text", "latex", "markdown", "html", "json"}
        ``latex`` and ``html`` are complete documents; ``json`` is a list where there are several.
    use_unicode : bool
        Whether ``text`` may use other characters than ASCII.

    Returns
    -------
    str
        Ends with a newline.

    Raises
    ------
    ValueError
        For an unknown format.
    """
    if format not in FORMATS:
        raise ValueError(f"no format {format!r}; the formats are {', '.join(FORMATS)}")
    derivations = derivation if isinstance(derivation, Sequence) else (derivation,)
    if format == "json":
        from bntheory.rendering import json

        return json.write(*derivations)
    from bntheory.rendering import html, latex, markdown, outline, text

    documents = [outline.of_derivation(each) for each in derivations]
    if format == "latex":
        return latex.write(*documents)
    if format == "html":
        return html.write(*documents)
    if format == "markdown":
        return "\n".join(map(markdown.write, documents))
    return "\n\n".join(text.write(document, use_unicode) for document in documents)
