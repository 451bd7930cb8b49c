"""Trainings side by side, each in a process of one thread."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from bntheory.panels.points import Training, measure

#: As many processes at most: each has PyTorch, and the samples of its replicas, in memory.
WORKERS = 4


class WorkerLost(RuntimeError):
    """A process ended before its work was done."""


def measured(
    trainings: Sequence[Training],
) -> Generator[tuple[Training, list[dict[str, Any]]], None, None]:
    """Yield each training with its points, in the order in which they are done.

    The numbers do not depend on how many processes there are: each has one thread.

    Raises
    ------
    WorkerLost
        If a process is killed, as it is where the memory does not suffice.
    """
    if not trainings:
        return
    before = set(multiprocessing.active_children())
    on_cpu = trainings[0].device == "cpu"
    pool = ProcessPoolExecutor(
        min(WORKERS, len(trainings), _processors()) if on_cpu else 1,
        # a fork would share the locks of the threads that there are
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
    )
    try:
        with _interrupts_ignored():  # which processes inherit that are started now
            running = {pool.submit(measure, training): training for training in trainings}
        for done in as_completed(running):
            yield running[done], done.result()
        pool.shutdown()
    except (BrokenProcessPool, MemoryError):
        raise WorkerLost("a process was ended, for want of memory or by someone") from None
    finally:
        ours = set(multiprocessing.active_children()) - before
        pool.shutdown(wait=False, cancel_futures=True)
        for process in ours:
            process.terminate()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ignore Ctrl-C, which a terminal sends to all processes: the first one ends the others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _begin() -> None:
    """Compute in one thread, and end with the process that started this one."""
    import torch

    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
