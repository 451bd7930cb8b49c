"""Tasks on the workers of a Dask scheduler.

Where a worker is killed the scheduler gives its tasks to others, some times before it gives up.
The workers need this package, of the same version, and the libraries that it measures with.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError
from typing import Any

from bntheory.sweeps.task import Failed, Outcomes, Task, measure
from bntheory.verdict import Validation

#: How long a scheduler may take to answer, in seconds.
PATIENCE = 5

_ONE_AT_A_TIME = threading.Lock()


class SchedulerLost(RuntimeError):
    """There is no scheduler at an address, or it is there no more."""


def require(address: str) -> None:
    """Look whether a scheduler answers.

    Parameters
    ----------
    address : str
        For instance ``tcp://10.0.0.5:8786``.

    Raises
    ------
    SchedulerLost
        If none does.
    """
    from distributed.comm.core import connect
    from distributed.security import Security

    async def answer() -> None:
        given = Security().get_connection_args("client")
        async with asyncio.timeout(PATIENCE):  # for what listens there, and is no scheduler
            comm = await connect(address, timeout=PATIENCE, **given)
        await comm.close()

    try:
        asyncio.run(answer())
    except OSError:  # among which is a timeout
        raise SchedulerLost(
            f"no scheduler answers at {address!r}; 'local' needs none, and 'dask scheduler' starts "
            "one"
        ) from None
    except (ValueError, TypeError) as error:
        raise SchedulerLost(
            f"{address!r} is no address of a scheduler, as tcp://HOST:PORT is one: {error}"
        ) from None


def outcomes(tasks: Sequence[Task], address: str) -> Outcomes:
    """Yield each task with what came of it, in the order in which they are done.

    Parameters
    ----------
    tasks : sequence of Task
        Tasks wait where the scheduler has no workers yet.
    address : str
        Of the scheduler.

    Raises
    ------
    SchedulerLost
        If there is no scheduler, or it ends before the tasks are done.
    """
    from distributed import Client, as_completed

    require(address)
    # what it logs of a lost connection is raised, too, and said in one line
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        futures = client.map(_alone, tasks, pure=False)
        asked = {future.key: task for future, task in zip(futures, tasks, strict=True)}
        waiting = as_completed(futures, loop=client.loop)
        del futures  # a result is kept until its future is dropped
        for future in waiting:
            yield asked[future.key], _outcome(future, address)


def _outcome(future: Any, address: str) -> Validation | Failed:
    if future.status == "error":
        return Failed.by(future.exception())
    try:
        found: Validation | Failed = future.result()
    except CancelledError:
        raise SchedulerLost(f"the scheduler at {address!r} is there no more") from None
    return found


def _alone(task: Task) -> Validation | Failed:
    """Do a task in one thread, as the processes of :mod:`bntheory.sweeps.local` do."""
    import torch

    with _ONE_AT_A_TIME:
        torch.set_num_threads(1)
        return measure(task)
