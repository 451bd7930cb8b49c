"""Experiments of a few images, channels and epochs, which are trained in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from small_recipe import RECIPE

from bntheory.experiments import learner, make, recipe


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """Be in a folder of its own with short recipes; return the jobs that were trained."""
    for name in recipe.RECIPES:
        monkeypatch.setitem(recipe.RECIPES, name, RECIPE)
    trained: list[Any] = []

    def here(work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        for job in jobs:
            trained.append(job)
            yield job, work(job)

    monkeypatch.setattr(make, "side_by_side", here)
    monkeypatch.setattr(learner, "PROBES", 1)
    monkeypatch.chdir(tmp_path)
    return trained
