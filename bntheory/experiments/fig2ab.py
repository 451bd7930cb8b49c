"""BN, and PN + gamma decay, in ResNet-18 (Sec. 5, Figure 2a,b)."""

from __future__ import annotations

from bntheory.experiments.checks import Checked, compare
from bntheory.experiments.figure import Figure
from bntheory.experiments.large_batches import PANELS, forms, methods, regularization
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results


def checks(results: Results, recipe: Recipe) -> list[Checked]:
    """Decide what the paper says."""
    small, large = recipe.small, recipe.large
    return [
        *regularization(results, recipe),
        compare(
            results, f"PN + gamma decay has less validation loss than BN at M = {large}.",
            "validation", "pn-paper", "below", "bn-large",
        ),
        compare(
            results, f"PN + gamma decay at M = {large} is more accurate than BN at {small}.",
            "accuracy", "pn-paper", "above", "bn-small",
        ),
        *forms(results, small),
    ]  # fmt: skip


FIGURE = Figure("resnet18", methods, checks, PANELS)
