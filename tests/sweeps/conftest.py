"""Outcomes of tasks, without measuring anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bntheory.verdict import Validation, judge

VERSIONS = {"bntheory": "0", "torch": "2"}


@pytest.fixture
def outcome() -> Callable[..., Validation]:
    """Return what makes an outcome of the measured values of its checks."""

    def made(
        *measured: float, versions: dict[str, str] = VERSIONS, form: str = "derived"
    ) -> Validation:
        checks = tuple(
            judge("students", f"q{k}", 0.0, value, 0.1, 1.0, form)  # type: ignore[arg-type]
            for k, value in enumerate(measured)
        )
        return Validation("thm1", "a title", "here", checks, 1, "cpu", versions, 0.5)

    return made


@pytest.fixture
def head() -> dict[str, object]:
    """Return what is the same for all tasks of a sweep."""
    return {"id": "thm1", "seed": None, "neurons": 7, "device": "cpu", "versions": VERSIONS}
