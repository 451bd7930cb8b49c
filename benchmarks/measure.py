"""Ratios of times, measured by turns: what slows the machine down slows down both sides.

Times are processor times, of this process and of those it starts: that another one is given the
processor in between does not count.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

ROOT = Path(__file__).resolve().parents[1]

Task = Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """A figure to reach.

    Attributes
    ----------
    name : str
    ours, reference : float
        Shortest times in seconds.
    ratio, median : float
        Of the shortest times, and the median over the rounds: ours over the reference where
        ``faster`` is False, and the reference over ours where it is True.
    target : float
        The largest ratio allowed; where ``faster``, the smallest.
    note : str
    """

    name: str
    ours: float
    reference: float
    ratio: float
    median: float
    target: float
    faster: bool = False
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the ratio of the shortest times is on the right side of the target."""
        return self.ratio >= self.target if self.faster else self.ratio <= self.target


def compare(
    name: str,
    ours: Task,
    reference: Task,
    target: float,
    *,
    faster: bool = False,
    rounds: int = 15,
    weights: tuple[float, float] = (1.0, 1.0),
    note: str = "",
) -> Figure:
    """Time two tasks by turns.

    Parameters
    ----------
    weights : tuple of float
        What the times are multiplied by, where a task stands for more or less than one piece of
        work.
    """
    ours(), reference()  # caches, compiled files
    pairs = []
    for _ in range(rounds):
        pairs.append((weights[0] * _time(ours), weights[1] * _time(reference)))
    mine, theirs = (min(times) for times in zip(*pairs, strict=True))
    shares = [b / a if faster else a / b for a, b in pairs]
    ratio = theirs / mine if faster else mine / theirs
    return Figure(name, mine, theirs, ratio, statistics.median(shares), target, faster, note)


def _time(task: Task) -> float:
    start = _spent()
    task()
    return _spent() - start


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def repeated(function: Callable[..., object], arguments: tuple[object, ...], count: int) -> None:
    """Call a function many times."""
    for _ in range(count):
        function(*arguments)


def cold(arguments: Sequence[str], caches: str) -> Task:
    """Return a task that runs Python in a process of its own, with its compiled files cached."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT), PYTHONPYCACHEPREFIX=caches)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run() -> None:
        subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    return run


def caches() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for compiled files, so that none are left in the source tree."""
    return tempfile.TemporaryDirectory(prefix="bntheory-benchmarks-")
