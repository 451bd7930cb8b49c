"""Colour for verdicts, where a terminal wants it; text is painted as it is written, not before.

What is painted are the words that say whether something holds, in three colours as on a page of
HTML.  Nothing is said by colour alone.
"""

from __future__ import annotations

import os
import re
from typing import TextIO

GOOD, BAD, NOTE = "32", "1;31", "33"

#: What is painted, and how: a table of verdicts, the verdict on a statement, on a measurement, on a
#: printed relation, and on the steps of a derivation.
_RULES = {
    GOOD: r"^holds(?=  +\d)|(?<=^Verdict: )holds$|\bconfirmed\b"
    r"|^All \d+ steps hold\b|^Both steps hold\b|^The one step holds\b"
    r"|\bPrint and derivation agree\b|\bThe printed inequality holds\b",
    BAD: r"^fails(?=  +\d)|(?<=^Verdict: )fails$|\b(?:refuted|REFUTED)\b"
    r"|\*\*\* .*CHECKS? FAILED.*$",
    NOTE: r"^(?:holds-approximately|misprint|open)(?=  +\d)"
    r"|(?<=^Verdict: )(?:holds-approximately|misprint|open)$|\binconclusive\b"
    r"|\bPrint and derivation differ\b|^ +Approximation(?=:)",
}
_PAINTED = {code: re.compile(rule, re.MULTILINE) for code, rule in _RULES.items()}


def wanted(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that shows colours to somebody who wants them.

    ``NO_COLOR``, not empty, refuses them, and so does a terminal without a name or ``dumb``.
    """
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb")


def painted(text: str) -> str:
    """Return a text with its verdicts in colour."""
    for code, rule in _PAINTED.items():
        text = rule.sub(rf"\033[{code}m\g<0>\033[0m", text)
    return text
