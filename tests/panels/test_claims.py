"""Verdicts on claims, for points whose numbers are made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bntheory import panels
from bntheory.panels import claims, theory
from bntheory.panels.panel import Claim, Panel

BN, WN = "bn@1000", "wn@2000"
PANEL = panels.find("fig1a")
ON_RIDGE = Claim("BN lies on the ridge.", "printed", BN, "on", "ridge")


def made_up(
    panel: Panel, name: str, factor: float = 1.0, standard_error: float = 1e-3
) -> list[dict[str, Any]]:
    """Return points that are off the ridge by a factor."""
    id, _, epoch = name.partition("@")
    (ridge,) = [curve for curve in panel.curves if curve.id == "ridge"]
    errors = theory.errors(ridge, np.array(panel.loads)).tolist()
    return [
        {
            "alpha": alpha,
            "epoch": int(epoch),
            "error": factor * error,
            "standard_error": standard_error * error,
            "settings": {"id": id},
        }
        for alpha, error in zip(panel.loads, errors, strict=True)
    ]


def verdict(claim: Claim, points: list[dict[str, Any]], replicas: int = 100) -> str:
    (found,) = claims.judged(replace(PANEL, claims=(claim,)), replicas, points)
    assert found["claim"] == claim.text and found["form"] == claim.form
    return str(found["verdict"])


@pytest.mark.parametrize(
    ("factor", "standard_error", "expected"),
    [
        (1.0, 1e-3, "confirmed"),
        (1.05, 1e-3, "confirmed"),
        (1.15, 1e-3, "refuted"),
        (0.85, 1e-3, "refuted"),
        (1.0, 0.2, "inconclusive"),
        (1.15, 0.05, "inconclusive"),
    ],
)
def test_points_lie_on_a_curve_or_not(factor: float, standard_error: float, expected: str) -> None:
    assert verdict(ON_RIDGE, made_up(PANEL, BN, factor, standard_error)) == expected


def test_one_load_is_enough_to_refute() -> None:
    points = made_up(PANEL, BN)
    points[3]["error"] *= 2
    assert verdict(ON_RIDGE, points) == "refuted"


def test_few_replicas_decide_nothing() -> None:
    assert verdict(ON_RIDGE, made_up(PANEL, BN), replicas=2) == "inconclusive"


def test_points_are_compared_with_points() -> None:
    claim = replace(ON_RIDGE, to=WN)
    assert verdict(claim, made_up(PANEL, BN) + made_up(PANEL, WN)) == "confirmed"
    assert verdict(claim, made_up(PANEL, BN) + made_up(PANEL, WN, 1.2)) == "refuted"
    both_unsure = made_up(PANEL, BN, 1, 0.025) + made_up(PANEL, WN, 1, 0.025)
    assert verdict(claim, both_unsure) == "inconclusive"


@pytest.mark.parametrize(
    ("factor", "standard_error", "expected"),
    [(0.9, 0.01, "confirmed"), (1.1, 0.01, "refuted"), (0.99, 0.01, "inconclusive")],
)
def test_points_lie_below_a_curve_or_not(
    factor: float, standard_error: float, expected: str
) -> None:
    below = replace(ON_RIDGE, relation="below")
    assert verdict(below, made_up(PANEL, BN, factor, standard_error)) == expected


def test_curves_are_compared_without_error() -> None:
    best = Claim("The best is best.", "printed", "best", "below", "ridge")
    assert verdict(best, []) == "confirmed"
    assert verdict(replace(best, of="ridge", to="best"), []) == "refuted"
    assert verdict(replace(best, of="ridge", to="ridge"), []) == "confirmed"


def test_where_a_curve_or_training_diverges_nothing_is_compared() -> None:
    points = made_up(PANEL, BN)
    points[0]["error"] = points[0]["standard_error"] = None
    claim = replace(ON_RIDGE, to="sgd-curve")
    (found,) = claims.judged(replace(PANEL, claims=(claim,)), 100, points)
    loads = [load["alpha"] for load in found["loads"]]
    assert loads == [alpha for alpha in PANEL.loads[1:] if alpha != 1.0]


def test_without_points_nothing_is_known() -> None:
    assert verdict(ON_RIDGE, []) == "inconclusive"


def test_the_numbers_stand_beside_the_verdict() -> None:
    (found,) = claims.judged(replace(PANEL, claims=(ON_RIDGE,)), 100, made_up(PANEL, BN, 1.2, 0.01))
    load = found["loads"][0]
    assert load["error"] == pytest.approx(1.2 * load["compared_with"])
    assert load["in_standard_errors"] == pytest.approx(20)
    assert found["margin"] == 0.1 and 2.5 < found["interval"] < 4
