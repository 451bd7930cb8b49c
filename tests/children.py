"""The processor time of processes that were started: a busy machine does not change it."""

from __future__ import annotations

import resource


def seconds() -> float:
    """Return what all children that have ended took so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
