"""BN at a small and a large batch, and PN at the large one with the decay of the small one."""

from __future__ import annotations

from bntheory.experiments.checks import Checked, compare, nearer
from bntheory.experiments.figure import Panel
from bntheory.experiments.method import Method
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results

PANELS = (
    Panel("(a) loss, training dotted", "loss", {"validation": "-", "train": ":"}),
    Panel("(b) validation accuracy", "accuracy", {"accuracy": "-"}),
)


def methods(recipe: Recipe) -> tuple[Method, ...]:
    """Return what Figures 2(a,b) and 3 train, and the other forms of the decay beside it."""
    small, large = recipe.small, recipe.large
    return (
        Method("bn-small", f"BN, M = {small}", small, "#0072B2"),
        Method("bn-large", f"BN, M = {large}", large, "#D55E00"),
        Method("pn", f"PN, M = {large}", large, "0.6", norm="pn"),
        Method(
            "pn-paper", "PN + decay, paper's", large, "#009E73", norm="pn", decay="paper",
            decay_batch=small,
        ),
        Method(
            "pn-own-batch", "PN + decay, own-batch", large, "#CC79A7", norm="pn",
            decay="own-batch", decay_batch=small,
        ),
        Method(
            "pn-constant", "PN + decay, constant", large, "#E69F00", "-.", norm="pn",
            decay="constant", decay_batch=small,
        ),
    )  # fmt: skip


def regularization(results: Results, recipe: Recipe) -> list[Checked]:
    """Decide what a large batch does, and what the decay does against it."""
    small, large = recipe.small, recipe.large
    return [
        compare(
            results, f"BN has more validation loss at M = {large} than at {small}.", "validation",
            "bn-large", "above", "bn-small",
        ),
        compare(
            results, f"BN is less accurate at M = {large} than at {small}.", "accuracy",
            "bn-large", "below", "bn-small",
        ),
        compare(
            results, f"BN has a larger gap to training at M = {large} than at {small}.", "gap",
            "bn-large", "above", "bn-small",
        ),
        compare(
            results, f"PN has a larger gap than BN at M = {large}.", "gap", "pn", "above",
            "bn-large",
        ),
        compare(
            results, "Gamma decay lowers the validation loss of PN.", "validation", "pn-paper",
            "below", "pn",
        ),
    ]  # fmt: skip


def forms(results: Results, small: int) -> list[Checked]:
    """Decide about the forms of the decay (App. B.3, and beyond the paper)."""
    return [
        compare(
            results, "A constant decay leaves more validation loss than the adaptive one.",
            "validation", "pn-constant", "above", "pn-paper",
        ),
        nearer(
            results, f"Own-batch decay predicts the gap of BN at {small} better than the paper's.",
            "gap", "bn-small", "pn-own-batch", "pn-paper",
        ),
    ]  # fmt: skip
