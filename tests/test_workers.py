"""Work in processes: one that is killed takes its own piece along, and no other."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from bntheory import workers
from bntheory.workers import WorkerLost, worked


def work(piece: int) -> tuple[int, int]:
    """Return a square and the process; a negative number kills the process, zero raises."""
    if piece < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if not piece:
        raise ValueError("nothing")
    return piece**2, os.getpid()


def test_a_killed_process_is_replaced() -> None:
    before = set(multiprocessing.active_children())
    found = {piece: future for piece, future in worked(work, [1, 2, -1, 0, 3], 1)}
    assert list(found) == [1, 2, -1, 0, 3]
    assert isinstance(found[-1].exception(), WorkerLost)
    assert isinstance(found[0].exception(), ValueError)
    results = {piece: found[piece].result() for piece in (1, 2, 3)}
    assert [square for square, _ in results.values()] == [1, 4, 9]
    assert results[1][1] == results[2][1] != results[3][1]
    assert set(multiprocessing.active_children()) == before


def test_a_process_that_was_killed_after_its_work_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was free when it was killed: nothing is lost."""

    class Once(ThreadPoolExecutor):
        used = False

        def submit(self, *given: Any, **more: Any) -> Future[Any]:
            if self.used:
                raise BrokenProcessPool
            self.used = True
            return super().submit(*given, **more)

    monkeypatch.setattr(workers, "_process", lambda: Once(1))
    found = {piece: future.result()[0] for piece, future in worked(work, range(1, 6), 2)}
    assert found == {1: 1, 2: 4, 3: 9, 4: 16, 5: 25}


def test_who_stops_looking_ends_the_processes() -> None:
    before = set(multiprocessing.active_children())
    results = worked(work, range(1, 100), 1)
    next(results)
    results.close()
    for process in set(multiprocessing.active_children()) - before:
        process.join(10)
    assert set(multiprocessing.active_children()) == before
