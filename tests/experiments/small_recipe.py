"""A recipe of seconds, and a job that follows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bntheory.experiments.job import Job
from bntheory.experiments.method import Method
from bntheory.experiments.recipe import Recipe

RECIPE = Recipe(
    epochs=2, small=16, large=32, batches=(16, 32), layers=(0,), rate=0.1, sample=64, refresh=1 / 2,
    follow=64, measured=4, measure=2, widths={"resnet18": 2, "convnet": 2}, shift=1,
    seeds=2, steps=100,
)  # fmt: skip


def job(folder: Path, kind: str = "convnet", epochs: int = 4, seed: int = 1, **method: Any) -> Job:
    """Return a job of a few images of digits."""
    named = {"id": "m", "label": "a method", "batch": 16, "color": "k", **method}
    return Job("figure", kind, Method(**named), RECIPE, epochs, seed, None, 64, "cpu", folder)
