"""Dropout behind BN and behind WN in ResNet-18 (Sec. 5, Figure 2g,h)."""

from __future__ import annotations

from bntheory.experiments.checks import Checked, compare
from bntheory.experiments.figure import Figure, Panel
from bntheory.experiments.method import Method
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results


def methods(recipe: Recipe) -> tuple[Method, ...]:
    """Return BN at two batch sizes, and with dropout; WN without and with."""
    small, large = recipe.small, recipe.large
    return (
        Method("bn-small", f"BN, M = {small}", small, "#0072B2"),
        Method("bn-large", f"BN, M = {large}", large, "#D55E00"),
        Method("bn-dropout", f"BN + dropout 0.1, M = {large}", large, "#CC79A7", dropout=0.1),
        Method("wn", f"WN, M = {small}", small, "#E69F00", norm="wn"),
        Method("wn-dropout", f"WN + dropout 0.2, M = {small}", small, "#009E73", norm="wn",
               dropout=0.2),
    )  # fmt: skip


def checks(results: Results, recipe: Recipe) -> list[Checked]:
    """Decide what the paper says."""
    small, large = recipe.small, recipe.large
    return [
        compare(
            results, f"BN has more validation loss at M = {large} than at {small}.", "validation",
            "bn-large", "above", "bn-small",
        ),
        compare(
            results, f"Dropout lowers the validation loss of BN at M = {large}.", "validation",
            "bn-dropout", "below", "bn-large",
        ),
        compare(
            results, f"Dropout makes BN at M = {large} more accurate.", "accuracy", "bn-dropout",
            "above", "bn-large",
        ),
        compare(
            results, "Dropout makes WN more accurate.", "accuracy", "wn-dropout", "above", "wn"
        ),
        compare(
            results, f"WN + dropout is less accurate than BN, M = {small}.", "accuracy",
            "wn-dropout", "below", "bn-small",
        ),
    ]  # fmt: skip


FIGURE = Figure(
    "resnet18",
    methods,
    checks,
    (
        Panel("(g) loss, training dotted", "loss", {"validation": "-", "train": ":"}),
        Panel("(h) validation accuracy", "accuracy", {"accuracy": "-"}),
    ),
)
