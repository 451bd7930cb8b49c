"""A model and the random generators, left as they were found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@contextmanager
def evaluating(model: torch.nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode without gradients of its parameters, and put it back.

    The flags are set, not ``eval`` called, which a model may have given a meaning of its own.
    """
    modes = [(module, module.training) for module in model.modules()]
    gradients = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    buffers = [
        (module, name, buffer, None if buffer is None else buffer.clone())
        for module in model.modules()
        for name, buffer in module._buffers.items()
    ]
    try:
        for module, _ in modes:
            module.training = False
        for parameter, _ in gradients:
            parameter.requires_grad_(False)
        yield
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter, flag in gradients:
            parameter.requires_grad_(flag)
        for module, name, buffer, value in buffers:
            module._buffers[name] = buffer
            if buffer is not None and value is not None:
                _write_back(buffer, value)


def _write_back(buffer: Tensor, value: Tensor) -> None:
    if not torch.equal(buffer, value):
        with torch.no_grad():
            buffer.copy_(value)


@dataclass(frozen=True)
class RandomState:
    """The random generators of torch, NumPy and Python, and those that a loader has of its own."""

    own: list[tuple[torch.Generator, Tensor]]

    def seed(self, seed: int) -> None:
        """Start all of them anew; those of the loader where they were."""
        random.seed(seed)
        np.random.seed(seed)
        torch.default_generator.manual_seed(seed)
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(seed)
        for generator, state in self.own:
            generator.set_state(state)


@contextmanager
def random_state(loader: Any) -> Iterator[RandomState]:
    """Put the random generators back where they were."""
    python, numpy, default = random.getstate(), np.random.get_state(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    state = RandomState([(generator, generator.get_state()) for generator in _generators(loader)])
    try:
        yield state
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(default)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)
        for generator, value in state.own:
            generator.set_state(value)


def _generators(loader: Any) -> list[torch.Generator]:
    """Return the generators that a loader and its samplers hold."""
    batch_sampler = getattr(loader, "batch_sampler", None)
    owners = loader, getattr(loader, "sampler", None), getattr(batch_sampler, "sampler", None)
    found = {id(g): g for owner in owners if (g := getattr(owner, "generator", None)) is not None}
    return [g for g in found.values() if isinstance(g, torch.Generator)]
