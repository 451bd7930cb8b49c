"""A sweep from beginning to end: the tasks that are missing, written as they are done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bntheory.sweeps.axes import Axis, points
from bntheory.sweeps.cluster import SchedulerLost
from bntheory.sweeps.dataset import Dataset, Refused
from bntheory.sweeps.task import Failed, Outcomes, Task


@dataclass(frozen=True)
class Sweep:
    """What is swept over, and what is the same for all tasks.

    Attributes
    ----------
    id : str
        The statement.
    axes : tuple of Axis
    seed : int
    device : str
    neurons : int or None
        As for :func:`validation.validate`; where an axis has it, without a meaning.
    """

    id: str
    axes: tuple[Axis, ...]
    seed: int
    device: str
    neurons: int | None

    def tasks(self) -> Iterator[Task]:
        """Yield a task for each point."""
        for where, point in points(self.axes):
            yield Task(self.id, where, point, self.seed, self.device, self.neurons)

    def head(self) -> dict[str, Any]:
        """Return what has to agree for tasks to belong together, besides the axes."""
        import validation

        swept = {axis.name for axis in self.axes}
        return {
            "id": self.id,
            "seed": None if "seed" in swept else self.seed,
            "neurons": None if "N" in swept else self.neurons,
            "device": self.device,
            "versions": validation.versions(),
        }


def run(sweep: Sweep, path: Path, outcomes: Callable[[Sequence[Task]], Outcomes]) -> None:
    """Do the tasks of a sweep that its dataset does not have yet, and those that failed.

    Parameters
    ----------
    sweep : Sweep
        What is swept over.
    path : Path
        Of the dataset.
    outcomes : callable
        Does tasks, and yields each with what came of it.

    Raises
    ------
    bntheory.sweeps.dataset.Refused
        If the path is that of something else, or cannot be written.
    bntheory.sweeps.cluster.SchedulerLost
        If the tasks were given to a scheduler which is there no more.
    """
    with Dataset.of(path, sweep.head(), sweep.axes) as dataset:
        done = dataset.done()
        missing = [task for task in sweep.tasks() if not done[task.where]]
        if done.any():
            _say(f"{path} has {done.sum()} of {done.size} tasks already")
        if not missing:
            return
        bar = tqdm(
            total=done.size,
            initial=int(done.sum()),
            desc=sweep.id,
            bar_format="{desc} {n}/{total} |{bar}| {elapsed}, {remaining} to go",
            file=sys.stderr,
            leave=False,
            disable=None,
        )
        try:
            with bar, closing(outcomes(missing)) as results:
                for task, outcome in results:
                    written = dataset.write(task.where, outcome)
                    bar.update()
                    if isinstance(written, Failed):
                        with bar.external_write_mode(file=sys.stderr):
                            _say(f"{task}: failed: {written.reason}")
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_so_far(path, dataset)) from None
        except (Refused, SchedulerLost):
            _say(_so_far(path, dataset))
            raise


def _so_far(path: Path, dataset: Dataset) -> str:
    done = dataset.done()
    return f"{path} has {done.sum()} of {done.size} tasks; the same command goes on there"


def _say(what: str) -> None:
    print(what, file=sys.stderr)
