"""The processor time of processes that were started, against that of one that does nothing."""

from __future__ import annotations

import resource
import subprocess
import sys
from functools import cache


def seconds() -> float:
    """Return what all children that have ended took so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@cache
def bare() -> float:
    """Return what an interpreter takes that starts and ends."""
    found = []
    for _ in range(5):
        started = seconds()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        found.append(seconds() - started)
    return min(found)
