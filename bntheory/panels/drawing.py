"""The picture of a panel."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bntheory.cli import RequestError
from bntheory.panels.panel import FORMATS, Curve, Panel, Settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 9.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "svg.hashsalt": "bntheory",
}

SIZE, DPI = (8.4, 4.5), 160

#: How far what is side by side is apart, over the length of the axis.
APART = 0.005

SIDE_BY_SIDE = "points of one load are side by side"


def draw(
    panel: Panel,
    title: str,
    settings: Settings,
    curves: list[dict[str, Any]],
    points: list[dict[str, Any]],
) -> Figure:
    """Draw a panel.

    Parameters
    ----------
    panel : Panel
        What belongs in it.
    title : str
        Above it.
    settings : Settings
        Said in the legend.
    curves, points : list of dict
        As in the data file.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(SIZE, layout="constrained")
        axes = figure.subplots()
        axes.set(xlim=panel.x, ylim=panel.y)
        axes.set_xlabel("effective load α = P/N")
        axes.set_ylabel("generalization error ε")
        axes.set_title(title, loc="left", fontsize=10.5)
        for what, load in panel.marks.items():
            axes.axvline(load, color="0.7", linewidth=0.8, zorder=0)
            axes.annotate(
                what, (load, panel.y[0]), (3, 3), textcoords="offset points", fontsize=7.5,
                color="0.35",
            )  # fmt: skip
        lines = [
            _curve(axes, curve, data) for curve, data in zip(panel.curves, curves, strict=True)
        ]
        series = [
            (method, epoch, color)
            for method in panel.methods
            for epoch, color in zip(method.epochs, method.colors, strict=True)
        ]
        bars = []
        for k, (method, epoch, color) in enumerate(series):
            aside = APART * (panel.x[1] - panel.x[0]) * (k - (len(series) - 1) / 2)
            mine = [
                point
                for point in points
                if point["settings"]["id"] == method.id and point["epoch"] == epoch
            ]
            look = {"marker": method.marker, "color": method.edge, "markerfacecolor": color}
            bars.append(_points(axes, f"{method.label}, {epoch} epochs", mine, aside, look))
        measured = f"measured, N = {settings.neurons}, {settings.replicas} replicas"
        heads = [_text(f"theory, S = {panel.S:g}"), _text(measured)]
        rows = [heads[0], *lines, heads[1], *bars, *map(_text, [SIDE_BY_SIDE, *panel.notes])]
        legend = axes.legend(handles=rows, loc="upper left", bbox_to_anchor=(1.01, 1.02))
        for row, text in zip(rows, legend.get_texts(), strict=True):
            if row in heads:
                text.set_fontweight("bold")
    return figure


def _text(text: str) -> Line2D:
    """Return a row of the legend without a line."""
    return Line2D([], [], linestyle="none", label=text)


def _curve(axes: Axes, curve: Curve, data: dict[str, Any]) -> Line2D:
    """Draw a curve, dashed where replica symmetry is unstable."""
    load, error = np.array(data["alpha"]), np.array(data["error"])
    look: dict[str, Any] = {"color": curve.color, "linewidth": curve.width}
    if "stable" not in data:
        return axes.plot(load, error, curve.line, label=curve.label, **look)[0]
    stable = np.array(data["stable"])
    last = np.append(stable[1:] != stable[:-1], False)  # both parts have the point between them
    axes.plot(load, np.where(stable, error, np.nan), "-", **look)
    axes.plot(load, np.where(stable & ~last, np.nan, error), "--", **look)
    return Line2D([], [], label=curve.label, linestyle="-" if stable.any() else "--", **look)


def _points(
    axes: Axes, label: str, points: list[dict[str, Any]], aside: float, look: dict[str, Any]
) -> ErrorbarContainer:
    """Draw points with error bars; those that are too high, at the upper end with their number."""
    marker = look | {"markersize": 4.6, "markeredgewidth": 0.9, "linestyle": "none"}
    known = [
        (point["alpha"] + aside, point["error"], point["standard_error"])
        for point in points
        if point["error"] is not None  # training that diverged
    ]
    top = axes.get_ylim()[1]
    for load, error, _ in known:
        if error > top:
            axes.plot(load, top, clip_on=False, zorder=3, **marker)
            axes.annotate(
                f"{error:.2g}", (load, top), (math.copysign(5, aside), 0), fontsize=7.5,
                textcoords="offset points", ha="left" if aside > 0 else "right", va="center",
                color=look["color"],
            )  # fmt: skip
    inside = [each for each in known if each[1] <= top]
    load, error, bar = np.array(inside).reshape(-1, 3).T
    return axes.errorbar(load, error, bar, elinewidth=0.9, label=label, zorder=3, **marker)


def save(figure: Figure, path: Path) -> None:
    """Write a picture in one piece, in the format of the extension.

    Raises
    ------
    bntheory.cli.RequestError
        If it cannot be written.
    """
    kind = path.suffix.lower()
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with matplotlib.style.context(["default", STYLE]):
            figure.savefig(part, format=kind[1:], dpi=DPI, metadata=FORMATS[kind])
        part.replace(path)
    except OSError as error:
        raise RequestError(f"cannot write {str(path)!r}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
