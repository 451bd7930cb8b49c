"""Random numbers: repeatable, and of their own for each name."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from bntheory.simulation import Run


def numbers(seed: int, name: str) -> list[float]:
    return torch.rand(4, generator=Run(seed).generator(name)).tolist()


def test_the_same_seed_and_name_give_the_same_numbers() -> None:
    assert numbers(1, "a") == numbers(1, "a")
    streams = [tuple(numbers(seed, name)) for seed in (-1, 1, 11) for name in ("a", "b", "1 a")]
    assert len(set(streams)) == len(streams)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"device": "tpu"}, "no device 'tpu'; the devices are cpu, cuda"),
        ({"neurons": 0}, "neurons = 0 is outside its domain"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Run(**given)


def test_a_device_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="'cuda' is not available here"):
        Run(device="cuda")
