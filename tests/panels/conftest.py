"""Panels of one load and a few epochs, which are trained in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import torch
from shortening import shortened

from bntheory import panels
from bntheory.panels import make
from bntheory.panels.panel import Panel
from bntheory.panels.points import Training, measure


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> dict[str, Panel]:
    """Have short panels, by id, in place of those that there are."""
    known = {id: shortened(panels.find(id)) for id in panels.available()}
    for module in (panels, make):
        monkeypatch.setattr(module, "find", lambda id: known[panels.known(id)])
    return known


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Training]]:
    """Train in this process, and return what was trained."""
    done: list[Training] = []

    def here(missing: Sequence[Training]) -> Iterator[tuple[Training, list[dict[str, Any]]]]:
        for training in missing:
            done.append(training)
            yield training, measure(training)

    monkeypatch.setattr(make, "measured", here)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield done
    torch.set_num_threads(threads)
