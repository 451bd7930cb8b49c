"""Hypothesis profiles, threads, and each statement derived once for the whole session."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import settings

# The tests go side by side, a process for each core: more threads would only wait for each other.
# Here nothing that counts its threads is imported yet.
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

settings.register_profile("modest", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=500, deadline=None)
settings.load_profile("modest")


@pytest.fixture(scope="session")
def derived() -> Callable[..., Any]:
    """Return the derivation of a statement, for the name of an activation or for none."""
    import derivations
    from bntheory.activations import ACTIVATIONS

    @cache
    def derivation(id: str, activation: str | None = None) -> Any:
        return derivations.derive(id, ACTIVATIONS[activation] if activation else None)

    return derivation
