"""A network and its normalization: one curve of a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Norm = Literal["bn", "pn", "mean-only", "variance-only", "wn", "none"]


@dataclass(frozen=True)
class Method:
    """How a network is normalized and regularized.

    Attributes
    ----------
    id, label : str
        What claims call it, and what the legend does.
    batch : int
        M: the images of a step, and what batch normalization sees.
    color, line : str
        As in matplotlib.
    norm : {"bn", "pn", "mean-only", "variance-only", "wn", "none"}
        With ``mean-only`` and ``variance-only`` kernels are weight-normalized, too.
    decay : {"paper", "own-batch", "constant"} or None
        The form of gamma decay.
    decay_batch : int or None
        The M that the decay stands for.
    dropout : float
        Behind the last normalization of each residual block (App. B.3: it follows BN, and two of
        them are a block apart).
    layer : int or None
        Where normalization is, if behind one convolution alone; the others have none.
    rate : float
        The learning rate, over the recipe's.
    merges : {"", "merged", "kept"}
        What comes after two thirds of the training, at a rate of 1e-3: normalization goes into the
        kernels, or stays (Figure 4).
    """

    id: str
    label: str
    batch: int
    color: str
    line: str = "-"
    norm: Norm = "bn"
    decay: Literal["paper", "own-batch", "constant"] | None = None
    decay_batch: int | None = None
    dropout: float = 0.0
    layer: int | None = None
    rate: float = 1.0
    merges: Literal["", "merged", "kept"] = ""

    def as_data(self) -> dict[str, Any]:
        """Return what its training depends on, as it stands in the data file."""
        names = (
            "id", "batch", "norm", "decay", "decay_batch", "dropout", "layer", "rate", "merges",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}
