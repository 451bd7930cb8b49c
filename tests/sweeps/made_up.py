"""Statements that are quickly measured, in a package of their own in place of ``validation``.

It is written to a folder, which the processes that measure find first on their path.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copy
from time import monotonic, sleep

import pytest

import validation

#: Measures an average of normals about zeta; says in a folder who is at it; and at some points
#: raises, or kills its process, or does so the first time only.
MODULE = '''"""An average.

It is measured slowly.
"""

import os, signal, time
from pathlib import Path
import numpy as np
from bntheory.paper import Statement
from bntheory.verdict import judge

STATEMENT = Statement("average", "an average", "beyond the paper")
LOG = Path({log!r})


def validate(run):
    yield from at(run)


def at(run, *, zeta: float = 0.0, raises: int = -1, kills: int = -1):
    with (LOG / f"{{os.getpid()}}").open("a") as file:
        file.write(f"{{run.seed}} {{zeta}}\\n")
    time.sleep({seconds})
    if run.seed == raises:
        raise ValueError(f"seed {{run.seed}}\\nis not liked")
    if run.seed == kills and not (LOG / "killed").exists():
        (LOG / "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    rng = np.random.default_rng(run.generator("average").initial_seed())
    drawn = rng.standard_normal(400) + zeta
    yield judge("normals", "average", zeta, drawn.mean(), drawn.std(ddof=1) / 20, 0.5)
'''


class Statements:
    """The package, and what those that measure have said.

    Attributes
    ----------
    folder : Path
        Its place, to be on the path.
    """

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder, self._log = folder / "path", folder / "log"
        package = self.folder / "validation"
        package.mkdir(parents=True)
        self._log.mkdir()
        copy(validation.__file__, package)
        text = MODULE.format(log=str(self._log), seconds=seconds)
        (package / "average.py").write_text(text)

    def begun(self) -> list[str]:
        """Return seed and zeta of each task that was begun, as often as it was."""
        files = [path for path in self._log.iterdir() if path.name.isdecimal()]
        return [line for path in files for line in path.read_text().splitlines()]

    def processes(self) -> list[int]:
        """Return who has measured, the last one to begin first."""
        files = [path for path in self._log.iterdir() if path.name.isdecimal()]
        files.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [int(path.name) for path in files]


def put_first(statements: Statements, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process, and those that it starts, import the package in place of ours."""
    for name in [*sys.modules]:
        if name.partition(".")[0] == "validation":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(statements.folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


def until(happened: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something has happened."""
    end = monotonic() + seconds
    while not happened():
        assert monotonic() < end
        sleep(0.02)


def alive(process: int) -> bool:
    """Whether there is a process, other than one that is dead and not yet buried."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
