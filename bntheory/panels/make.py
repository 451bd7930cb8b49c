"""A figure from beginning to end: trainings that are missing, claims, picture, data."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bntheory.panels import available, claims, drawing, find, store, theory
from bntheory.panels.panel import Settings
from bntheory.panels.points import Training, trainings
from bntheory.panels.workers import measured
from bntheory.workers import WorkerLost


def make(id: str, settings: Settings, output: Path) -> list[dict[str, Any]]:
    """Draw a figure, and write its data beside it.

    Points that are in the data file already are not made again; each that is made is written to it
    at once.

    Parameters
    ----------
    id : str
        One of :func:`bntheory.panels.available`.
    settings : Settings
        What the user chose.
    output : Path
        The picture; its data stand in the ``.json`` of the same name.

    Returns
    -------
    list of dict
        The claims, as in the data file.

    Raises
    ------
    bntheory.panels.store.NoData
        If there is another file where the data should be, or the data of other settings.
    bntheory.workers.WorkerLost
        If a training was killed.
    bntheory.cli.RequestError
        If a file cannot be written.
    """
    panel, title = find(id), available()[id]
    data = store.Store(output.with_suffix(".json"), store.head(id, title, settings))
    data.resume()
    wanted = list(trainings(id, panel, settings))
    missing = [training for training in wanted if not data.has(training)]
    if len(missing) < len(wanted):
        _say(f"{data.path} has {len(wanted) - len(missing)} of {len(wanted)} trainings already")
    loads = theory.grid(panel)
    curves = [theory.evaluate(curve, loads) for curve in panel.curves]
    _train(data, curves, wanted, missing)
    data.points = [point for training in wanted for point in data.of(training)]
    found = claims.judged(panel, settings.replicas, data.points)
    data.write(curves, found)
    drawing.save(drawing.draw(panel, title, settings, curves, data.points), output)
    return found


def _train(
    data: store.Store,
    curves: list[dict[str, Any]],
    wanted: Sequence[Training],
    missing: Sequence[Training],
) -> None:
    """Make the points that are missing; on a terminal, show how far it is."""
    all_of_it = sum(training.cost for training in wanted)
    bar = tqdm(
        total=all_of_it,
        initial=all_of_it - sum(training.cost for training in missing),
        desc=data.head["id"],
        bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed}, {remaining} to go",
        file=sys.stderr,
        leave=False,
        disable=None,
    )
    data.write(curves, [])
    try:
        with bar, closing(measured(missing)) as results:
            for training, points in results:
                data.points += points
                data.write(curves, [])
                bar.update(training.cost)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_so_far(data, wanted)) from None
    except WorkerLost:
        _say(_so_far(data, wanted))
        raise


def _so_far(data: store.Store, wanted: Sequence[Training]) -> str:
    done = sum(map(data.has, wanted))
    return f"{data.path} has {done} of {len(wanted)} trainings; the same command goes on there"


def _say(what: str) -> None:
    print(what, file=sys.stderr)
