"""What is done at one point of a sweep."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bntheory.sweeps.axes import OF_ALL

if TYPE_CHECKING:
    from bntheory.verdict import Validation


@dataclass(frozen=True)
class Task:
    """A statement at a point.

    Attributes
    ----------
    id : str
        The statement.
    where : tuple of int
        The point's position along each axis.
    point : mapping
        Its values, by axis.
    seed : int
    device : str
    neurons : int or None
        As for :func:`validation.validate`, where the point does not say.
    """

    id: str
    where: tuple[int, ...]
    point: Mapping[str, Any]
    seed: int
    device: str
    neurons: int | None

    def __str__(self) -> str:
        """Name the point."""
        return f"{self.id} at " + ", ".join(f"{name} = {x}" for name, x in self.point.items())


@dataclass(frozen=True)
class Failed:
    """What was raised in place of a result.

    Attributes
    ----------
    error : str
        The whole of it, with where it was raised.
    """

    error: str

    @classmethod
    def by(cls, error: BaseException) -> Failed:
        """Return what was raised, as text."""
        return cls("".join(traceback.format_exception(error)).rstrip())

    @property
    def reason(self) -> str:
        """The last line."""
        return self.error.splitlines()[-1] if self.error else "unknown"


#: Tasks as they are done, each with what came of it.
Outcomes = Generator[tuple[Task, "Validation | Failed"], None, None]


def measure(task: Task) -> Validation | Failed:
    """Do a task; what it raises is its result."""
    import validation

    own = {name: value for name, value in task.point.items() if name not in OF_ALL}
    try:
        return validation.validate(
            task.id,
            task.device,
            task.point.get("N", task.neurons),
            task.point.get("seed", task.seed),
            place=own or None,
        )
    except Exception as error:
        return Failed.by(error)
