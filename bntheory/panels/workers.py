"""Trainings side by side, each in a process of one thread."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

from bntheory.panels.points import Training, measure
from bntheory.workers import WorkerLost, processors, worked

#: As many processes at most: each has PyTorch, and the samples of its replicas, in memory.
WORKERS = 4


def measured(
    trainings: Sequence[Training],
) -> Generator[tuple[Training, list[dict[str, Any]]], None, None]:
    """Yield each training with its points, in the order in which they are done.

    Raises
    ------
    bntheory.workers.WorkerLost
        If a process is killed, as it is where the memory does not suffice.
    """
    on_cpu = all(training.device == "cpu" for training in trainings)
    processes = min(WORKERS, processors()) if on_cpu else 1
    with closing(worked(measure, trainings, processes)) as results:
        for training, future in results:
            try:
                points = future.result()
            except MemoryError:
                raise WorkerLost from None
            yield training, points
