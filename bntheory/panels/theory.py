"""The theory curves of a panel, over a grid of loads and at the loads of the points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory.panels.panel import Curve, Panel

if TYPE_CHECKING:
    from bntheory.learning_curves.result import LearningCurves

#: How many loads a curve is drawn through.
DRAWN = 241


def grid(panel: Panel) -> np.ndarray:
    """Return loads to draw curves through, ever closer towards a pole and never on it."""
    low, high = panel.x
    around = np.geomspace(1e-3, 0.1, 16)
    poles = np.array(panel.poles)[:, None]
    loads = [np.linspace(low, high, DRAWN), (poles - around).ravel(), (poles + around).ravel()]
    together = np.unique(np.concatenate(loads).round(9))
    return together[(together > 0) & ~np.isin(together, np.round(panel.poles, 9))]


def errors(curve: Curve, loads: np.ndarray) -> np.ndarray:
    """Return the generalization error of a curve."""
    found: np.ndarray = _computed(curve, loads).error.values
    return found


def evaluate(curve: Curve, loads: np.ndarray) -> dict[str, Any]:
    """Return a curve as it stands in the data file.

    Where a saddle point is not stable against breaking of replica symmetry, ``stable`` says so.
    """
    found = _computed(curve, loads)
    data: dict[str, Any] = {
        "id": curve.id,
        "label": curve.label,
        "theory": curve.theory,
        "arguments": dict(curve.arguments),
        "source": found.attrs["source"],
        "alpha": loads.tolist(),
        "error": found.error.values.tolist(),
    }
    if "stable" in found:
        data["stable"] = found.stable.values.tolist()
    return data


def _computed(curve: Curve, loads: np.ndarray) -> LearningCurves:
    from bntheory.learning_curves import curves

    return curves(curve.theory, alpha=loads, **curve.arguments)
