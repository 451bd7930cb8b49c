"""Work side by side, each piece in a process of one thread.

A process that is killed, as happens where memory does not suffice, takes the one piece along that
it was at.  The others go on, and a new process takes its place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class WorkerLost(RuntimeError):
    """A process ended before its work was done."""

    def __init__(self) -> None:
        super().__init__("a process was ended, for want of memory or by someone")


def worked(
    function: Callable[[Piece], Result], pieces: Iterable[Piece], processes: int
) -> Generator[tuple[Piece, Future[Result]], None, None]:
    """Yield each piece of work with its future, in the order in which they are done.

    The numbers do not depend on how many processes there are: each has one thread.

    Parameters
    ----------
    function : callable
        What is done with a piece.
    pieces : iterable
        Pickled, as the function is.
    processes : int
        How many there are at most.

    Yields
    ------
    piece, future
        The future is done, and has the result or what was raised: :class:`WorkerLost` where the
        process was killed.
    """
    before = set(multiprocessing.active_children())
    left = iter(pieces)
    running: dict[Future[Result], tuple[Piece, ProcessPoolExecutor]] = {}
    pools: list[ProcessPoolExecutor] = []

    def begin(piece: Piece, pool: ProcessPoolExecutor | None) -> None:
        """Begin a piece in a process that is free, or in a new one."""
        if pool is not None:
            with suppress(BrokenProcessPool):  # it was killed, if not at its last piece then after
                running[pool.submit(function, piece)] = piece, pool
                return
        with _interrupts_ignored():  # which a process inherits that is started now
            pool = _process()
            running[pool.submit(function, piece)] = piece, pool
        pools.append(pool)

    try:
        for piece in islice(left, processes):
            begin(piece, None)
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done, pool = running.pop(future)
                for piece in islice(left, 1):
                    begin(piece, pool)
                lost = isinstance(future.exception(), BrokenProcessPool)
                yield done, _lost() if lost else future
        for pool in pools:
            pool.shutdown()
    finally:
        ours = set(multiprocessing.active_children()) - before
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        for process in ours:
            process.terminate()


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _process() -> ProcessPoolExecutor:
    """Return a pool of one process: where it breaks, it is known which piece it was at."""
    # a fork would share the locks of the threads that there are
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=spawn, initializer=_begin)


def _lost() -> Future[Result]:
    """Return what is known of a piece whose process was killed."""
    future: Future[Result] = Future()
    future.set_exception(WorkerLost())
    return future


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
