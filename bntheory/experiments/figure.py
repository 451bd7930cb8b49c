"""What belongs in a figure of Section 5: networks, axes, and what is claimed about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bntheory.experiments.checks import Checked
from bntheory.experiments.job import EVALUATIONS
from bntheory.experiments.method import Method
from bntheory.experiments.recipe import Recipe
from bntheory.experiments.results import Results


@dataclass(frozen=True)
class Panel:
    """One pair of axes, with curves over the epochs.

    Attributes
    ----------
    title, ylabel : str
    quantities : mapping
        What is drawn, as :meth:`bntheory.experiments.results.Results.curve` has it, and the style
        of the line: solid curves are named in the legend.
    top : float or None
        The upper end of the axis; None for what fits.
    """

    title: str
    ylabel: str
    quantities: dict[str, str]
    top: float | None = None


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes
    ----------
    kind : {"resnet18", "convnet"}
        The network.
    methods : callable
        From the recipe to what is trained.
    checks : callable
        From the results and the recipe to what is claimed, with verdicts.
    panels : tuple of Panel
    draw : callable or None
        From results, recipe and axes: what is drawn where it is not curves over the epochs.
    change : callable
        From the recipe of the images to that of the figure.
    evaluations : int
        How often networks are evaluated at most; once where nothing is drawn over the epochs.
    """

    kind: Literal["resnet18", "convnet"]
    methods: Callable[[Recipe], tuple[Method, ...]]
    checks: Callable[[Results, Recipe], list[Checked]]
    panels: tuple[Panel, ...]
    draw: Callable[[Results, Recipe, Any], None] | None = None
    change: Callable[[Recipe], Recipe] = lambda recipe: recipe
    evaluations: int = EVALUATIONS


@dataclass(frozen=True)
class Settings:
    """What the user chooses.

    Attributes
    ----------
    data : Path or None
        The folder of the images; None for digits.
    budget : float or None
        Minutes that all trainings may take together; None for the recipe's epochs.
    replicas : int or None
        How many networks are trained for a curve; None for the recipe's number.
    seed : int
        Of the first of them.
    device : {"cpu", "cuda"}
    images : int or None
        How many of the training images are used; None for all.
    width : int or None
        Channels of the first convolution; None for the recipe's.
    epochs : int or None
        None for the recipe's, or what the budget allows.
    """

    data: Path | None
    budget: float | None
    replicas: int | None
    seed: int
    device: str
    images: int | None = None
    width: int | None = None
    epochs: int | None = None

    def as_data(self) -> dict[str, Any]:
        """Return them as they stand in the data file, where the device stands beside them."""
        names = ("budget", "replicas", "seed", "images", "width", "epochs")
        return {name: getattr(self, name) for name in names}
