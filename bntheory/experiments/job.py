"""One training: all that its numbers depend on, and where they are written."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from bntheory import __version__
from bntheory.experiments.method import Method
from bntheory.experiments.recipe import Recipe

#: How often a network is evaluated at most, at the ends of epochs.
EVALUATIONS = 10

#: When Figure 4 merges, as a part of the training, and the rate from then on.
MERGED_AFTER, FINE_RATE = 2 / 3, 1e-3


@dataclass(frozen=True)
class Job:
    """A network that is trained.

    Attributes
    ----------
    figure : str
    kind : {"resnet18", "convnet"}
    method : Method
    recipe : Recipe
    epochs, seed : int
    folder : str or None
        Of the images.
    images : int or None
        How many of the training images, if not all.
    device : str
    runs : Path
        Where metrics and the checkpoint are written.
    evaluations : int
        How often a network is evaluated at most, at the ends of epochs; the last one always is.
    """

    figure: str
    kind: Any
    method: Method
    recipe: Recipe
    epochs: int
    seed: int
    folder: str | None
    images: int | None
    device: str
    runs: Path
    evaluations: int = EVALUATIONS

    @property
    def identity(self) -> str:
        """What all that its numbers depend on comes to."""
        known = (
            self.figure, self.kind, self.method.as_data(), self.recipe.as_data(), self.epochs,
            self.seed, self.images, self.device, self.evaluations, __version__,
        )  # fmt: skip
        return blake2b(repr(known).encode(), digest_size=8).hexdigest()

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.method.id}-seed{self.seed}"

    @property
    def metrics(self) -> Path:
        """A line of JSON for each epoch."""
        return self.runs / f"{self.name}.jsonl"

    @property
    def checkpoint(self) -> Path:
        """What a training that was interrupted goes on from."""
        return self.runs / f"{self.name}.pt"

    @property
    def merging(self) -> int | None:
        """The epoch after which normalization goes into the kernels, or would."""
        return round(MERGED_AFTER * self.epochs) if self.method.merges else None

    def evaluates(self, epoch: int) -> bool:
        """Whether the network is evaluated at the end of an epoch; 0 is before the first."""
        step = -(-self.epochs // self.evaluations)
        return epoch % step == 0 or epoch in (self.epochs, self.merging)

    def rate(self, part: float) -> float:
        """Return the learning rate, over that of the whole of the batch, at a part of the way.

        The recipe's continuous decay is that of its own number of epochs, whatever is made of them:
        it depends on the part alone.
        """
        if self.merging is not None and part * self.epochs >= self.merging:
            return FINE_RATE
        recipe = self.recipe
        rising = min(1.0, part / recipe.warm_up) if recipe.warm_up else 1.0
        return recipe.rate * self.method.rate * rising * self._falling(part)

    def _falling(self, part: float) -> float:
        recipe = self.recipe
        if recipe.drops:
            return float(0.1 ** sum(part >= drop for drop in recipe.drops))
        return float((1 - recipe.decay) ** (part * recipe.steps))
