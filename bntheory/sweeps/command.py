"""``bntheory validate ID --over ...``: what is asked for, and what is said of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bntheory import cli
from bntheory.cli import FAILED, HELD, RequestError

if TYPE_CHECKING:
    import xarray as xr

    from bntheory.sweeps.loop import Sweep
    from bntheory.sweeps.task import Outcomes, Task

#: What a sweep takes.
LIBRARIES = ("zarr", "tqdm", "filelock")


def sweep(name: str, id: str, arguments: argparse.Namespace) -> int:
    """Do a sweep.

    Parameters
    ----------
    name : str
        Of the command.
    id : str
        The statement.
    arguments : Namespace
        Of the command.

    Returns
    -------
    int
        0 where every task is done and no derived prediction is refuted, 1 else.

    Raises
    ------
    bntheory.cli.RequestError
        If it cannot be done.
    """
    address = None if arguments.executor in (None, "local") else arguments.executor
    needed = LIBRARIES if address is None else (*LIBRARIES, "distributed")
    missing = [each for each in needed if not find_spec(each)]
    if missing:
        raise RequestError(f"a sweep needs {' and '.join(missing)}: pip install 'bntheory[sweeps]'")
    from bntheory.rendering.sweep import render
    from bntheory.sweeps.axes import BadAxis
    from bntheory.sweeps.cluster import SchedulerLost
    from bntheory.sweeps.dataset import Refused, read
    from bntheory.sweeps.loop import run

    path = Path(f"{id}.zarr" if arguments.results is None else arguments.results)
    try:
        run(_asked(id, arguments), path, _executor(address))
    except (BadAxis, SchedulerLost, Refused) as error:
        raise RequestError(str(error)) from None
    found = read(path)
    text = render(found, path, arguments.format)
    if arguments.output is not None:
        cli.write_file(arguments.output, text)
    elif arguments.format == "text":
        cli.say(text)
    else:
        cli.write(text)
    return _status(name, found)


def _asked(id: str, arguments: argparse.Namespace) -> Sweep:
    """Return the sweep that is asked for."""
    import validation
    from bntheory.sweeps.axes import axes, offered
    from bntheory.sweeps.loop import Sweep

    swept = axes(id, arguments.over, offered(validation.module(id)))
    for name, option in (("seed", "--seed"), ("N", "--neurons")):
        given = getattr(arguments, option.lstrip("-"))
        if given is not None and any(axis.name == name for axis in swept):
            raise RequestError(f"{option} {given} and --over {name}=...: one of them will do")
    seed = validation.SEED if arguments.seed is None else arguments.seed
    return Sweep(id, swept, seed, arguments.device, arguments.neurons)


def _executor(address: str | None) -> Callable[[Sequence[Task]], Outcomes]:
    """Return what does tasks; a scheduler has to answer."""
    if address is None:
        from bntheory.sweeps.local import outcomes

        return outcomes
    from bntheory.sweeps import cluster

    cluster.require(address)
    return partial(cluster.outcomes, address=address)


def _status(name: str, found: xr.Dataset) -> int:
    """Say which derived predictions are refuted, and return the exit status."""
    import numpy as np

    held = bool((found.state == "done").all())
    for k in range(found.sizes.get("check", 0)):
        check = found.isel(check=k)
        refuted = ((check.verdict == "refuted") & (check.state == "done")).values
        if check.form.item() == "derived" and refuted.any():
            held = False
            axes, first = check.attrs["axes"], np.argwhere(refuted)[0]
            point = ", ".join(
                f"{axis} = {check[axis].values[at]}" for axis, at in zip(axes, first, strict=True)
            )
            cli.complain(
                name,
                f"{check.attrs['id']}: REFUTED at {refuted.sum()} of {refuted.size} points: "
                f"{check.quantity.item()}, {check.system.item()}; the first is {point}",
            )
    return HELD if held else FAILED
