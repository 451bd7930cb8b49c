"""The picture, by what is in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from bntheory import panels
from bntheory.cli import RequestError
from bntheory.panels import drawing, theory
from bntheory.panels.panel import Panel, Settings

SETTINGS = Settings(neurons=32, replicas=2, seed=1, device="cpu")
SIGNATURES = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def points(panel: Panel, error: float | None = 0.7) -> list[dict[str, Any]]:
    return [
        {
            "alpha": alpha,
            "epoch": epoch,
            "error": error,
            "standard_error": error and 0.05,
            "settings": {"id": method.id},
        }
        for method in panel.methods
        for epoch in method.epochs
        for alpha in panel.loads
    ]


def drawn(panel: Panel, made: list[dict[str, Any]]) -> Figure:
    loads = np.array([0.5, 1.2, 3.0])
    curves = [theory.evaluate(curve, loads) for curve in panel.curves]
    return drawing.draw(panel, "title", SETTINGS, curves, made)


def texts(figure: Figure) -> list[str]:
    (axes,) = figure.axes
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("id", ["fig1a", "fig1b"])
def test_the_legend_names_everything(id: str) -> None:
    panel = panels.find(id)
    (axes,) = drawn(panel, points(panel)).axes
    legend = axes.get_legend()
    assert legend is not None
    rows = [text.get_text() for text in legend.get_texts()]
    assert {curve.label for curve in panel.curves} <= set(rows)
    for method in panel.methods:
        assert {f"{method.label}, {epoch} epochs" for epoch in method.epochs} <= set(rows)
    assert "measured, N = 32, 2 replicas" in rows and len(rows) == len(set(rows))


def test_every_point_has_an_error_bar_near_its_load() -> None:
    panel = panels.find("fig1a")
    (axes,) = drawn(panel, points(panel)).axes
    assert len(axes.containers) == sum(len(method.epochs) for method in panel.methods)
    for container in axes.containers:
        line, _, (bars,) = container
        assert np.allclose(line.get_xdata(), panel.loads, atol=0.05)
        lengths = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
        assert np.allclose(lengths, 0.1)


def test_what_is_too_high_stands_at_the_upper_end_with_its_number() -> None:
    panel = replace(panels.find("fig1a"), loads=(1.0,))
    made = points(panel)
    made[-1]["error"] = 3.21
    assert "3.2" in texts(drawn(panel, made)) and "3.2" not in texts(drawn(panel, points(panel)))


def test_training_that_diverged_is_left_out(tmp_path: Path) -> None:
    panel = panels.find("fig1b")
    figure = drawn(panel, points(panel, None))
    assert all(not len(container[0].get_xdata()) for container in figure.axes[0].containers)
    drawing.save(figure, tmp_path / "a.png")


def test_the_capacity_is_marked() -> None:
    panel = panels.find("fig1b")
    assert "capacity 1.46" in texts(drawn(panel, points(panel)))


def test_curves_are_dashed_where_replica_symmetry_is_unstable() -> None:
    panel = panels.find("fig1b")
    (axes,) = drawn(panel, points(panel)).axes
    rs = next(curve for curve in panel.curves if curve.id == "rs")
    drawn_as = {
        line.get_linestyle(): np.isfinite(np.asarray(line.get_ydata(), dtype=float)).tolist()
        for line in axes.lines
        if line.get_color() == rs.color
    }
    assert drawn_as == {"-": [True, True, False], "--": [False, True, True]}


@pytest.mark.parametrize("extension", SIGNATURES)
def test_formats_and_the_same_picture_again(tmp_path: Path, extension: str) -> None:
    panel = panels.find("fig1a")
    paths = [tmp_path / f"{name}{extension}" for name in ("a", "b")]
    for path in paths:
        drawing.save(drawn(panel, points(panel)), path)
    first, second = (path.read_bytes() for path in paths)
    assert first.startswith(SIGNATURES[extension]) and first == second
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    panel = panels.find("fig1a")
    with pytest.raises(RequestError, match="cannot write .*: No such file or directory"):
        drawing.save(drawn(panel, points(panel)), tmp_path / "none" / "a.png")
    assert not list(tmp_path.iterdir())
