"""The panels that there are, and the curves in them."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from bntheory import panels
from bntheory.learning_curves import THEORIES, capacity
from bntheory.panels import theory
from bntheory.panels.panel import Panel

FIGURES = sorted(panels.available())


@pytest.fixture(params=FIGURES)
def panel(request: pytest.FixtureRequest) -> Panel:
    return panels.find(request.param)


def test_every_file_of_a_figure_is_listed_with_its_title() -> None:
    folder = Path(panels.__file__).parent
    assert FIGURES == sorted(path.stem for path in folder.glob("fig*.py")) == ["fig1a", "fig1b"]
    for id, title in panels.available().items():
        doc = ast.get_docstring(ast.parse((folder / f"{id}.py").read_text()))
        assert doc and doc.splitlines()[0] == f"{title}."


def test_ids_are_known_in_any_case_and_others_are_not() -> None:
    assert panels.find("FIG1A") is panels.find("fig1a")
    with pytest.raises(panels.UnknownFigure, match="'fig9'; the figures are fig1a, fig1b"):
        panels.find("fig9")


def test_a_panel_holds_together(panel: Panel) -> None:
    names = [curve.id for curve in panel.curves]
    for method in panel.methods:
        assert len(method.colors) == len(method.epochs) and sorted(method.epochs)
        names += [f"{method.id}@{epoch}" for epoch in method.epochs]
    assert len(set(names)) == len(names)
    assert {name for claim in panel.claims for name in (claim.of, claim.to)} <= set(names)
    assert {curve.theory for curve in panel.curves} <= THEORIES.keys()
    assert all(panel.x[0] < load <= panel.x[1] for load in panel.loads)


def test_batch_normalization_is_measured_at_several_times(panel: Panel) -> None:
    (normalized,) = [method for method in panel.methods if method.method == "bn-std"]
    assert len(normalized.epochs) >= 3 and normalized.epochs[-1] >= 100 * normalized.epochs[0]


@pytest.mark.parametrize("id", FIGURES)
def test_the_paper_s_batches(id: str) -> None:
    panel = panels.find(id)
    M = {"fig1a": 32, "fig1b": 16}[id]
    by_id = {method.id: method for method in panel.methods}
    assert panel.S == 0.25 and {method.batch for method in panel.methods} == {None, M}
    assert by_id["wn"].zeta == {"fig1a": 1 / (2 * M), "fig1b": 1 / (4 * M)}[id]


def test_from_the_least_neurons_on_there_is_a_batch(panel: Panel) -> None:
    M = max(method.batch or 0 for method in panel.methods)
    least = panel.least_neurons
    assert round(min(panel.loads) * least) >= M > round(min(panel.loads) * (least - 1))


def test_curves_are_finite_off_their_poles_and_rise_towards_them(panel: Panel) -> None:
    loads = theory.grid(panel)
    assert np.all(np.diff(loads) > 0) and not set(panel.poles) & set(loads)
    for curve in panel.curves:
        assert np.isfinite(theory.errors(curve, loads)).all(), curve.id
    highest = theory.errors(panel.curves[0], loads).max()
    assert highest > 10 * panel.y[1]


def test_the_curves_of_the_linear_student_by_their_formulas() -> None:
    by_id = {curve.id: curve for curve in panels.find("fig1a").curves}
    at = {id: theory.errors(curve, np.array([2.0]))[0] for id, curve in by_id.items()}

    def ridge(zeta: float, alpha: float = 2.0, S: float = 0.25) -> float:
        """The formula of Sec. 4.1, differentiated numerically."""

        def G(z: float) -> float:
            root = math.sqrt(z + (1 + math.sqrt(alpha)) ** 2)
            root *= math.sqrt(z + (1 - math.sqrt(alpha)) ** 2)
            return (1 - alpha - z + root) / (2 * z)

        h = 1e-5 * zeta
        slope = (G(zeta + h) - G(zeta - h)) / (2 * h)
        product = ((zeta + h) * G(zeta + h) - (zeta - h) * G(zeta - h)) / (2 * h)
        return S * product - zeta**2 * slope

    assert at["sgd-curve"] == pytest.approx(0.25)
    assert at["ridge"] == pytest.approx(ridge(1 / 64), rel=1e-6)
    assert at["ridge-as-written"] == pytest.approx(ridge(2 / 64), rel=1e-6)
    assert at["best"] == pytest.approx(ridge(0.25), rel=1e-6)


def test_curves_are_kept_with_their_source_and_with_where_replica_symmetry_is_stable() -> None:
    panel = panels.find("fig1b")
    loads = np.array([1.0, 3.0])
    kept = {curve.id: theory.evaluate(curve, loads) for curve in panel.curves}
    assert all(data["alpha"] == [1.0, 3.0] and len(data["error"]) == 2 for data in kept.values())
    assert "Luo et al. 2019" in kept["paper"]["source"] and "stable" not in kept["paper"]
    assert kept["rs"]["stable"] == [True, False] and 1 < capacity(0.25) < 3
    assert kept["paper"]["error"][0] == pytest.approx(1 - 1 / 4 + 0.25 / 2)
