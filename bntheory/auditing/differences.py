"""What kind of difference it is where print and derivation differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from bntheory.auditing.evidence import Evidence
from bntheory.auditing.uses import builds_on_derived
from bntheory.comparison import Comparison
from bntheory.notation import SYMBOLS
from bntheory.paper.statement import Use

#: ``misprint``: the paper builds on what is derived.  ``scale``: a learning rate stands for a
#: multiple of itself.  ``limit``: the difference is small beside what is derived, in a limit.
Kind = Literal["misprint", "scale", "limit", "outright"]

#: The limits in which the paper works: many inputs, large batches, a small learning rate, and zero
#: temperature.
LIMITS = (("N", sp.oo), ("M", sp.oo), ("eta", 0), ("a", 1))
#: What a learning rate may stand for.
MULTIPLES = (sp.Integer(2), sp.Rational(1, 2))


@dataclass(frozen=True)
class Difference:
    """A printed relation that is not what is derived.

    Attributes
    ----------
    number : int
        Of the relation, from 1.
    comparison : Comparison
    kind : {"misprint", "scale", "limit", "outright"}
    use : Use or None
        For a misprint, where the paper builds on what is derived.
    words : str
        The limit, or what stands for what.
    """

    number: int
    comparison: Comparison
    kind: Kind
    use: Use | None = None
    words: str = ""


def differences(evidence: Evidence) -> Iterator[Difference]:
    """Yield the relations in which print and derivation differ; no open reading is among them."""
    for number, comparison in enumerate(evidence.comparisons):
        if comparison.agrees is False:
            yield _kind(evidence, number, comparison)


def _kind(evidence: Evidence, number: int, comparison: Comparison) -> Difference:
    if isinstance(comparison.printed, sp.Eq):
        use = builds_on_derived(evidence.statement, number, comparison)
        if use is not None:
            return Difference(number + 1, comparison, "misprint", use)
        left, right = comparison.derived.args
        for multiple in MULTIPLES:
            eta = SYMBOLS["eta"]
            if _vanishes(left - right.subs(eta, multiple * eta)):
                words = f"eta stands for {multiple}*eta"
                return Difference(number + 1, comparison, "scale", words=words)
        for name, to in LIMITS:
            if _agree_in_the_limit(left, right, SYMBOLS[name], to):
                return Difference(number + 1, comparison, "limit", words=f"{name} -> {to}")
    return Difference(number + 1, comparison, "outright")


def _vanishes(expr: Any) -> bool:
    return sp.expand(expr) == 0


def _agree_in_the_limit(left: Any, right: Any, symbol: sp.Symbol, to: Any) -> bool:
    """Whether the difference becomes small beside what is derived."""
    if symbol not in (left - right).free_symbols:
        return False
    if not all(side.is_rational_function(symbol) for side in (left, right)):
        return False
    return bool(sp.limit(sp.together((left - right) / left), symbol, to) == 0)
