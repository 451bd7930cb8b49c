"""Vanilla SGD, BN, WN, and one statistic of the batch (Sec. 5, Figure 2c,d)."""

from __future__ import annotations

from bntheory.experiments.checks import Checked, compare
from bntheory.experiments.figure import Figure, Panel
from bntheory.experiments.method import Method
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results


def methods(recipe: Recipe) -> tuple[Method, ...]:
    """Return one network for each normalization."""
    M = recipe.small
    return (
        Method("sgd", "vanilla SGD", M, "0.5", norm="none"),
        Method("bn", "BN", M, "#0072B2"),
        Method("wn", "WN", M, "#E69F00", norm="wn"),
        Method("mean-only", "WN + mean-only BN", M, "#009E73", norm="mean-only"),
        Method("variance-only", "WN + variance-only BN", M, "#CC79A7", norm="variance-only"),
    )


def checks(results: Results, recipe: Recipe) -> list[Checked]:
    """Decide what the paper says: both statistics regularize, and neither does alone."""
    names = {method.id: method.label for method in results.methods}
    pairs = [
        *(("bn", other) for other in ("sgd", "wn")),
        *((one, "wn") for one in ("mean-only", "variance-only")),
        *(("bn", one) for one in ("mean-only", "variance-only")),
    ]
    return [
        compare(
            results, f"{names[of]} has less validation loss than {names[to]}.", "validation",
            of, "below", to,
        )
        for of, to in pairs
    ]  # fmt: skip


FIGURE = Figure(
    "convnet",
    methods,
    checks,
    (
        Panel("(c) training loss", "loss", {"train": "-"}),
        Panel("(d) validation loss", "loss", {"validation": "-"}),
    ),
)
