"""Norms of kernels that BN is merged into (App. B.2, Figure 4)."""

from __future__ import annotations

from typing import Any

import numpy as np

from bntheory.experiments.checks import Checked, compare, decide
from bntheory.experiments.figure import Figure, Panel
from bntheory.experiments.method import Method
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results

#: Where the convolutions are in the network.
KERNELS = (0, 3, 6, 9)


def methods(recipe: Recipe) -> tuple[Method, ...]:
    """Return a network whose BN is merged, and one that goes on with it at the same rate."""
    M = recipe.small
    return (
        Method("merged", "merged, vanilla SGD", M, "#D55E00", merges="merged"),
        Method("kept", "BN kept, same rate", M, "#0072B2", "--", merges="kept"),
    )


def checks(results: Results, recipe: Recipe) -> list[Checked]:
    """Decide what the paper says: what changes after the merge, and what does not without it."""

    def moved(method: str, quantity: str) -> np.ndarray:
        return results.final(method, quantity) - results.at(method, quantity, merge(results))

    def change(claim: str, quantity: str, sign: int) -> Checked:
        return decide(claim, "printed", sign * moved("merged", quantity))

    def grown(method: str) -> np.ndarray:
        return np.sum([moved(method, f"norms.{place}") for place in KERNELS], axis=0)

    return [
        change("The loss of the training images falls after the merge.", "fitted", -1),
        change("The validation loss rises after the merge.", "validation", 1),
        *(
            change(f"The norm of kernel {index + 1} rises after the merge.", f"norms.{place}", 1)
            for index, place in enumerate(KERNELS)
        ),
        compare(
            results, "The validation loss ends higher than with BN kept.", "validation", "merged",
            "above", "kept",
        ),
        # a rate so much lower lets kernels grow with batch normalization, too
        decide(
            "The norms of the kernels rise more than with BN kept.", "derived",
            grown("merged") - grown("kept"),
        ),
    ]  # fmt: skip


def merge(results: Results) -> int:
    """Return the epoch after which BN was merged."""
    from bntheory.experiments.job import MERGED_AFTER

    return round(MERGED_AFTER * int(results.curve("merged", "train")[0][-1]))


def draw(results: Results, recipe: Recipe, axes: Any) -> None:
    """Draw where the merge is."""
    epoch = merge(results)
    for panel in axes:
        panel.axvline(epoch, color="0.6", linewidth=0.8, linestyle=":", zorder=0)
    axes[-1].annotate(
        "merge", (epoch, 0.02), xycoords=("data", "axes fraction"), xytext=(3, 0),
        textcoords="offset points", fontsize=8, color="0.4",
    )  # fmt: skip


FIGURE = Figure(
    "convnet",
    methods,
    checks,
    (
        *(
            Panel(f"({letter}) kernel {index + 1}", "norm", {f"norms.{place}": "-"})
            for index, (letter, place) in enumerate(zip("abcd", KERNELS, strict=True))
        ),
        Panel("(e) loss of training images", "loss", {"fitted": "-"}),
        Panel("(f) validation loss", "loss", {"validation": "-"}),
    ),
    draw,
)
