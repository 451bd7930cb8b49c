"""The outcome of a check, and when two numbers agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import mpmath as mp

PRECISION = 40  # decimal digits carried by a sampled check


@dataclass(frozen=True)
class Check:
    """The outcome of a check.

    Attributes
    ----------
    method : {"exact", "sampled"}
        Whether a difference is symbolically zero, or numbers were compared.
    how : str
        The second route, in words.
    passed : bool
        Whether the link holds.
    points, digits : int
        Points compared and the decimal digits that agree at the worst of them; 0 when exact.
    """

    method: Literal["exact", "sampled"]
    how: str
    passed: bool
    points: int = 0
    digits: int = 0


def agreement(a: Any, b: Any) -> int:
    """Return the number of decimal digits to which two numbers agree."""
    error, scale = abs(a - b), max(abs(a), abs(b))
    if not mp.isfinite(error):
        return 0
    if error == 0 or scale < mp.mpf(10) ** (-0.75 * mp.mp.dps):
        return int(mp.mp.dps)
    return max(0, min(int(mp.mp.dps), int(-mp.log10(error / scale))))


def sampled(how: str, pairs: Iterable[tuple[Any, Any]], need: int, points: int) -> Check:
    """Compare pairs of numbers: passed where ``need`` digits agree in each."""
    digits = min(agreement(a, b) for a, b in pairs)
    return Check("sampled", how, digits >= need, points, digits)
