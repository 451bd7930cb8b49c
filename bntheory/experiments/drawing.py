"""The picture of a figure: curves over the epochs, averaged over seeds, with standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from bntheory.experiments.figure import Figure, Panel
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results
from bntheory.panels.drawing import STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Of one pair of axes, in inches; and how many there are side by side.
SIZE, ABREAST = (4.2, 3.4), 3


def draw(figure: Figure, results: Results, recipe: Recipe, title: str, notes: list[str]) -> Picture:
    """Draw a figure.

    Parameters
    ----------
    figure : Figure
        What belongs in it.
    results : Results
        What was measured.
    recipe : Recipe
        How networks were trained.
    title : str
        Above it.
    notes : list of str
        Below the title: the images, the epochs, the machine.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with matplotlib.style.context(["default", STYLE]):
        columns = min(ABREAST, len(figure.panels))
        rows = -(-len(figure.panels) // columns)
        width = SIZE[0] * columns + 2.2
        picture = Picture((width, SIZE[1] * rows + 0.9), layout="constrained")
        all_axes = picture.subplots(rows, columns, squeeze=False).ravel()
        for axes, panel in zip(all_axes, figure.panels, strict=True):
            axes.set_title(panel.title, loc="left", fontsize=9.5)
            axes.set_ylabel(panel.ylabel)
            axes.set_xlabel("epoch")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            _curves(axes, panel, results)
        if figure.draw is not None:
            figure.draw(results, recipe, all_axes)
        handles, labels = all_axes[0].get_legend_handles_labels()
        picture.legend(handles, labels, loc="outside right upper")
        picture.suptitle("\n".join([title, *notes]), x=0.01, ha="left", fontsize=9)
    return picture


def _curves(axes: Axes, panel: Panel, results: Results) -> None:
    for method in results.methods:
        for quantity, line in panel.quantities.items():
            epochs, values = results.curve(method.id, quantity)
            solid = line == "-"
            look: dict[str, Any] = {"color": method.color, "linewidth": 1.3 if solid else 0.9}
            if len(epochs) == 1:
                look["marker"] = "."
            label = method.label if solid else None
            mean = values.mean(0)
            axes.plot(epochs, mean, method.line if solid else line, label=label, **look)
            if len(values) > 1:
                error = values.std(0, ddof=1) / np.sqrt(len(values))
                axes.fill_between(
                    epochs, mean - error, mean + error, color=method.color, alpha=0.2, linewidth=0
                )
    _bound(axes, panel, results)


def _bound(axes: Axes, panel: Panel, results: Results) -> None:
    """Leave out of a loss what is far above where most of it is, as in the first epochs."""
    if panel.ylabel != "loss":
        return
    later = []
    for method in results.methods:
        for quantity in panel.quantities:
            epochs, values = results.curve(method.id, quantity)
            later.append(values[:, epochs > epochs.max(initial=0) / 5].ravel())
    known = np.concatenate(later) if later else np.empty(0)
    known = known[np.isfinite(known)]
    if known.size:
        axes.set_ylim(0, 1.15 * float(known.max()))
