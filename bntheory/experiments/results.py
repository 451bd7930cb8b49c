"""The metrics of all networks of a figure, by method and seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bntheory.experiments.method import Method


@dataclass(frozen=True)
class Results:
    """What was measured.

    Attributes
    ----------
    methods : tuple of Method
    seeds : tuple of int
    lines : mapping
        For each method's id and seed what :func:`bntheory.experiments.training.train` returns.
    """

    methods: tuple[Method, ...]
    seeds: tuple[int, ...]
    lines: Mapping[tuple[str, int], list[dict[str, Any]]]

    def curve(self, method: str, quantity: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the epochs at which a quantity is known, and its values.

        Parameters
        ----------
        method : str
            Its id.
        quantity : str
            A key of the metrics, with a dot and a key inside where it has several values:
            ``validation``, ``norms.3``; ``gap`` for ``validation`` - ``fitted``.

        Returns
        -------
        epochs : numpy.ndarray
            Of shape (n,).
        values : numpy.ndarray
            Of shape (seeds, n); nan from where a training has diverged.
        """
        found = [
            {line["epoch"]: value(line, quantity) for line in self.lines[method, seed]}
            for seed in self.seeds
        ]
        known = [{e: v for e, v in of_seed.items() if v is not None} for of_seed in found]
        epochs = sorted(set().union(*known))
        values = [[of_seed.get(epoch, np.nan) for epoch in epochs] for of_seed in known]
        return np.array(epochs), np.array(values).reshape(len(self.seeds), len(epochs))

    def final(self, method: str, quantity: str) -> np.ndarray:
        """Return a quantity at the end, for each seed; nan where the training has diverged."""
        ends = [self.lines[method, seed][-1] for seed in self.seeds]
        values = [None if "diverged" in end else value(end, quantity) for end in ends]
        return np.array([np.nan if v is None else v for v in values], float)

    def at(self, method: str, quantity: str, epoch: int) -> np.ndarray:
        """Return a quantity at an epoch, for each seed."""
        epochs, values = self.curve(method, quantity)
        where = np.flatnonzero(epochs == epoch)
        return values[:, where[0]] if where.size else np.full(len(self.seeds), np.nan)


def value(line: Mapping[str, Any], quantity: str) -> float | None:
    """Return a quantity of one epoch, or None."""
    if quantity == "gap":
        validation, fitted = (value(line, name) for name in ("validation", "fitted"))
        return None if validation is None or fitted is None else validation - fitted
    found: Any = line
    for key in quantity.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return None if found is None else float(found)
