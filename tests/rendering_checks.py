"""What the tests of rendering share."""

from __future__ import annotations

import re
from typing import Any

import sympy as sp

from bntheory.checking import Check
from bntheory.derivation import Derivation, Step
from bntheory.notation import SYMBOLS


def back(text: str) -> Any:
    """Read an expression back."""
    return sp.sympify(text, locals=SYMBOLS)


def words(page: str) -> str:
    """Undo wrapping."""
    return " ".join(page.split())


def small(**changes: Any) -> Derivation:
    """Make a derivation of one step, but for what is given."""
    R = SYMBOLS["R"]
    step = Step("eq13.1", "A step", "rewrite", R, R, Check("exact", "by eye", passed=True))
    nothing: dict[str, Any] = {
        "id": "eq13", "title": "I1", "where": "here", "activation": None, "assumptions": (),
        "steps": (step,), "results": {}, "comparisons": (), "remarks": (), "cited": (),
        "seconds": 0.1234567,
    }  # fmt: skip
    return Derivation(**{**nothing, **changes})


def assert_balanced(source: str) -> None:
    """Check that braces, brackets and environments of LaTeX are closed."""
    plain = source.replace("\\\\", "").replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for character in plain:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"\\left\b", plain)) == len(re.findall(r"\\right\b", plain))
    begun = re.findall(r"\\begin\{(\w+\*?)\}", plain)
    ended = re.findall(r"\\end\{(\w+\*?)\}", plain)
    assert sorted(begun) == sorted(ended)
