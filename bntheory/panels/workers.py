"""Trainings side by side: each in a process of one thread on the CPU, one at a time on a GPU."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, Protocol, TypeVar

from bntheory.panels.points import Training, measure
from bntheory.workers import WorkerLost, processors, worked

#: As many processes at most: each has PyTorch, and the samples of its replicas, in memory.
WORKERS = 4


class OnDevice(Protocol):
    """Work that says where it is done."""

    @property
    def device(self) -> str:
        """The device, as torch has it."""


J = TypeVar("J", bound=OnDevice)
R = TypeVar("R")


def measured(
    trainings: Sequence[Training],
) -> Generator[tuple[Training, list[dict[str, Any]]], None, None]:
    """Yield each training with its points, in the order in which they are done."""
    yield from side_by_side(measure, trainings)


def side_by_side(work: Callable[[J], R], jobs: Sequence[J]) -> Generator[tuple[J, R], None, None]:
    """Yield each job with what becomes of it, in the order in which they are done.

    Raises
    ------
    bntheory.workers.WorkerLost
        If a process is killed, as it is where the memory does not suffice.
    """
    if not jobs:
        return
    with closing(worked(work, jobs, abreast(jobs))) as results:
        for job, future in results:
            try:
                done = future.result()
            except MemoryError:
                raise WorkerLost from None
            yield job, done


def abreast(jobs: Sequence[OnDevice]) -> int:
    """Return how many of some jobs run side by side."""
    return min(WORKERS, len(jobs), processors()) if jobs[0].device == "cpu" else 1
