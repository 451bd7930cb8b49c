"""ResNet-18 on ImageNet 32x32: BN, and PN + gamma decay (App. B.1, Figure 3)."""

from __future__ import annotations

from dataclasses import replace

from bntheory.experiments.checks import Checked, compare
from bntheory.experiments.figure import Figure
from bntheory.experiments.large_batches import PANELS, forms, methods, regularization
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results

#: Accuracies that differ by less are comparable.
COMPARABLE = 0.02


def protocol(recipe: Recipe) -> Recipe:
    """Return the recipe of He et al. 2016, which the paper follows here."""
    return replace(recipe, drops=(0.3, 0.6, 0.9), weight_decay=1e-4)


def checks(results: Results, recipe: Recipe) -> list[Checked]:
    """Decide what the paper says."""
    small, large = recipe.small, recipe.large
    return [
        *regularization(results, recipe),
        compare(
            results,
            f"PN + gamma decay at M = {large} is as accurate as BN at {small}, within "
            f"{COMPARABLE:.0%}.",
            "accuracy", "pn-paper", "on", "bn-small", COMPARABLE,
        ),
        *forms(results, small),
    ]  # fmt: skip


FIGURE = Figure("resnet18", methods, checks, PANELS, change=protocol)
