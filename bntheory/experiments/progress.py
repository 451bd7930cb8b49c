"""How far trainings are, from the metrics that they write."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tqdm import tqdm

from bntheory.experiments.job import Job
from bntheory.experiments.machine import Machine
from bntheory.experiments.training import lines

#: Seconds from one look at the metrics to the next.
LOOK = 1.0


@contextmanager
def progress(jobs: Sequence[Job], each: int, here: Machine) -> Iterator[None]:
    """Show images a second, and the time that is left, while trainings write their metrics.

    Parameters
    ----------
    jobs : sequence of Job
        All of them, with those that are done.
    each : int
        The images of an epoch.
    here : Machine
        The first process alone shows it, and on a terminal alone.
    """
    bar = tqdm(
        total=each * sum(job.epochs for job in jobs),
        desc=jobs[0].figure,
        unit=" images",
        unit_scale=True,
        file=sys.stderr,
        leave=False,
        disable=None if here.rank == 0 else True,
    )
    ended = threading.Event()

    def seen() -> int:
        return each * sum(known[-1]["epoch"] for job in jobs if (known := lines(job)))

    def look() -> None:
        while not ended.wait(LOOK):
            bar.update(seen() - bar.n)

    bar.initial = bar.n = 0 if bar.disable else seen()
    watcher = threading.Thread(target=look, daemon=True)
    if not bar.disable:
        watcher.start()
    try:
        yield
    finally:
        ended.set()
        if watcher.is_alive():
            watcher.join()
        bar.close()
