"""One thin file per statement: the real system, measured against what is predicted.

A module with a function ``validate(run)`` validates the statement of its name (``_`` for ``-``): it
takes a :class:`bntheory.simulation.Run` and yields a :class:`bntheory.verdict.Check` for each
measurement.  A statement that the paper does not have is declared in the file that derives it, or,
where there is none, in this one.  A new file is a new validation; there is no list to keep.

A module may have a function ``at(run, *, eta=0.3, ...)`` too, which measures at one place: its
keyword-only arguments are what :mod:`bntheory.sweeps` can sweep over.

A function ``over_range()`` beside it, where there is one, compares the printed form with what holds
over the range that the paper uses, and yields a :class:`bntheory.gap.Gap` for each quantity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from time import perf_counter
from types import ModuleType
from typing import TYPE_CHECKING, Any

import derivations
from bntheory import __version__, paper
from bntheory.paper import Statement
from bntheory.paper.files import statements_in

if TYPE_CHECKING:
    from bntheory.gap import Gap
    from bntheory.verdict import Check, Validation


#: Of the random numbers, unless there is another one.
SEED = 2019


class NotValidated(LookupError):
    """The statement exists and is not validated yet."""


def available() -> dict[str, Statement]:
    """Return the statements that are validated so far: the paper's in its order, then others."""
    return statements_in(__path__, "validate", paper.BY_ID | derivations.available())


def find(id: str) -> Statement:
    """Return a statement of the paper or beyond it.

    Raises
    ------
    bntheory.paper.UnknownStatement
        No statement has this id.
    """
    return available().get(id.lower()) or paper.find(id)


def validate(
    id: str,
    device: str = "cpu",
    neurons: int | None = None,
    seed: int = SEED,
    watch: Callable[[Check], None] | None = None,
    place: Mapping[str, Any] | None = None,
) -> Validation:
    """Measure what a statement predicts.

    Parameters
    ----------
    id : str
        An id or alias of :data:`bntheory.paper.STATEMENTS`, or one beyond the paper.
    device : {"cpu", "cuda"}
        Where the simulation runs.
    neurons : int, optional
        The size of the networks; without it, what each measurement takes of itself.
    seed : int
        The same seed on the same device gives the same numbers.
    watch : callable, optional
        Called with each check when it is made.
    place : mapping, optional
        What the module's function ``at`` is given, which measures at one place; without it, the
        statement is measured at all its default places.

    Raises
    ------
    bntheory.paper.UnknownStatement
        No statement has this id.
    NotValidated
        The statement exists and is not validated yet.
    ValueError
        There is no such device, or the size is not positive.
    """
    from bntheory.simulation.run import Run
    from bntheory.verdict import Validation

    statement, measuring = find(id), module(id)
    started = perf_counter()
    run = Run(seed, device, neurons)
    measurements: Iterator[Check]
    measurements = measuring.validate(run) if place is None else measuring.at(run, **place)
    checks = []
    for check in measurements:
        checks.append(check)
        if watch is not None:
            watch(check)
    return Validation(
        statement.id,
        statement.title,
        statement.place,
        tuple(checks),
        seed,
        device,
        versions(),
        perf_counter() - started,
        " ".join((measuring.__doc__ or "").partition("\n\n")[2].split()),
    )


def module(id: str) -> ModuleType:
    """Return the module that measures a statement.

    Raises
    ------
    bntheory.paper.UnknownStatement, NotValidated
        As for :func:`validate`.
    """
    statement = find(id)
    if statement.id not in available():
        raise NotValidated(
            f"{statement.id} is not validated yet; validated so far: {', '.join(available())}"
        )
    return import_module(f"validation.{statement.id.replace('-', '_')}")


def gaps(id: str) -> Iterator[Gap]:
    """Yield how far the print of a statement is off over the paper's range, where it is known.

    Nothing is known without PyTorch, which the measurements need.
    """
    if id not in available():
        return
    try:
        module = import_module(f"validation.{id.replace('-', '_')}")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        return
    if hasattr(module, "over_range"):
        yield from module.over_range()


def versions() -> dict[str, str]:
    """Return the versions of what measures."""
    from platform import python_version

    import numpy
    import scipy
    import torch

    libraries = {module.__name__: module.__version__ for module in (torch, numpy, scipy)}
    return {"bntheory": __version__, "python": python_version(), **libraries}
