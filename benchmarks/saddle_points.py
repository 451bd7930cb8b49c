"""A learning curve by continuation, against solving for each of its loads anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from measure import Figure, compare

LOADS = np.linspace(0.05, 10, 100)
NOISE = 0.25


def saddle_points() -> Iterator[Figure]:
    """(h) A hundred loads of a ReLU student."""
    from bntheory.learning_curves import curves

    for ridge in (0.0, 0.1, 0.001):
        yield compare(
            f"h  learning curve, ridge = {ridge:g}",
            partial(curves, "rs-relu", alpha=LOADS, S=NOISE, ridge=ridge),
            partial(_cold, ridge),
            10.0,
            faster=True,
            rounds=7,
            note="saddle_point at each of its 100 loads",
        )


def _cold(ridge: float) -> None:
    from bntheory.learning_curves import saddle_point

    for alpha in LOADS:
        saddle_point(float(alpha), NOISE, ridge=ridge)
