"""How networks are trained on each data set: App. B, and what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

#: The batch that the learning rates are for; for others they are scaled (Goyal et al. 2017).
REFERENCE = 128


@dataclass(frozen=True)
class Recipe:
    """What all networks of a figure have in common.

    Attributes
    ----------
    epochs : int
        Without a budget.
    small, large : int
        The two batch sizes of the figures, 128 and 1024 in the paper.
    batches, layers : tuple of int
        Those of Figure 2(e,f).
    rate : float
        The first learning rate at 128 images a step.
    momentum, weight_decay : float
    decay : float
        By what part the rate goes down in each of ``steps`` steps, continuously.
    steps : int
        Steps of 128 images in all epochs, for ``decay``.
    drops : tuple of float
        Parts of the training after which the rate goes down tenfold; ``decay`` is for the others.
    warm_up : float
        The part of the training in which the rate goes up to its first value.
    sample : int
        Training images of which populations are made.
    refresh : float
        Epochs from one refresh of the populations to the next.
    follow : int
        Over how many images, about, populations follow the batches in between.
    measured : int
        Training images of which a gamma decay is measured.
    measure : float
        Epochs from one measurement to the next.
    widths : mapping
        Channels of the first convolution, by the kind of network.
    seeds : int
        How many networks are trained for a curve.
    shift : int
        How far images are shifted.
    """

    epochs: int
    small: int
    large: int
    batches: tuple[int, ...]
    layers: tuple[int, ...]
    rate: float
    sample: int
    refresh: float
    follow: int
    measured: int
    measure: float
    widths: Mapping[str, int]
    shift: int
    seeds: int = 3
    momentum: float = 0.9
    weight_decay: float = 0.0
    decay: float = 1e-4
    steps: int = 39_000
    drops: tuple[float, ...] = ()
    warm_up: float = 0.1

    def of_width(self, width: int | None) -> Recipe:
        """Return the same for networks of another width; None for this one."""
        if width is None:
            return self
        return replace(self, widths=dict.fromkeys(self.widths, width))

    def as_data(self) -> dict[str, Any]:
        """Return it as it stands in the data file."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


#: By the kind of images.  Where the paper leaves a number open it is a usual one.
CIFAR = Recipe(
    epochs=100, small=128, large=1024, batches=(32, 64, 128, 256, 512), layers=(0, 1, 2, 3),
    rate=0.05, sample=10_000, refresh=2, follow=3000, measured=256, measure=2,
    widths={"resnet18": 64, "convnet": 32}, shift=4,
)  # fmt: skip

#: A thousand images of 8x8 pixels: batches, networks and trainings that are as much smaller.
DIGITS = Recipe(
    epochs=30, small=16, large=128, batches=(8, 32, 128), layers=(0, 3), rate=0.1, sample=1000,
    refresh=1 / 8, follow=1000, measured=128, measure=1, widths={"resnet18": 8, "convnet": 16},
    shift=1, decay=0.0165, steps=234,
)  # fmt: skip

RECIPES = {"cifar10": CIFAR, "imagenet32": CIFAR, "digits": DIGITS}
