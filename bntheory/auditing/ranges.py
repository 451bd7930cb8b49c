"""How far a printed relation is from the derived one, over the range that the paper uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp

from bntheory.auditing.evidence import Evidence
from bntheory.auditing.judging import Judgement
from bntheory.gap import PAPER_BATCHES, PAPER_DECAYS, PAPER_LOADS, Gap, apart, place, ranges
from bntheory.notation import BY_NAME, uncertain
from bntheory.verdict import Check

#: Between which values each symbol is: those of the paper's examples, and for fields of unit
#: variance two standard deviations.
RANGES: dict[str, tuple[float, float]] = {
    "M": (min(PAPER_BATCHES), max(PAPER_BATCHES)),
    "zeta": (min(PAPER_DECAYS), max(PAPER_DECAYS)),
    "alpha": (min(PAPER_LOADS), max(PAPER_LOADS)),
    "N": (64, 4096),
    "eta": (0.01, 1),
    "gamma": (0.5, 1),
    "R": (0, 1),
    "L": (0.5, 2),
    "S": (0, 1),
    "rho": (-1.2, 6),
    "sigma_P": (0.5, 2),
    "delta": (-2, 2),
    "u": (-2, 2),
    "v": (-2, 2),
}
POINTS = 4096


def gaps(evidence: Evidence, judgement: Judgement) -> Iterator[Gap]:
    """Yield how far the print is off: by formula, over the paper's range, and where measured."""
    for difference in judgement.differences:
        found = _of_relation(f"relation ({difference.number})", difference.comparison)
        if found is not None and judgement.reason not in ("refuted", "sometimes"):
            yield found
    yield from _over_range(evidence.statement.id)
    if judgement.refuted:
        yield _measured(judgement.refuted)


def _of_relation(quantity: str, comparison: Any) -> Gap | None:
    """Compare both sides of an equality on random points, beside the largest size there is."""
    if not isinstance(comparison.printed, sp.Eq):
        return None
    left, right = (
        side.replace(uncertain, lambda reading: reading) for side in comparison.derived.args
    )
    symbols = sorted((left - right).free_symbols | left.free_symbols, key=str)
    if any(symbol.name not in RANGES or BY_NAME[symbol.name].domain is None for symbol in symbols):
        return None
    rng = np.random.default_rng(0)
    ends = {symbol.name: RANGES[symbol.name] for symbol in symbols}
    grid = [rng.uniform(*ends[symbol.name], POINTS) for symbol in symbols]
    corners = np.array(np.meshgrid(*ends.values())).reshape(len(ends), -1)
    grid = [np.concatenate(pair) for pair in zip(grid, corners, strict=True)]
    derived, printed = (
        np.broadcast_to(sp.lambdify(symbols, side, "numpy")(*grid), grid[0].shape)
        for side in (left, right)
    )
    off = np.abs(derived - printed)
    worst = int(np.argmax(off))
    at = {symbol.name: float(values[worst]) for symbol, values in zip(symbols, grid, strict=True)}
    size = float(np.abs(derived).max())
    return Gap(
        f"{quantity}, beside the largest size of what is derived",
        ranges(ends),
        float(off[worst]) / size,
        place(at),
    )


def _over_range(id: str) -> Iterator[Gap]:
    """Yield what the file of the measurement compares over the range."""
    import validation

    yield from validation.gaps(id)


def _measured(checks: tuple[Check, ...]) -> Gap:
    worst = max(checks, key=lambda check: apart(check.predicted, check.measured))
    return Gap(
        worst.quantity,
        "the settings measured",
        apart(worst.predicted, worst.measured),
        f"{worst.system}, printed {worst.predicted:.3g}, measured {worst.measured:.3g}",
    )
