"""What a panel's numbers say about the claims that are made about it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from bntheory.panels import theory
from bntheory.panels.panel import Claim, Panel
from bntheory.verdict import Verdict, Z, decide

#: Points lie on a curve if they are off by less than this part of it.
MARGIN = 0.1

#: How likely it is, at most, that a verdict on a claim that holds is wrong at any of its loads.
RISK = 0.01

#: What is computed exactly is below itself, up to rounding.
ROUNDING = 1e-12

#: Errors and their standard errors, by load.
Values = dict[float, tuple[float, float]]


def judged(panel: Panel, replicas: int, points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each claim with its verdict, and the numbers by load.

    Parameters
    ----------
    panel : Panel
        Its claims are judged.
    replicas : int
        What standard errors are made of: with few, intervals are longer.
    points : list of dict
        As in the data file.
    """
    return [_judged(claim, panel, replicas, points) for claim in panel.claims]


def _judged(
    claim: Claim, panel: Panel, replicas: int, points: list[dict[str, Any]]
) -> dict[str, Any]:
    of, to = _values(claim.of, panel, points), _values(claim.to, panel, points)
    both = sorted(of.keys() & to)
    length = _length(replicas, len(both))
    loads = [_compared(claim, alpha, length, of[alpha], to[alpha]) for alpha in both]
    return {
        "claim": claim.text,
        "form": claim.form,
        "verdict": _together(load["verdict"] for load in loads),
        "of": claim.of,
        "relation": claim.relation,
        "to": claim.to,
        "margin": MARGIN if claim.relation == "on" else 0.0,
        "interval": length,
        "loads": loads,
    }


def _length(replicas: int, loads: int) -> float:
    """Return half the length of the confidence intervals, in standard errors."""
    from scipy.stats import t

    return float(t.isf(RISK / max(loads, 1) / 2, replicas - 1))


def _values(name: str, panel: Panel, points: list[dict[str, Any]]) -> Values:
    """Return the errors of a curve or of points by load, with their standard errors.

    Where a curve diverges, or training did, there is nothing to compare.
    """
    for curve in panel.curves:
        if curve.id == name:
            errors = theory.errors(curve, np.array(panel.loads)).tolist()
            known = zip(panel.loads, errors, strict=True)
            return {alpha: (error, 0.0) for alpha, error in known if math.isfinite(error)}
    id, _, epoch = name.partition("@")
    return {
        point["alpha"]: (point["error"], point["standard_error"])
        for point in points
        if point["settings"]["id"] == id
        and point["epoch"] == int(epoch)
        and point["error"] is not None
    }


def _compared(
    claim: Claim, alpha: float, length: float, of: tuple[float, float], to: tuple[float, float]
) -> dict[str, Any]:
    difference, error = of[0] - to[0], math.hypot(of[1], to[1])
    if claim.relation == "on":
        verdict = decide(difference, error * length / Z, MARGIN * to[0])
    else:
        verdict = _below(difference, error * length)
    return {
        "alpha": alpha,
        "error": of[0],
        "compared_with": to[0],
        "standard_error": error,
        "in_standard_errors": difference / error if error else None,
        "verdict": verdict,
    }


def _below(difference: float, reach: float) -> Verdict:
    if difference - reach > ROUNDING:
        return "refuted"
    return "confirmed" if difference + reach <= ROUNDING else "inconclusive"


def _together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on all loads: one where it fails is enough."""
    found = set(verdicts)
    if "refuted" in found:
        return "refuted"
    return "confirmed" if found == {"confirmed"} else "inconclusive"
