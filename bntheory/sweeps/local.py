"""Tasks in processes of this machine: no server, and none to reach."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from bntheory.sweeps.task import Failed, Outcomes, Task, measure
from bntheory.workers import processors, worked


def outcomes(tasks: Sequence[Task]) -> Outcomes:
    """Yield each task with what came of it, in the order in which they are done.

    A process that is killed is a failed task; another process takes its place.
    """
    on_cpu = all(task.device == "cpu" for task in tasks)
    with closing(worked(measure, tasks, processors() if on_cpu else 1)) as results:
        for task, future in results:
            error = future.exception()
            yield task, future.result() if error is None else Failed.by(error)
